// The naive twin of the kernel: SPEC section 2 in plain objects, Maps and arrays, to be read in ten
// minutes. It is what the kernel is held against, so it is slow on purpose and shares no code with
// it. What is kept of a line depends on that line's own events alone; time is only ever read.

/** One raise ("down") or clear ("up") of one alarm; time in epoch ms. */
export interface ModelEvent {
  line: string;
  time: number;
  state: 'down' | 'up';
  /** Absent or "" is the unnamed alarm; a clear with "*" clears all alarms of its key. */
  alarm?: string;
  cause?: string;
  /** The alarmed object, where it is not the line; then aliases are not asked. */
  key?: string;
}

/** `starts` interruption starts within `windowMs` open an episode. */
export interface FlapRule {
  name: string;
  starts: number;
  windowMs: number;
}

/** The rules of the window detector, of outages and of repeat faults; durations in ms. */
export interface Rules {
  /** Tried in this order; the first that holds names the episode. */
  flap: readonly FlapRule[];
  /** Q: an episode ends when its line has had no transition for so long. */
  quietMs: number;
  /** An interruption of this length or more is an outage. */
  outageMs: number;
  /** An outage that starts so soon after the previous outage's end is a repeat fault. */
  repeatMs: number;
  /** Whether "interruption-start" findings are wanted (`--starts`). */
  starts: boolean;
}

export const DEFAULT_RULES: Rules = {
  flap: [
    { name: '4 in 10m', starts: 4, windowMs: 600_000 },
    { name: '5 in 1h', starts: 5, windowMs: 3_600_000 },
  ],
  quietMs: 1_800_000,
  outageMs: 60_000,
  repeatMs: 30 * 24 * 3_600_000,
  starts: false,
};

type Of<Kind, Fields> = { kind: Kind; line: string } & Fields;
type Judged = { class: 'momentary' | 'outage'; cause?: string };
type Episode = { since: number; rule: string; detector: 'window' };

/** SPEC section 3's findings, as far as the model goes; an open interruption's `end` is null. */
export type Finding =
  | Of<'interruption', { start: number; end: number | null; n: number } & Judged>
  | Of<'flap-start', Episode & { at: number }>
  | Of<'flap-end', Episode & { at: number; start: number; interruptions: number }>
  | Of<'repeat-fault', { start: number; previousEnd: number }>
  | Of<'interruption-start', { start: number; n: number }>;

/** What is kept of a line. */
export class LineState {
  /** Active alarms: alarmed key -> identities ("" is the unnamed one). Down = any at all. */
  readonly alarms = new Map<string, Set<string>>();
  /** The last effective time; null before the first event. */
  effective: number | null = null;
  /** Named by a rejected event, with no event since. */
  unknown = false;
  /** Ordinal of the last interruption, from 1; 0 before the first. */
  n = 0;
  /** The open interruption; alarm = identity of the raise that started it. */
  open: { start: number; n: number; alarm: string; cause?: string } | null = null;
  lastTransition: number | null = null;
  previousOutageEnd: number | null = null;
  /** Starts since the last episode, oldest first, at most as many as the largest rule asks for. */
  starts: number[] = [];
  episode: { at: number; since: number; rule: string; interruptions: number } | null = null;

  constructor(readonly line: string) {}
}

/** A time of a line that is not known: from the last event before a reject to the next after it. */
export interface UnknownPeriod {
  line: string;
  /** null: before any event of the line. */
  from: number | null;
  /** null: still unknown. */
  until: number | null;
}

/** Kinds in SPEC section 3's order: findings of one event on one line come in this order. */
const KINDS = ['interruption', 'flap-start', 'flap-end', 'repeat-fault', 'interruption-start'];

/** The fold over one partition's events. */
export class Model {
  rules: Rules;
  /** Everything that ended or started so far; what is still open comes from `read`. */
  readonly findings: Finding[] = [];
  /** Lines in the order of their first appearance. */
  readonly lines = new Map<string, LineState>();
  readonly unknownPeriods: UnknownPeriod[] = [];
  /** The largest effective time of any line; null before the first event. */
  maxEffective: number | null = null;
  /** Events that ran behind their line, and events that changed nothing; counted once a line. */
  late = 0;
  duplicates = 0;
  private readonly aliases = new Map<string, Set<string>>();

  /** @param aliases rows (key, line) of aliases.csv, in the file's order. */
  constructor(rules: Partial<Rules> = {}, aliases: Iterable<readonly [string, string]> = []) {
    this.rules = { ...DEFAULT_RULES, ...rules };
    for (const [key, line] of aliases) {
      const lines = this.aliases.get(key) ?? new Set();
      this.aliases.set(key, lines.add(line));
    }
  }

  /** Applies one accepted event to every line that its alarmed object carries. */
  apply(event: ModelEvent): void {
    for (const line of this.linesOf(event.line, event.key)) {
      const before = this.findings.length;
      this.applyTo(this.stateOf(line), event);
      const caused = this.findings.splice(before);
      caused.sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
      this.findings.push(...caused);
    }
  }

  /** A rejected event changes nothing of the lines it names but their coverage. */
  reject(lineOrKey: string, key?: string): void {
    for (const line of this.linesOf(lineOrKey, key)) {
      const state = this.stateOf(line);
      if (!state.unknown) {
        state.unknown = true;
        this.unknownPeriods.push({ line, from: state.effective, until: null });
      }
    }
  }

  /** New rules are judged at the next start, on the starts kept; an open episode keeps its rule. */
  changeRules(rules: Partial<Rules>): void {
    this.rules = { ...this.rules, ...rules };
  }

