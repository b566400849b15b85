// The naive twin's words (model.ts): events, rules with their defaults, findings, what is kept of a line.

import type { Detector, IgnoreLists } from '../src/config/rules.js';
import { Alarms } from './model-alarms.js';
import type { DetectorFinding } from './model-detectors.js';

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

/** What a class of lines may have of its own: rules of the window detector, of outages and of repeat
 * faults; durations in ms. */
export interface LineRules {
  /** Tried in this order; the first that holds names the episode. */
  flap: readonly FlapRule[];
  /** Q: an episode ends when its line has had no transition for so long. */
  quietMs: number;
  /** An interruption of this length or more is an outage. */
  outageMs: number;
  /** An outage that starts so soon after the previous outage's end is a repeat fault. */
  repeatMs: number;
  /** Interruptions with a gap of at most this are one; null = none are. */
  mergeGapMs: number | null;
  /** What every reported duration is too long by. */
  correctionMs: number;
  /** Alarms whose last raise is older than this are stale; null = they never are. */
  staleAfterMs: number | null;
}

/** The rules of lines of no class, and what is the same for all lines. */
export interface Rules extends LineRules {
  classes: readonly { name: string; rules: LineRules }[];
  /** Whether raises are counted for chatter (model-alarms.ts). */
  chatter: boolean;
  /** Events with one of these alarms or causes are no events. */
  ignore: IgnoreLists;
  /** Beside the window detector (model-detectors.ts). */
  detectors: readonly Detector[];
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
  mergeGapMs: null,
  correctionMs: 0,
  staleAfterMs: null,
  chatter: false,
  ignore: { alarms: [], causes: [], severities: [] },
  classes: [],
  detectors: [],
  starts: false,
};

type Of<Kind, Fields> = { kind: Kind; line: string } & Fields;
type Judged = {
  class: 'momentary' | 'outage';
  cause?: string;
  correctedMs?: number;
  uncertain?: true;
};
type Episode = { since: number; rule: string; detector: 'window' };

/** SPEC section 3's findings, as far as the model goes; an open interruption's `end` is null. */
export type Finding =
  | Of<'interruption', { start: number; end: number | null; n: number } & Judged>
  | Of<'flap-start', Episode & { at: number }>
  | Of<'flap-end', Episode & { at: number; start: number; interruptions: number; reset?: true }>
  | Of<'repeat-fault', { start: number; previousEnd: number }>
  | Of<'interruption-start', { start: number; n: number }>
  | DetectorFinding;

/** What is kept of a line. */
export class LineState {
  /** Down = any active. */
  readonly alarms = new Alarms();
  /** The last effective time; null before the first event. */
  effective: number | null = null;
  /** Named by a rejected event, with no event since. */
  unknown = false;
  /** Ordinal of the last interruption, from 1; 0 before the first. */
  n = 0;
  /** The open interruption; alarm = identity of the raise that started it. */
  open: { start: number; n: number; alarm: string; cause?: string; uncertain?: true } | null = null;
  /** Its end, while it waits for what may be joined to it: the line is up, and nothing is decided. */
  ended: number | null = null;
  lastTransition: number | null = null;
  previousOutageEnd: number | null = null;
  /** Starts since the last episode, oldest first, at most as many as the largest rule asks for. */
  starts: number[] = [];
  episode: { at: number; since: number; rule: string; interruptions: number } | null = null;

  constructor(
    readonly line: string,
    public className: string | null,
  ) {}
}

/**
 * A time of a line that is not known: from the last event before a reject to the next after it, or
 * from when its alarms became stale (at the earliest the event before) to the next event.
 */
export interface UnknownPeriod {
  line: string;
  /** null: before any event of the line. */
  from: number | null;
  /** null: still unknown. */
  until: number | null;
  stale: boolean;
}
