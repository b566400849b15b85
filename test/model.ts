// The naive twin of the kernel: SPEC section 2 in plain objects, Maps and arrays, to be read in ten
// minutes: the words in model-types.ts, alarms in model-alarms.ts, the detectors beside the primary one
// in model-detectors.ts. It is what the kernel is held against, so it is slow on purpose and shares no
// code with it. What is kept of a line depends on that line's own events alone; time is only ever read.

import type { Keeping } from './model-alarms.js';
import { Detectors } from './model-detectors.js';
import { DEFAULT_RULES, type Finding, type LineRules, LineState } from './model-types.js';
import type { ModelEvent, Rules, UnknownPeriod } from './model-types.js';

export * from './model-types.js';

/** Kinds in SPEC section 3's order: findings of one event on one line come in this order. */
const KINDS = [
  'interruption',
  'flap-start',
  'flap-end',
  'transient',
  'repeat-fault',
  'interruption-start',
];

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
  /** Events that were ignored, once a line. */
  ignored = 0;
  readonly detectors: Detectors;
  private readonly classNames = new Map<string, string | null>();
  private readonly aliases = new Map<string, Set<string>>();

  /** @param aliases rows (key, line) of aliases.csv, in the file's order. */
  constructor(rules: Partial<Rules> = {}, aliases: Iterable<readonly [string, string]> = []) {
    this.rules = { ...DEFAULT_RULES, ...rules };
    this.detectors = new Detectors(this.rules.detectors);
    for (const [key, line] of aliases) {
      const lines = this.aliases.get(key) ?? new Set();
      this.aliases.set(key, lines.add(line));
    }
  }

  /** Applies one accepted event to every line that its alarmed object carries. */
  apply(event: ModelEvent): void {
    for (const line of this.linesOf(event.line, event.key)) {
      if (this.isIgnored(line, event)) {
        this.ignored += 1;
        continue;
      }
      const before = this.findings.length;
      this.applyTo(this.stateOf(line), event);
      this.findings.push(...inOrder(this.findings.splice(before)));
    }
  }

  /** Listed, and not the clear of an alarm that is active: what is active must be able to end. */
  private isIgnored(line: string, { line: named, key = named, alarm = '', ...event }: ModelEvent) {
    const { alarms, causes } = this.rules.ignore;
    const listed = alarms.includes(alarm) || causes.includes(event.cause ?? '');
    const clears = event.state === 'up' && this.lines.get(line)?.alarms.isActive(key, alarm);
    return listed && !clears;
  }

  /**
   * An alias ends: its key's alarms on that line are cleared at the line's last effective time. A key
   * that gets its first alias so ends to be a line of its own.
   */
  endAlias(key: string, line: string): void {
    const lines = this.aliases.get(key);
    if (!lines?.delete(line) && key !== line) return;
    if (lines?.size === 0) this.aliases.delete(key);
    const state = this.lines.get(line);
    if (!state?.alarms.clear(key, '*') || state.alarms.anyActive) return;
    const before = this.findings.length;
    state.open!.uncertain = true;
    this.end(state, state.effective!);
    this.findings.push(...inOrder(this.findings.splice(before)));
  }

  /** A key leads to one more line from now on. */
  addAlias(key: string, line: string): void {
    this.aliases.set(key, (this.aliases.get(key) ?? new Set()).add(line));
  }

  /** A rejected event changes nothing of the lines it names but their coverage. */
  reject(lineOrKey: string, key?: string): void {
    for (const line of this.linesOf(lineOrKey, key)) {
      const state = this.stateOf(line);
      if (!state.unknown) {
        state.unknown = true;
        this.unknownPeriods.push({ line, from: state.effective, until: null, stale: false });
      }
    }
  }

  /** New rules are judged at the next start, on the starts kept; an open episode keeps its rule. */
  changeRules(rules: Partial<Rules>): void {
    this.rules = { ...this.rules, ...rules };
    const known = new Set(this.rules.classes.map(({ name }) => name));
    for (const [line, name] of this.classNames) {
      if (name !== null && !known.has(name)) this.classNames.set(line, null);
    }
    for (const state of this.lines.values()) {
      state.className = this.classNames.get(state.line) ?? null;
      state.starts = state.starts.slice(-this.largest());
      state.alarms.keep(this.keeping());
    }
    this.detectors.changeRules(this.rules.detectors, [...this.lines.values()]);
  }

  /** A line belongs to a class from now on; null = to none. */
  setClass(line: string, className: string | null): void {
    this.classNames.set(line, className);
    const state = this.lines.get(line);
    if (state === undefined) return;
    state.className = className;
    this.detectors.forgetOthers(state);
  }

  /** A manual reset: open episodes end now, starts are forgotten; alarms and interruptions stay. */
  reset(line: string): void {
    const state = this.lines.get(line);
    if (state === undefined) return;
    const at = state.effective!;
    if (state.episode) this.findings.push({ ...this.flapEnd(state), at, reset: true });
    state.episode = null;
    state.starts = [];
    this.findings.push(...this.detectors.reset(state));
  }

  /** Starts are kept as many as the largest K of any class. */
  private largest(): number {
    const sets: LineRules[] = [this.rules, ...this.rules.classes.map((each) => each.rules)];
    return Math.max(1, ...sets.flatMap(({ flap }) => flap.map((rule) => rule.starts)));
  }

  /** Raises are kept where any class can have stale alarms. */
  private keeping(): Keeping {
    const sets: LineRules[] = [this.rules, ...this.rules.classes.map((each) => each.rules)];
    const { chatter } = this.rules;
    return { chatter, raises: chatter || sets.some(({ staleAfterMs }) => staleAfterMs !== null) };
  }

  /** The rules of a line's class. */
  rulesOf({ className }: LineState): LineRules {
    return this.rules.classes.find(({ name }) => name === className)?.rules ?? this.rules;
  }

  /** What is read of the open state at time c (epoch ms), lines in order of first appearance. */
  read(c: number | null = this.maxEffective): Finding[] {
    const read: Finding[] = [];
    if (c === null) return read;
    for (const state of this.lines.values()) {
      read.push(...this.asStored(state, c, () => this.readLine(state, c)));
    }
    return read;
  }

  /** Reads a line as if it had an event at c: an end that waits is stored, and then it is undone. */
  asStored(state: LineState, c: number, read: () => Finding[]): Finding[] {
    const kept = { ...state };
    const bringBack = this.detectors.hold(state);
    const before = this.findings.length;
    if (this.hasEndedBy(state, c)) this.storeEnd(state);
    const found = [...this.findings.splice(before), ...read()];
    Object.assign(state, kept);
    bringBack();
    return inOrder(found);
  }

  private readLine(state: LineState, c: number): Finding[] {
    const read: Finding[] = [];
    if (state.open !== null) {
      // What is stale counts as long as it was known to last.
      const known = Math.min(c, this.staleFrom(state));
      const uncertain = known < c || state.open.uncertain;
      const finding = this.interruption(state, null, known);
      read.push(uncertain ? { ...finding, uncertain: true } : finding);
      if (this.isRepeatFault(state, known)) read.push(repeatFault(state));
    }
    // While an end waits it is not decided whether it is a transition.
    if (state.ended !== null) return read;
    if (this.episodeIsOver(state, c)) read.push(this.flapEnd(state));
    return [...read, ...this.detectors.read(state, c)];
  }

  /** The last time at which the line's alarms are not stale; Infinity when they cannot become so. */
  staleFrom(state: LineState): number {
    const { staleAfterMs } = this.rulesOf(state);
    if (staleAfterMs === null || !state.alarms.anyActive) return Infinity;
    return Math.max(state.open!.start, state.alarms.newestRaise()) + staleAfterMs;
  }

  /** Whether an end waits that nothing at t can be joined to. */
  private hasEndedBy(state: LineState, t: number): boolean {
    return state.ended !== null && t > state.ended + (this.rulesOf(state).mergeGapMs ?? -1);
  }

  /** An event that carries its key names a line; otherwise it names a key, and aliases are asked. */
  private linesOf(line: string, key: string | undefined): Iterable<string> {
    if (key !== undefined) return [line];
    return this.aliases.get(line) ?? [line];
  }

  private stateOf(line: string): LineState {
    const state = this.lines.get(line) ?? new LineState(line, this.classNames.get(line) ?? null);
    this.lines.set(line, state);
    return state;
  }

  private applyTo(state: LineState, event: ModelEvent): void {
    // An event that runs behind is clamped to the line's last effective time, and applied.
    const effective = Math.max(event.time, state.effective ?? event.time);
    if (event.time < effective) this.late += 1;
    const staleFrom = this.staleFrom(state);
    this.endUnknown(state, effective, staleFrom);
    state.effective = effective;
    this.maxEffective = Math.max(effective, this.maxEffective ?? effective);
    this.settle(state, event, effective);
    if (state.ended === null) this.judgeEpisodes(state, effective);
    this.change(state, event, effective, effective > staleFrom);
    this.findings.push(...this.detectors.sample(state, effective, state.alarms.anyActive));
  }

  /** An end that waits is stored once an event lies behind the gap; before that a raise joins. */
  private settle(state: LineState, event: ModelEvent, effective: number): void {
    if (this.hasEndedBy(state, effective)) this.storeEnd(state);
    else if (event.state === 'down') state.ended = null;
  }

  /** The end of an episode is judged before the event is applied, whatever the event is. */
  private judgeEpisodes(state: LineState, effective: number): void {
    if (this.episodeIsOver(state, effective)) {
      this.findings.push(this.flapEnd(state));
      state.episode = null;
      state.starts = [];
    }
    this.findings.push(...this.detectors.judge(state, effective));
  }

  /** Applies the event to the line's alarms. */
  private change(state: LineState, event: ModelEvent, effective: number, stale: boolean): void {
    const { line, key = line, alarm = '' } = event;
    const changed =
      event.state === 'down'
        ? state.alarms.raise(key, alarm, effective, this.keeping())
        : state.alarms.clear(key, alarm);
    if (!changed) {
      this.duplicates += 1;
      return;
    }
    const isDown = state.alarms.anyActive;
    if (isDown && state.open === null) this.start(state, effective, alarm);
    if (!isDown && state.open !== null) {
      if (stale) state.open.uncertain = true;
      this.end(state, effective);
    }
    // An interruption's cause is that of the first of its raises that has one.
    if (event.state === 'down' && state.open !== null && !state.open.cause && event.cause) {
      state.open.cause = event.cause;
    }
  }

  private endUnknown(state: LineState, effective: number, staleFrom: number): void {
    if (!state.unknown) {
      const { line } = state;
      const from = Math.max(staleFrom, state.effective ?? -Infinity);
      if (from < effective) this.unknownPeriods.push({ line, from, until: effective, stale: true });
      return;
    }
    state.unknown = false;
    const period = this.unknownPeriods.findLast((each) => each.line === state.line)!;
    period.until = effective;
  }

  private start(state: LineState, t: number, alarm: string): void {
    state.n += 1;
    state.open = { start: t, n: state.n, alarm };
    state.lastTransition = t;
    this.judgeStart(state, t);
    this.findings.push(...this.detectors.start(state, t));
    if (this.rules.starts) {
      this.findings.push({ kind: 'interruption-start', line: state.line, start: t, n: state.n });
    }
  }

  private judgeStart(state: LineState, t: number): void {
    if (state.episode !== null) {
      state.episode.interruptions += 1;
      return;
    }
    state.starts = [...state.starts, t].slice(-this.largest());
    // A rule (K, W) holds when the K-th last start, this one included, is at most W ago.
    for (const rule of this.rulesOf(state).flap) {
      const since = state.starts.at(-rule.starts);
      if (since === undefined || t - since > rule.windowMs) continue;
      state.episode = { at: t, since, rule: rule.name, interruptions: rule.starts };
      this.findings.push(flapStart(state));
      return;
    }
  }

  private end(state: LineState, t: number): void {
    state.ended = t;
    if (this.rulesOf(state).mergeGapMs === null) this.storeEnd(state);
  }

  private storeEnd(state: LineState): void {
    const { start } = state.open!;
    const t = state.ended!;
    this.findings.push(this.interruption(state, t, t));
    this.findings.push(...this.detectors.end(state, start, t));
    if (!this.isOutage(state, t)) {
      const corrected = Math.max(0, t - start - this.rulesOf(state).correctionMs);
      this.findings.push(...this.detectors.momentary(state, t, corrected));
    }
    if (this.isRepeatFault(state, t)) this.findings.push(repeatFault(state));
    if (this.isOutage(state, t)) state.previousOutageEnd = t;
    state.open = null;
    state.ended = null;
    state.lastTransition = t;
  }

  /** Whether the open interruption, up to t, is an outage. */
  private isOutage(state: LineState, t: number): boolean {
    const { outageMs, correctionMs } = this.rulesOf(state);
    return Math.max(0, t - state.open!.start - correctionMs) >= outageMs;
  }

  private isRepeatFault(state: LineState, t: number): boolean {
    const previousEnd = state.previousOutageEnd;
    if (previousEnd === null || !this.isOutage(state, t)) return false;
    return state.open!.start - previousEnd <= this.rulesOf(state).repeatMs;
  }

  private episodeIsOver(state: LineState, t: number): boolean {
    return state.episode !== null && t >= state.lastTransition! + this.rulesOf(state).quietMs;
  }

  private interruption(
    state: LineState,
    end: number | null,
    t: number,
  ): Extract<Finding, { kind: 'interruption' }> {
    const { start, n, cause, uncertain } = state.open!;
    const { line } = state;
    const judged = this.isOutage(state, t) ? 'outage' : 'momentary';
    const finding: ReturnType<typeof this.interruption> = {
      kind: 'interruption',
      line,
      start,
      end,
      class: judged,
      n,
    };
    if (cause !== undefined) finding.cause = cause;
    if (uncertain) finding.uncertain = true;
    const corrected = Math.max(0, t - start - this.rulesOf(state).correctionMs);
    if (end !== null && corrected !== end - start) finding.correctedMs = corrected;
    return finding;
  }

  private flapEnd(state: LineState): Extract<Finding, { kind: 'flap-end' }> {
    const { line, lastTransition } = state;
    const { at: start, since, rule, interruptions } = state.episode!;
    const at = lastTransition! + this.rulesOf(state).quietMs;
    return { kind: 'flap-end', line, at, start, since, rule, interruptions, detector: 'window' };
  }
}

/** The findings of one event on one line, in the order of their kinds. */
function inOrder(findings: Finding[]): Finding[] {
  return findings.toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
}

function flapStart({ line, episode }: LineState): Finding {
  const { at, since, rule } = episode!;
  return { kind: 'flap-start', line, at, since, rule, detector: 'window' };
}

function repeatFault({ line, open, previousOutageEnd }: LineState): Finding {
  return { kind: 'repeat-fault', line, start: open!.start, previousEnd: previousOutageEnd! };
}
