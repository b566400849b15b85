// The naive twin of the detectors beside the primary one (SPEC section 2), in plain objects and
// arrays. Lists are kept whole, sums are made anew each time, nothing is shared with the kernel but the
// arithmetic of decay (assembly/decay.ts, held against Math.pow by a test of its own), since both must
// round alike. model.ts tells it what happens to a line; its `Detectors` is all that model.ts knows.

import { decayed, exp2 } from '../assembly/decay.js';
import { type Detector, type FlapRule, ruleWords } from '../src/config/rules.js';

/** What a detector may ask of a line; `lastTransition` and `open` as they are before the event. */
export interface LineFacts {
  readonly line: string;
  /** The name of its class, null = none. */
  readonly className: string | null;
  readonly effective: number | null;
  readonly lastTransition: number | null;
  /** The open interruption. */
  readonly open: { readonly start: number } | null;
}

/** An open episode. */
export interface DetectorEpisode {
  at: number;
  since: number;
  rule: string;
  interruptions: number;
}

type Of<Kind, Fields> = { kind: Kind; line: string; detector: string } & Fields;
type FlapStart = Of<'flap-start', { at: number; since: number; rule: string }>;
type FlapEnd = Of<
  'flap-end',
  { at: number; start: number; since: number; rule: string; interruptions: number; reset?: true }
>;
type Transient = Of<'transient', { at: number; count: number; durationMs: number }>;
export type DetectorFinding = FlapStart | FlapEnd | Transient;

/** What one detector knows of one line. Every list grows for ever: this is the naive form. */
interface State {
  episode: DetectorEpisode | null;
  /** Window: starts since the last episode, oldest first, as many as the largest K. */
  starts: number[];
  /** Penalty: the value at `updated`, and the starts since it was last below R. */
  value: number;
  updated: number;
  evidence: number[];
  /** Weighted: the samples since the last quiet end, and the state before them (null = unknown). */
  samples: { t: number; changed: boolean; started: boolean }[];
  lastDown: boolean | null;
  startedNow: boolean;
  /** Transient: momentary interruptions, and whether a limit has been passed. */
  momentary: { t: number; durationMs: number }[];
  fired: boolean;
}

function emptyState(): State {
  return {
    episode: null,
    starts: [],
    value: 0,
    updated: 0,
    evidence: [],
    samples: [],
    lastDown: null,
    startedNow: false,
    momentary: [],
    fired: false,
  };
}

const SAMPLES = 20;
const SLICES = 32;

/** The detectors beside the primary one, over all lines of a partition. */
export class Detectors {
  private readonly states = new Map<string, State>();

  constructor(public rules: readonly Detector[] = []) {}

  /** Ends episodes whose own condition held by t; before the event at t is applied. */
  judge(line: LineFacts, t: number): DetectorFinding[] {
    return this.each(line, (detector, state) => {
      const ends = state.episode && endOf(detector, state, line);
      if (ends === null || t < ends) return [];
      const finding = flapEnd(detector, line, state.episode!, ends);
      state.episode = null;
      state.starts = [];
      state.evidence = [];
      state.samples = [];
      return [finding];
    });
  }

  /** An interruption started at t. */
  start(line: LineFacts, t: number): DetectorFinding[] {
    return this.each(line, (detector, state) => {
      if (state.episode) state.episode.interruptions += 1;
      if (detector.kind === 'window') return windowStart(detector, state, line, t);
      if (detector.kind === 'penalty') return penaltyStart(detector, state, line, t);
      state.startedNow = true;
      return [];
    });
  }

  /** The interruption that started at `start` ended at t. */
  end(line: LineFacts, start: number, t: number): DetectorFinding[] {
    return this.each(line, (detector, state) => {
      if (detector.kind !== 'penalty') return [];
      addPenalty(detector, state, t, detector.halfLifeDownMs, detector.penaltyUp);
      if (state.episode || state.value < detector.suppress) return [];
      if (state.evidence.length === 0) state.evidence = [start];
      return beginPenalty(detector, state, line, t);
    });
  }

  /** A momentary interruption ended at t. */
  momentary(line: LineFacts, t: number, durationMs: number): DetectorFinding[] {
    return this.each(line, (detector, state) => {
      if (detector.kind !== 'transient') return [];
      const sliceMs = Math.ceil(detector.windowMs / SLICES);
      const oldest = Math.floor(t / sliceMs) - SLICES + 1;
      const within = state.momentary.filter((each) => Math.floor(each.t / sliceMs) >= oldest);
      const sums = (): { count: number; durationMs: number } => ({
        count: within.length,
        durationMs: within.reduce((sum, each) => sum + each.durationMs, 0),
      });
      const reached = (): boolean =>
        sums().count >= detector.countMax || sums().durationMs >= detector.durationMsMax;
      if (!reached()) state.fired = false;
      within.push({ t, durationMs });
      state.momentary = within;
      if (state.fired || !reached()) return [];
      state.fired = true;
      return [{ kind: 'transient', line: line.line, detector: detector.name, at: t, ...sums() }];
    });
  }