  /** What is read of the open state at time c (epoch ms), lines in order of first appearance. */
  read(c: number | null = this.maxEffective): Finding[] {
    const read: Finding[] = [];
    if (c === null) return read;
    for (const state of this.lines.values()) {
      if (state.open !== null) read.push(this.interruption(state, null, c));
      if (this.episodeIsOver(state, c)) read.push(this.flapEnd(state));
      if (state.open !== null && this.isRepeatFault(state, c)) read.push(repeatFault(state));
    }
    return read;
  }

  /** An event that carries its key names a line; otherwise it names a key, and aliases are asked. */
  private linesOf(line: string, key: string | undefined): Iterable<string> {
    if (key !== undefined) return [line];
    return this.aliases.get(line) ?? [line];
  }

  private stateOf(line: string): LineState {
    const state = this.lines.get(line) ?? new LineState(line);
    this.lines.set(line, state);
    return state;
  }

  private applyTo(state: LineState, event: ModelEvent): void {
    // An event that runs behind is clamped to the line's last effective time, and applied.
    const effective = Math.max(event.time, state.effective ?? event.time);
    if (event.time < effective) this.late += 1;
    state.effective = effective;
    this.maxEffective = Math.max(effective, this.maxEffective ?? effective);
    this.endUnknown(state, effective);

    // The end of an episode is judged before the event is applied, whatever the event is.
    if (this.episodeIsOver(state, effective)) {
      this.findings.push(this.flapEnd(state));
      state.episode = null;
      state.starts = [];
    }

    const wasDown = state.alarms.size > 0;
    const changed = event.state === 'down' ? raise(state, event) : clear(state, event);
    if (!changed) {
      this.duplicates += 1;
      return;
    }
    const isDown = state.alarms.size > 0;
    if (!wasDown && isDown) this.start(state, effective, event.alarm ?? '');
    if (wasDown && !isDown) this.end(state, effective);
    // An interruption's cause is that of the first of its raises that has one.
    if (event.state === 'down' && state.open !== null && !state.open.cause && event.cause) {
      state.open.cause = event.cause;
    }
  }

  private endUnknown(state: LineState, effective: number): void {
    if (!state.unknown) return;
    state.unknown = false;
    const period = this.unknownPeriods.findLast((each) => each.line === state.line)!;
    period.until = effective;
  }

  private start(state: LineState, t: number, alarm: string): void {
    state.n += 1;
    state.open = { start: t, n: state.n, alarm };
    state.lastTransition = t;
    if (this.rules.starts) {
      this.findings.push({ kind: 'interruption-start', line: state.line, start: t, n: state.n });
    }
    if (state.episode !== null) {
      state.episode.interruptions += 1;
      return;
    }
    const largest = Math.max(...this.rules.flap.map((rule) => rule.starts));
    state.starts = [...state.starts, t].slice(-largest);
    // A rule (K, W) holds when the K-th last start, this one included, is at most W ago.
    for (const rule of this.rules.flap) {
      const since = state.starts.at(-rule.starts);
      if (since === undefined || t - since > rule.windowMs) continue;
      state.episode = { at: t, since, rule: rule.name, interruptions: rule.starts };
      this.findings.push(flapStart(state));
      return;
    }
  }

  private end(state: LineState, t: number): void {
    this.findings.push(this.interruption(state, t, t));
    if (this.isRepeatFault(state, t)) this.findings.push(repeatFault(state));
    if (this.isOutage(state, t)) state.previousOutageEnd = t;
    state.open = null;
    state.lastTransition = t;
  }

  /** Whether the open interruption, up to t, is an outage. */
  private isOutage(state: LineState, t: number): boolean {
    return t - state.open!.start >= this.rules.outageMs;
  }

  private isRepeatFault(state: LineState, t: number): boolean {
    const previousEnd = state.previousOutageEnd;
    if (previousEnd === null || !this.isOutage(state, t)) return false;
    return state.open!.start - previousEnd <= this.rules.repeatMs;
  }

  private episodeIsOver(state: LineState, t: number): boolean {
    return state.episode !== null && t >= state.lastTransition! + this.rules.quietMs;
  }

  private interruption(state: LineState, end: number | null, t: number): Finding {
    const { start, n, cause } = state.open!;
    const { line } = state;
    const judged = this.isOutage(state, t) ? 'outage' : 'momentary';
    const finding: Finding = { kind: 'interruption', line, start, end, class: judged, n };
    if (cause !== undefined) finding.cause = cause;
    return finding;
  }

  private flapEnd({ line, episode, lastTransition }: LineState): Finding {
    const { at: start, since, rule, interruptions } = episode!;
    const at = lastTransition! + this.rules.quietMs;
    return { kind: 'flap-end', line, at, start, since, rule, interruptions, detector: 'window' };
  }
}

function flapStart({ line, episode }: LineState): Finding {
  const { at, since, rule } = episode!;
  return { kind: 'flap-start', line, at, since, rule, detector: 'window' };
}

function repeatFault({ line, open, previousOutageEnd }: LineState): Finding {
  return { kind: 'repeat-fault', line, start: open!.start, previousEnd: previousOutageEnd! };
}

/** Raises an alarm of the line; false when it is active already (a duplicate). */
function raise(state: LineState, { line, key = line, alarm = '' }: ModelEvent): boolean {
  const active = state.alarms.get(key) ?? new Set();
  if (active.has(alarm)) return false;
  state.alarms.set(key, active.add(alarm));
  return true;
}

/** Clears an alarm, or with "*" all of its key; false when none was active (a duplicate). */
function clear(state: LineState, { line, key = line, alarm = '' }: ModelEvent): boolean {
  const active = state.alarms.get(key);
  if (active === undefined || (alarm !== '*' && !active.delete(alarm))) return false;
  if (alarm === '*' || active.size === 0) state.alarms.delete(key);
  return true;
}
