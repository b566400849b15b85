// Which columns of a batch's tables are ids: of lines, partitions, alarms, causes, rules. A batch that
// goes to another process has ids of its own there.

import type { BatchTable } from './collector.js';
import { OPEN_COLUMN_NAMES } from './open-tables.js';

/** What an id names. */
export type IdKind = 'line' | 'partition' | 'alarm' | 'cause' | 'rule';

type Ids = readonly (IdKind | null)[];

const KEY: Ids = ['line', 'partition'];
const INTERRUPTION: Ids = [...KEY, null, null, null, 'cause', 'alarm'];
const RULED: Ids = [...KEY, 'rule'];

const OF_OPEN: Readonly<Record<string, IdKind>> = {
  cause_id: 'cause',
  alarm_id: 'alarm',
  episode_rule_id: 'rule',
};

/** Table -> what its columns name, from the first on; null, and what lies behind, is no id. */
export const ID_COLUMNS: Readonly<Record<BatchTable, Ids>> = {
  interruption_row: INTERRUPTION,
  interruption_bare: KEY,
  interruption_judged: INTERRUPTION,
  episode_row: RULED,
  repeat_row: KEY,
  transient_row: RULED,
  coverage_gap: ['partition', 'line'],
  open_stage: [...KEY, ...OPEN_COLUMN_NAMES.map((name) => OF_OPEN[name] ?? null)],
  open_episode_stage: RULED,
  chatter_stage: [...KEY, null, 'alarm'],
};
