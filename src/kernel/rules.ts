// The rules as the kernel reads them: rule sets by class and the detectors beside the primary one,
// written into REGION_RULES once after init.

import * as L from '../../assembly/layout.js';
import { exp2 } from '../../assembly/decay.js';
import {
  type Detector,
  type FlapRule,
  type LineRules,
  type PenaltyDetector,
  type Rules,
  keptBy,
  ruleSets,
} from '../config/rules.js';
import { type DetectorPlace, placeDetectors } from './detector-places.js';
import type { Kernel } from './kernel.js';
import { type Weights, weightsOf } from './weights.js';

/** The ids by which findings name the rules; (detector, words) pairs in the store. */
export interface RuleIds {
  /** One a flap rule of the primary detector: those of class 0 first, then of each class. */
  readonly flap: readonly number[];
  /** Of each detector: one a flap rule of a window detector, else one. */
  readonly detectors: readonly (readonly number[])[];
}

/** How many starts are kept of a line: as many as the largest K of any class. */
export function startsKept(rules: Rules): number {
  return keptBy(ruleSets(rules).flatMap((each) => each.flap));
}

/** Bytes beside each line for its starts but the newest, which the record holds, or its episode. */
export function startsStride(rules: Rules): number {
  return Math.max((startsKept(rules) - 1) * 8, L.EPISODE_SIZE);
}

/** Writes rules that `checkRules` let pass. */
export function writeRules(kernel: Kernel, rules: Rules, ids: RuleIds): void {
  const at = kernel.region(L.REGION_RULES);
  let flapRules = 0;
  ruleSets(rules).forEach((set, index) => {
    const setIds = ids.flap.slice(flapRules, flapRules + set.flap.length);
    writeRuleSet(kernel, at + index * L.RULE_SET_SIZE, set, setIds);
    flapRules += set.flap.length;
  });
  placeDetectors(rules).places.forEach((place, d) => {
    const descriptor = at + L.RULES_DETECTORS + d * L.DETECTOR_SIZE;
    writeDetector(kernel, rules, descriptor, place, d, ids.detectors[d]!);
  });
}

function writeRuleSet(kernel: Kernel, at: number, set: LineRules, ids: readonly number[]): void {
  const wide = (field: number, value: number): void => {
    kernel.i64[(at + field) / 8] = BigInt(value);
  };
  wide(L.RULE_QUIET_MS, set.quietMs);
  wide(L.RULE_OUTAGE_MS, set.outageMs);
  wide(L.RULE_REPEAT_MS, set.repeatMs);
  wide(L.RULE_MERGE_GAP_MS, set.mergeGapMs ?? -1);
  wide(L.RULE_CORRECTION_MS, set.correctionMs);
  wide(L.RULE_STALE_AFTER_MS, set.staleAfterMs ?? -1);
  kernel.u32[(at + L.RULE_FLAP_RULES) / 4] = set.flap.length;
  writeFlap(kernel, at + L.RULE_FLAP, set.flap, ids);
}

function writeFlap(
  kernel: Kernel,
  at: number,
  flap: readonly FlapRule[],
  ids: readonly number[],
): void {
  flap.forEach((rule, i) => {
    const from = at + i * L.FLAP_SIZE;
    kernel.i64[(from + L.FLAP_WINDOW_MS) / 8] = BigInt(rule.windowMs);
    kernel.u32[(from + L.FLAP_STARTS) / 4] = rule.starts;
    kernel.u32[(from + L.FLAP_ID) / 4] = ids[i]!;
  });
}

/** Writes the descriptor of detector `d`: what each begins with, and its parameters. */
function writeDetector(
  kernel: Kernel,
  rules: Rules,
  at: number,
  { head, episode, ring }: DetectorPlace,
  d: number,
  ids: readonly number[],
): void {
  const detector = rules.detectors[d]!;
  const narrow = (field: number, value: number): void => {
    kernel.u32[(at + field) / 4] = value;
  };
  const wide = (field: number, value: number): void => {
    kernel.i64[(at + field) / 8] = BigInt(value);
  };
  const real = (field: number, value: number): void => {
    kernel.f64[(at + field) / 8] = value;
  };
  narrow(L.DETECTOR_KIND, kindOf(detector) | (d << 8) | (episode.at << 16));
  narrow(L.DETECTOR_HEAD, head.at | (ring.at << 16));
  narrow(L.DETECTOR_CLASSES, classMask(rules, detector));
  narrow(L.DETECTOR_ID, ids[0] ?? 0);
  switch (detector.kind) {
    case 'window':
      wide(L.WINDOW_QUIET_MS, detector.quietMs);
      narrow(L.WINDOW_KEPT, keptBy(detector.flap));
      narrow(L.WINDOW_FLAP_RULES, detector.flap.length);
      return writeFlap(kernel, at + L.RULE_FLAP, detector.flap, ids);
    case 'penalty':
      real(L.PENALTY_HALF_LIFE_UP_MS, detector.halfLifeUpMs);
      real(L.PENALTY_HALF_LIFE_DOWN_MS, detector.halfLifeDownMs);
      real(L.PENALTY_DOWN, detector.penaltyDown);
      real(L.PENALTY_UP, detector.penaltyUp);
      real(L.PENALTY_SUPPRESS, detector.suppress);
      real(L.PENALTY_REUSE, detector.reuse);
      return real(L.PENALTY_CEILING, penaltyCeiling(detector));
    case 'weighted':
      wide(L.WEIGHTED_QUIET_MS, detector.quietMs);
      return writeWeights(kernel, at, weightsOf(detector));
    case 'transient':
      wide(L.TRANSIENT_SLICE_MS, Math.ceil(detector.windowMs / L.TRANSIENT_SLICES));
      wide(L.TRANSIENT_DURATION_MS_MAX, detector.durationMsMax);
      return narrow(L.TRANSIENT_COUNT_MAX, detector.countMax);
  }
}

function writeWeights(kernel: Kernel, at: number, weights: Weights): void {
  kernel.u32[(at + L.WEIGHTED_WEIGHT) / 4] = weights.weight;
  kernel.u32[(at + L.WEIGHTED_STEP) / 4] = weights.step;
  kernel.u32[(at + L.WEIGHTED_BEGINS) / 4] = weights.begins;
  kernel.u32[(at + L.WEIGHTED_STAYS) / 4] = weights.stays;
}

function kindOf(detector: Detector): number {
  switch (detector.kind) {
    case 'window':
      return L.DETECTOR_WINDOW;
    case 'penalty':
      return L.DETECTOR_PENALTY;
    case 'weighted':
      return detector.form === 'icinga' ? L.DETECTOR_ICINGA : L.DETECTOR_NAGIOS;
    case 'transient':
      return L.DETECTOR_TRANSIENT;
  }
}

/** The most that a penalty reaches: what decays to `reuse` in `maxSuppressMs`. */
export function penaltyCeiling(detector: PenaltyDetector): number {
  const { reuse, maxSuppressMs, halfLifeUpMs, halfLifeDownMs } = detector;
  return reuse * exp2(maxSuppressMs / Math.max(halfLifeUpMs, halfLifeDownMs));
}

/** The classes that a detector judges, as bits by class index. */
function classMask(rules: Rules, { classes }: Detector): number {
  if (classes.length === 0) return (1 << L.RULE_SETS) - 1;
  return rules.classes.reduce((mask, { name }, i) => {
    return classes.includes(name) ? mask | (1 << (i + 1)) : mask;
  }, 0);
}
