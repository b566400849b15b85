// Presets of detectors by name: what the field's own systems use. Facts only, each with where it was
// read; what a system does beside these numbers (decay in steps of 5 s, reuse looked at every 10 s)
// is not imitated: the penalty here decays exactly.

import type { PenaltyDetector, WeightedDetector } from './rules.js';

type PenaltyNumbers = Omit<PenaltyDetector, 'kind' | 'name' | 'shadow' | 'classes'>;
type WeightedNumbers = Pick<WeightedDetector, 'form' | 'high' | 'low'>;

const MINUTE_MS = 60_000;

function penalty(
  halfLifeMs: number,
  [penaltyDown, penaltyUp]: readonly [number, number],
  suppress: number,
  reuse: number,
  maxSuppressMs: number,
): PenaltyNumbers {
  const halfLives = { halfLifeUpMs: halfLifeMs, halfLifeDownMs: halfLifeMs };
  return { ...halfLives, penaltyDown, penaltyUp, suppress, reuse, maxSuppressMs };
}

/** Presets of the penalty detector. */
export const PENALTY_PRESETS = {
  /** Ours: SPEC section 2. */
  flapline: penalty(10 * MINUTE_MS, [1_000, 0], 3_000, 1_000, 60 * MINUTE_MS),
  /** RFC 7196, table 1, Cisco's defaults. */
  'rfc7196-cisco': penalty(15 * MINUTE_MS, [1_000, 0], 2_000, 750, 60 * MINUTE_MS),
  /** RFC 7196, table 1, Juniper's defaults. */
  'rfc7196-juniper': penalty(15 * MINUTE_MS, [1_000, 1_000], 3_000, 750, 60 * MINUTE_MS),
  /** FRRouting bgpd (bgp_damp.h, bgp_route.c at fbfc822): max suppress 4 half-lives. */
  frrouting: penalty(15 * MINUTE_MS, [1_000, 0], 2_000, 750, 60 * MINUTE_MS),
  /**
   * Cisco IOS, IP Event Dampening: defaults as ipSpace.net lists them. The penalty of one down is
   * not in that list: 1,000, as Junos's feature of the same defaults has it.
   */
  'ios-interface': penalty(5_000, [1_000, 0], 2_000, 1_000, 20_000),
  /** Cisco IOS XR, interface dampening: ASR 9000 command reference 5.3; one down as above. */
  'iosxr-interface': penalty(MINUTE_MS, [1_000, 0], 2_000, 750, 4 * MINUTE_MS),
} as const satisfies Record<string, PenaltyNumbers>;

/** Presets of the weighted detector. */
export const WEIGHTED_PRESETS = {
  /** Icinga 2: starts above 30, stays while above 25. */
  icinga: { form: 'icinga', high: 30, low: 25 },
  /** Nagios Core without thresholds of its own: starts at 30, stops at 20. */
  nagios: { form: 'nagios', high: 30, low: 20 },
  /** Nagios Core as its sample nagios.cfg sets it: starts at 20, stops at 5. */
  'nagios-sample': { form: 'nagios', high: 20, low: 5 },
} as const satisfies Record<string, WeightedNumbers>;