  /** An event has been applied at t, whatever it was; the line is down or up after it. */
  sample(line: LineFacts, t: number, down: boolean): DetectorFinding[] {
    return this.each(line, (detector, state) => {
      if (detector.kind !== 'weighted') return [];
      const nagios = detector.form === 'nagios';
      const before = state.lastDown ?? (nagios ? false : null);
      state.samples.push({ t, changed: before !== down, started: state.startedNow });
      state.lastDown = down;
      state.startedNow = false;
      const last = state.samples.slice(-SAMPLES);
      const value = weightedValue(last, nagios);
      if (state.episode) {
        if (value > detector.low) return [];
        const finding = flapEnd(detector, line, state.episode, t);
        state.episode = null;
        return [finding];
      }
      const flaps = nagios ? value >= detector.high : value > detector.high;
      const since = last.find((each) => each.changed)?.t;
      const { lastTransition } = line;
      const quiet = lastTransition === null || t >= lastTransition + detector.quietMs;
      if (!flaps || quiet || since === undefined) return [];
      const interruptions = state.samples.filter((each) => each.started && each.t >= since).length;
      return begin(detector, state, line, { at: t, since, rule: 'weighted', interruptions });
    });
  }

  /** The ends of episodes that read as ended at time c. */
  read(line: LineFacts, c: number): DetectorFinding[] {
    return this.each(line, (detector, state) => {
      const ends = state.episode && endOf(detector, state, line);
      return ends !== null && c >= ends ? [flapEnd(detector, line, state.episode!, ends)] : [];
    });
  }

  /** Open episodes by detector, with the instant at which they end if nothing more happens. */
  openOf(line: LineFacts): Record<string, DetectorEpisode & { ends: number }> {
    const open: Record<string, DetectorEpisode & { ends: number }> = {};
    this.each(line, (detector, state) => {
      if (state.episode) {
        open[detector.name] = { ...state.episode, ends: endOf(detector, state, line) };
      }
      return [];
    });
    return open;
  }

  /** Notes all that is known of a line; the function that is returned brings it back. */
  hold({ line }: LineFacts): () => void {
    const ofLine = (): string[] =>
      [...this.states.keys()].filter((key) => JSON.parse(key)[0] === line);
    const kept = ofLine().map((key) => [key, structuredClone(this.states.get(key)!)] as const);
    return () => {
      for (const key of ofLine()) this.states.delete(key);
      for (const [key, state] of kept) this.states.set(key, state);
    };
  }

  /** A manual reset at the line's last effective time. */
  reset(line: LineFacts): DetectorFinding[] {
    return this.rules.flatMap((detector) => {
      const state = this.states.get(keyOf(line.line, detector));
      this.states.delete(keyOf(line.line, detector));
      if (!state?.episode) return [];
      return [{ ...flapEnd(detector, line, state.episode, line.effective!), reset: true }];
    });
  }

  /** Other rules: a detector is the same by its name, its kind, its form and its window. */
  changeRules(rules: readonly Detector[], lines: readonly LineFacts[]): void {
    for (const line of lines) {
      for (const before of this.rules) {
        const after = rules.find((each) => keyOf('', each) === keyOf('', before));
        const state = this.states.get(keyOf(line.line, before));
        if (after === undefined) this.states.delete(keyOf(line.line, before));
        else if (after.kind === 'window' && state) {
          state.starts = lastOf(state.starts, largest(after.flap));
        }
      }
    }
    this.rules = rules;
    for (const line of lines) this.forgetOthers(line);
  }

  /** The line's class has changed: what no longer judges it forgets it. */
  forgetOthers(line: LineFacts): void {
    for (const detector of this.rules) {
      if (!judges(detector, line)) this.states.delete(keyOf(line.line, detector));
    }
  }

  private each(
    line: LineFacts,
    tell: (detector: Detector, state: State) => DetectorFinding[],
  ): DetectorFinding[] {
    return this.rules
      .filter((detector) => judges(detector, line))
      .flatMap((detector) => {
        const key = keyOf(line.line, detector);
        const state = this.states.get(key) ?? emptyState();
        this.states.set(key, state);
        return tell(detector, state);
      });
  }
}

function judges({ classes }: Detector, { className }: LineFacts): boolean {
  return classes.length === 0 || (className !== null && classes.includes(className));
}

