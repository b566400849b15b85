// What a set of causes is worth against the truth: the judgement of the shared score.py, for causes of
// any maker, and how far its confidence can be trusted.

import type { PlantedBurst } from './cause-data.js';

/** A cause as it is judged. */
export interface Named {
  readonly at: number;
  /** kind/name of all that cannot be told apart; none for an unknown cause. */
  readonly names: readonly string[];
  /** Probability that it is right; null = its maker does not say. */
  readonly confidence: number | null;
}

/** Counts that add up over networks. */
export interface Score {
  planted: number;
  named: number;
  right: number;
  /** Bursts in which the first named cause is a right one. */
  firstRight: number;
  bursts: number;
  hidden: number;
  falseHidden: number;
  /** Components named, over all causes. */
  components: number;
  /** By tenth of confidence: causes and right ones. */
  readonly calibration: [causes: number, right: number][];
}

const NEAR_BEFORE_MS = 5_000;
const NEAR_AFTER_MS = 60_000;

export function emptyScore(): Score {
  return {
    planted: 0,
    named: 0,
    right: 0,
    firstRight: 0,
    bursts: 0,
    hidden: 0,
    falseHidden: 0,
    components: 0,
    calibration: Array.from({ length: 10 }, () => [0, 0]),
  };
}

/** Adds the causes found in one network. */
export function addScore(
  score: Score,
  bursts: readonly PlantedBurst[],
  found: readonly Named[],
): void {
  const used = new Set<Named>();
  const hidden = new Set<Named>();
  for (const burst of bursts) {
    const near = found.filter(
      ({ at }) => burst.at - NEAR_BEFORE_MS <= at && at <= burst.at + NEAR_AFTER_MS,
    );
    score.bursts++;
    if (burst.hidden) {
      score.hidden++;
      score.falseHidden += near.filter(({ names }) => names.length > 0).length;
      for (const one of near) hidden.add(one);
      continue;
    }
    let rightFirst = false;
    for (const same of burst.causes) {
      score.planted++;
      const names = new Set(same.map((pair) => pair.join('/')));
      const hit = near.find((one) => !used.has(one) && one.names.some((name) => names.has(name)));
      if (!hit) continue;
      used.add(hit);
      score.right++;
      rightFirst ||= hit === near.find((one) => one.names.length > 0);
    }
    if (rightFirst) score.firstRight++;
  }
  for (const one of found) {
    if (one.names.length === 0 || hidden.has(one)) continue;
    score.named++;
    score.components += one.names.length;
    if (one.confidence === null) continue;
    const tenth = score.calibration[Math.min(9, Math.floor(one.confidence * 10))]!;
    tenth[0]++;
    if (used.has(one)) tenth[1]++;
  }
}

export function precision({ right, named }: Score): number {
  return named > 0 ? right / named : 0;
}

export function recall({ right, planted }: Score): number {
  return planted > 0 ? right / planted : 0;
}

export function f1(score: Score): number {
  const [p, r] = [precision(score), recall(score)];
  return p + r > 0 ? (2 * p * r) / (p + r) : 0;
}

/** Mean distance of confidence from truth, in tenths, weighted by causes. */
export function calibrationError({ calibration }: Score): number {
  let causes = 0;
  let error = 0;
  for (const [i, [count, right]] of calibration.entries()) {
    causes += count;
    error += Math.abs(right - count * ((i + 0.5) / 10));
  }
  return causes > 0 ? error / causes : 0;
}
