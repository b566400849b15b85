// What a cell of the cause bench came to, printed as it is known and as figures to be kept.

import { type Score, calibrationError, emptyScore, f1, precision, recall } from './cause-score.js';

/** What a cell came to. */
export interface Outcome {
  readonly ours: Score;
  readonly peers: Readonly<Record<'score06' | 'score03' | 'voting', Score>>;
  /** Planted causes of which some component has any record. */
  readonly recorded: number;
  readonly unknown: number;
  readonly burstMs: number[];
}

/** Nothing yet. */
export function emptyOutcome(): Outcome {
  return {
    ours: emptyScore(),
    peers: { score06: emptyScore(), score03: emptyScore(), voting: emptyScore() },
    recorded: 0,
    unknown: 0,
    burstMs: [],
  };
}

/** Writes a line. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function words(score: Score): string {
  return `P ${precision(score).toFixed(3)} R ${recall(score).toFixed(3)} F1 ${f1(score).toFixed(3)}`;
}

/** A cell, with its peers. */
export function printCell(
  name: string,
  { ours, peers, recorded, unknown, burstMs }: Outcome,
): void {
  const perBurst = (count: number): string => (count / Math.max(1, ours.bursts)).toFixed(3);
  const parts = [
    name.padEnd(22),
    ours.planted > 0
      ? `${words(ours)} hit@1 ${perBurst(ours.firstRight)}`
      : `false a burst ${perBurst(ours.named)}`,
    ...(ours.planted > 0 ? [`ceiling R ${(recorded / ours.planted).toFixed(3)}`] : []),
    ...(ours.hidden > 0
      ? [`false a hidden burst ${(ours.falseHidden / ours.hidden).toFixed(3)}`]
      : []),
    `unknown ${perBurst(unknown)}`,
    ...(ours.named > 0
      ? [
          `set ${(ours.components / ours.named).toFixed(2)} calibration ${calibrationError(ours).toFixed(3)}`,
        ]
      : []),
    ...(burstMs.length > 0
      ? [`ms p50 ${quantile(burstMs, 0.5).toFixed(2)} p95 ${quantile(burstMs, 0.95).toFixed(2)}`]
      : []),
  ];
  print(parts.join('  '));
  if (peers.score06.planted === 0) return;
  print(
    `${''.padEnd(22)}  SCORE .6: ${words(peers.score06)}; .3: ${words(peers.score03)}; 007: ${words(peers.voting)}`,
  );
}

/** A cell in figures, to be kept. */
export function figuresOf({ ours, peers, recorded, unknown, burstMs }: Outcome) {
  const accuracy = (of: Score) => ({
    precision: rounded(precision(of)),
    recall: rounded(recall(of)),
    f1: rounded(f1(of)),
  });
  const { bursts, planted, named, hidden, components } = ours;
  const share = (count: number, of: number): number | null => (of > 0 ? rounded(count / of) : null);
  return {
    bursts,
    planted,
    named,
    unknown,
    ...(planted > 0 && { ...accuracy(ours), hit1: share(ours.firstRight, bursts) }),
    recallCeiling: share(recorded, planted),
    falseHidden: share(ours.falseHidden, hidden),
    set: share(components, named),
    calibrationError: named > 0 ? rounded(calibrationError(ours)) : null,
    msP50: rounded(quantile(burstMs, 0.5)),
    msP95: rounded(quantile(burstMs, 0.95)),
    ...(peers.score06.planted > 0 && {
      score06: accuracy(peers.score06),
      score03: accuracy(peers.score03),
      voting007: accuracy(peers.voting),
    }),
  };
}

/** The value below which a share of some lies. */
export function quantile(values: readonly number[], share: number): number {
  const ordered = values.toSorted((a, b) => a - b);
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? 0;
}
/** To three places. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
