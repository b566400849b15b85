// All lists, by name.

import { CHRONIC_LINES, REPEAT_FAULTS } from './faults.js';
import type { List } from './list.js';
import { INSPECT, RECORD_GAPS } from './premises.js';
import { WORST } from './worst.js';

/** The lists that commands and API give. */
export const LISTS: readonly List[] = [WORST, REPEAT_FAULTS, CHRONIC_LINES, INSPECT, RECORD_GAPS];
