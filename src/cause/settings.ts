// What the cause engine judges by: every threshold of SPEC section 7, with its unit. The defaults are
// those of the spec, or ours with the reason beside them.

/** Thresholds of the burst engine. */
export interface CauseSettings {
  /** A component's starts count together within this time, ms. */
  readonly windowMs: number;
  /** Distinct lines of a component within the window that may trigger. */
  readonly distinctMin: number;
  /** Poisson tail below which they do. */
  readonly tailMax: number;
  /** A burst is cut after so long, ms: bounds its memory in a storm. */
  readonly burstMaxMs: number;
  /** Starts count into a line's background rate once they are this old, ms. */
  readonly lagMs: number;
  /** Whole days of history in a background rate, beside the running one. */
  readonly historyDays: number;
  /** Interruptions of a line a millisecond before anything is known of it (SPEC section 1). */
  readonly ratePrior: number;
  /** ... and for how long the whole network is to be watched to outweigh that, ms. */
  readonly ratePriorMs: number;
  /** Shape of the gamma prior of a line's rate: small, since few lines have most interruptions. */
  readonly rateShape: number;
  /** Share of records taken to be wrong. */
  readonly recordError: number;
  /** Share of records missing where nothing tells it; null = estimated by node from the records. */
  readonly missingRate: number | null;
  /** A cause explains at least this, in nats of log-likelihood. */
  readonly gainMin: number;
  /** ... and, its prior added, at least this. */
  readonly scoreMin: number;
  /** ... and so many lines. */
  readonly supportMin: number;
  /** Causes of one burst. */
  readonly causesMax: number;
  /** Components with this overlap of members (weighted Jaccard) cannot be told apart. */
  readonly sameMin: number;
}

/** Raised when the same settings give other causes: those stored are then worked out again. */
const ENGINE_VERSION = 1;

/** What causes are judged by, as a text to be compared. */
export function causeMark(settings: CauseSettings): string {
  const ordered = Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `${ENGINE_VERSION} ${JSON.stringify(Object.fromEntries(ordered))}`;
}

export const DEFAULT_CAUSE_SETTINGS: CauseSettings = {
  windowMs: 30_000,
  distinctMin: 3,
  tailMax: 1e-6,
  burstMaxMs: 600_000,
  lagMs: 60_000,
  historyDays: 30,
  ratePrior: 10.44 / (30.4 * 86_400_000),
  ratePriorMs: 10_000,
  rateShape: 0.25,
  recordError: 0.03,
  missingRate: null,
  gainMin: 10,
  scoreMin: 2,
  supportMin: 3,
  causesMax: 6,
  sameMin: 0.9,
};

/** What operators say moves a component's prior by at most this, nats: a factor of 20. */
export const FEEDBACK_NATS_MAX = 3;

/** Shares of its members that a named cause hits; the prior of each, in nats. */
export const SHARES = [0.15, 0.3, 0.5, 0.75, 0.95] as const;
export const SHARE_PRIORS = [-3.2, -1.6, -1.2, -1.2, -1.2] as const;

/** Shares too small for a fault of the component itself: something unknown among its lines. */
export const DIFFUSE_SHARES = [0.005, 0.01, 0.02, 0.05, 0.1] as const;

export const DIFFUSE_PRIOR = -1.6;
/** ln of the chance of one more fault at the same time, beyond that it is this component's. */
export const CAUSE_PRIOR = -4;

/** Kinds that hold many unlike lines: something unknown in them can be told. */
export const CONTAINER_KINDS: ReadonlySet<string> = new Set(['node', 'area', 'power', 'trunk']);
/** A line has at most one of each (SPEC section 7). */
export const EXCLUSIVE_KINDS: ReadonlySet<string> = new Set([
  'card',
  'cable',
  'node',
  'power',
  'area',
]);
/** Exclusive kinds whose components lie within one node. */
export const INNER_KINDS: ReadonlySet<string> = new Set(['card', 'cable']);
