// What a change among the last 20 samples weighs in the weighted detector, in whole numbers, so that
// the kernel adds and compares exactly: Icinga 2's 0.8 + 0.02 i in fiftieths, Nagios' 0.75 + 0.5/19 i
// as 285 + 10 i. The value in percent is the sum divided by 10, or by 76.

import type { WeightedDetector } from '../config/rules.js';
import { SAMPLES } from '../../assembly/layout.js';

/** The weights of a form, and the smallest sums with which an episode begins and is kept open. */
export interface Weights {
  readonly weight: number;
  readonly step: number;
  readonly begins: number;
  readonly stays: number;
}

const FORMS = {
  icinga: { weight: 40, step: 1, divisor: 10 },
  nagios: { weight: 285, step: 10, divisor: 76 },
} as const;

/** Icinga 2 starts above `high`, Nagios at it; both stay while above `low`. */
export function weightsOf({ form, high, low }: WeightedDetector): Weights {
  const { weight, step, divisor } = FORMS[form];
  const most = SAMPLES * weight + step * ((SAMPLES * (SAMPLES - 1)) / 2);
  const smallest = (passes: (percent: number) => boolean): number => {
    let sum = 0;
    while (sum <= most && !passes(sum / divisor)) sum++;
    return sum;
  };
  const begins = smallest((percent) => (form === 'icinga' ? percent > high : percent >= high));
  return { weight, step, begins, stays: smallest((percent) => percent > low) };
}