/** A state belongs to a line and to what makes a detector the same. */
function keyOf(line: string, detector: Detector): string {
  const form = detector.kind === 'weighted' ? detector.form : '';
  const windowMs = detector.kind === 'transient' ? detector.windowMs : 0;
  return JSON.stringify([line, detector.name, detector.kind, form, windowMs]);
}

function lastOf(starts: readonly number[], count: number): number[] {
  return starts.slice(Math.max(0, starts.length - count));
}

function largest(flap: readonly FlapRule[]): number {
  return Math.max(1, ...flap.map((rule) => rule.starts));
}

function begin(
  detector: Detector,
  state: State,
  { line }: LineFacts,
  episode: DetectorEpisode,
): DetectorFinding[] {
  state.episode = episode;
  const { at, since, rule } = episode;
  return [{ kind: 'flap-start', line, at, since, rule, detector: detector.name }];
}

function flapEnd(
  { name: detector }: Detector,
  { line }: LineFacts,
  { at: start, since, rule, interruptions }: DetectorEpisode,
  at: number,
): DetectorFinding {
  return { kind: 'flap-end', line, at, start, since, rule, interruptions, detector };
}

/** When the open episode ends if nothing more happens. */
function endOf(detector: Detector, state: State, line: LineFacts): number {
  if (detector.kind === 'penalty') return firstBelow(detector, state, line);
  return detector.kind === 'transient' ? Infinity : line.lastTransition! + detector.quietMs;
}

type Penalty = Extract<Detector, { kind: 'penalty' }>;

/** The first whole ms at which the value is below R, found by halving. */
function firstBelow(detector: Penalty, { value, updated }: State, line: LineFacts): number {
  const halfLifeMs = line.open ? detector.halfLifeDownMs : detector.halfLifeUpMs;
  const isBelow = (ms: number): boolean => decayed(value, ms, halfLifeMs) < detector.reuse;
  if (isBelow(0)) return updated;
  let [not, below] = [0, 1];
  while (!isBelow(below)) [not, below] = [below, below * 2];
  while (below - not > 1) {
    const middle = Math.floor((not + below) / 2);
    if (isBelow(middle)) below = middle;
    else not = middle;
  }
  return updated + below;
}

function addPenalty(
  detector: Penalty,
  state: State,
  t: number,
  halfLifeMs: number,
  by: number,
): void {
  const left = decayed(state.value, t - state.updated, halfLifeMs);
  if (left < detector.reuse) state.evidence = [];
  const slower = Math.max(detector.halfLifeUpMs, detector.halfLifeDownMs);
  const ceiling = detector.reuse * exp2(detector.maxSuppressMs / slower);
  state.value = Math.min(left + by, ceiling);
  state.updated = t;
}

function penaltyStart(
  detector: Penalty,
  state: State,
  line: LineFacts,
  t: number,
): DetectorFinding[] {
  addPenalty(detector, state, t, detector.halfLifeUpMs, detector.penaltyDown);
  if (state.evidence.length > 0 || state.value >= detector.reuse) state.evidence.push(t);
  if (state.episode || state.value < detector.suppress) return [];
  return beginPenalty(detector, state, line, t);
}

function beginPenalty(
  detector: Penalty,
  state: State,
  line: LineFacts,
  at: number,
): DetectorFinding[] {
  const [since] = state.evidence;
  const interruptions = state.evidence.length;
  return begin(detector, state, line, { at, since, rule: 'penalty', interruptions });
}

function windowStart(
  detector: Extract<Detector, { kind: 'window' }>,
  state: State,
  line: LineFacts,
  t: number,
): DetectorFinding[] {
  if (state.episode) return [];
  state.starts = lastOf([...state.starts, t], largest(detector.flap));
  for (const rule of detector.flap) {
    const since = state.starts.at(-rule.starts);
    if (since === undefined || t - since > rule.windowMs) continue;
    const interruptions = rule.starts;
    return begin(detector, state, line, { at: t, since, rule: ruleWords(rule), interruptions });
  }
  return [];
}

/** 100/20 times the sum of the weights of the changes among the last 20 samples, in percent. */
function weightedValue(last: readonly { changed: boolean }[], nagios: boolean): number {
  let sum = 0;
  last.forEach(({ changed }, place) => {
    // Fewer samples than 20: the oldest places of the ring are empty.
    const i = place + SAMPLES - last.length;
    // Icinga's weights in hundredths, Nagios' in 76ths: whole numbers add exactly.
    if (changed) sum += nagios ? 57 + 2 * i : 80 + 2 * i;
  });
  return nagios ? (sum * 5) / 76 : sum / 20;
}
