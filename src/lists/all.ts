// All lists, by name.

import { CAUSE_REPAIRS } from './cause-repairs.js';
import { CAUSE_SCORE } from './cause-score.js';
import { CAUSE_TICKETS } from './cause-tickets.js';
import { CAUSES } from './causes.js';
import { CHRONIC_LINES, FLAPPING, REPEAT_FAULTS } from './faults.js';
import type { List } from './list.js';
import { NOTES } from './notes.js';
import { INSPECT, RECORD_GAPS } from './premises.js';
import { PLANT } from './plant.js';
import { RECORD_WORTH } from './record-worth.js';
import { REPAIRS } from './repairs.js';
import { SHELVES } from './shelves.js';
import { WORK_LIST } from './work-list.js';
import { WORST } from './worst.js';

/** The lists that commands and API give. */
export const LISTS: readonly List[] = [
  WORST,
  CAUSES,
  CAUSE_SCORE,
  CAUSE_TICKETS,
  CAUSE_REPAIRS,
  PLANT,
  WORK_LIST,
  FLAPPING,
  REPEAT_FAULTS,
  CHRONIC_LINES,
  REPAIRS,
  INSPECT,
  RECORD_GAPS,
  RECORD_WORTH,
  SHELVES,
  NOTES,
];
