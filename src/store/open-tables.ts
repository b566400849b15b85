// The open state of lines: one row a (line, partition), replaced when the line changes, and beside it
// the open episodes of the detectors other than the primary one. Changed lines are staged as columns;
// one update and one insert make them the tables' rows.

import * as L from '../../assembly/layout.js';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Kernel } from '../kernel/kernel.js';
import type { ColumnKind, ColumnSource, RowSink } from './chunks.js';
import { selectRows } from './sql.js';

/** When a column of a staged row means something; where it does not, it becomes null. */
const MEANING = {
  always: (column: string): string => column,
  /** -1 = none. */
  known: (column: string): string => `nullif(${column}, -1)`,
  down: (column: string): string => `if(down, ${column}, null)`,
  waits: (column: string): string => `if(down and ended_ms >= 0, ${column}, null)`,
  ages: (column: string): string => `if(down and raised_ms >= 0, ${column}, null)`,
  flapping: (column: string): string => `if(flapping, ${column}, null)`,
} as const;

type Column = readonly [string, ColumnKind, number, keyof typeof MEANING];

/** Columns of open_state behind its key: name, kind, where the kernel has it, when it means something. */
const COLUMNS: readonly Column[] = [
  ['down', 'boolean', L.OPEN_DOWN, 'always'],
  ['unknown', 'boolean', L.OPEN_UNKNOWN, 'always'],
  ['n', 'integer', L.OPEN_N, 'always'],
  ['effective_ms', 'bigint', L.OPEN_EFFECTIVE, 'always'],
  ['transition_ms', 'bigint', L.OPEN_TRANSITION, 'known'],
  ['start_ms', 'bigint', L.OPEN_START, 'down'],
  ['previous_outage_end_ms', 'bigint', L.OPEN_OUTAGE_END, 'known'],
  ['cause_id', 'integer', L.OPEN_CAUSE, 'down'],
  ['alarm_id', 'integer', L.OPEN_ALARM, 'down'],
  ['first_offset', 'bigint', L.OPEN_FIRST, 'down'],
  ['episode_rule_id', 'integer', L.OPEN_RULE, 'flapping'],
  ['episode_at_ms', 'bigint', L.OPEN_AT, 'flapping'],
  ['episode_since_ms', 'bigint', L.OPEN_SINCE, 'flapping'],
  ['episode_interruptions', 'integer', L.OPEN_COUNT, 'flapping'],
  ['outage_after_ms', 'bigint', L.OPEN_OUTAGE_AFTER, 'down'],
  ['repeat_ms', 'bigint', L.OPEN_REPEAT, 'down'],
  ['correction_ms', 'bigint', L.OPEN_CORRECTION, 'down'],
  ['ended_ms', 'bigint', L.OPEN_ENDED, 'waits'],
  ['last_offset', 'bigint', L.OPEN_LAST, 'waits'],
  ['merge_ms', 'bigint', L.OPEN_MERGE, 'waits'],
  ['raised_ms', 'bigint', L.OPEN_RAISED, 'ages'],
  ['stale_after_ms', 'bigint', L.OPEN_STALE_AFTER, 'ages'],
  ['uncertain', 'boolean', L.OPEN_UNCERTAIN, 'down'],
  ['episode_ends_ms', 'bigint', L.OPEN_ENDS, 'flapping'],
];
const STAGED_ONLY: Column = ['flapping', 'boolean', L.OPEN_EPISODE, 'always'];
const NAMES = COLUMNS.map(([name]) => name);

/** Columns of open_stage behind its key. */
export const OPEN_COLUMN_NAMES: readonly string[] = [...NAMES, STAGED_ONLY[0]];

/** Columns of open_episode behind its key. */
const EPISODE_COLUMNS: readonly (readonly [string, ColumnKind, number])[] = [
  ['rule_id', 'integer', L.OPEN_EPISODE_RULE],
  ['at_ms', 'bigint', L.OPEN_EPISODE_AT],
  ['since_ms', 'bigint', L.OPEN_EPISODE_SINCE],
  ['ends_ms', 'bigint', L.OPEN_EPISODE_ENDS],
  ['interruptions', 'integer', L.OPEN_EPISODE_COUNT],
  ['form', 'integer', L.OPEN_EPISODE_FORM],
];

const KEY = 'line_id integer, partition_id integer';
const SAME = 'o.line_id = s.line_id and o.partition_id = s.partition_id';
/** In the table's own order, or DuckDB merges every updated row into its vectors: 100 times the cost. */
const inOrder = (from: string): string => `select line_id, partition_id,
  ${COLUMNS.map(([name, , , when]) => `${MEANING[when](name)} as ${name}`).join(', ')}
  from ${from} order by line_id, partition_id`;
const UPDATE = `update open_state o set ${NAMES.map((name) => `${name} = s.${name}`).join(', ')}
  from (${inOrder('open_stage')}) s where ${SAME}`;
/** Only what is new is put in order: seldom anything. */
const INSERT = `insert into open_state (line_id, partition_id, ${NAMES.join(', ')})
  ${inOrder(`(select s.* from open_stage s anti join open_state o on ${SAME})`)}`;
/** Rows that are staged, and episodes that are open. */
const COUNTS = `select (select count(*) from open_stage) as lines,
  (select count(*) from open_episode_stage) as episodes, (select count(*) from open_episode) as open`;
const DELETE_EPISODES = `delete from open_episode o using open_stage s where ${SAME}`;

function tableText(
  name: string,
  columns: readonly (readonly [string, ColumnKind, ...unknown[]])[],
) {
  const typed = columns.map(([column, kind]) => `${column} ${kind}`);
  return `create temp table if not exists ${name} (${KEY}, ${typed.join(', ')})`;
}

function kindsOf(columns: readonly (readonly [string, ColumnKind, ...unknown[]])[]): ColumnKind[] {
  return ['integer', 'integer', ...columns.map(([, kind]) => kind)];
}

/** The stages, which are temporary tables, and the kinds of their columns. */
export const OPEN_TABLES = {
  open_stage: kindsOf([...COLUMNS, STAGED_ONLY]),
  open_episode_stage: kindsOf(EPISODE_COLUMNS),
} as const;

/** Makes the stages, for a connection that has just been opened. */
export async function createOpenStages(connection: DuckDBConnection): Promise<void> {
  await connection.run(tableText('open_stage', [...COLUMNS, STAGED_ONLY]));
  await connection.run(tableText('open_episode_stage', EPISODE_COLUMNS));
}

/** Told of the rows of open state that `takeChanged` wrote. */
export type OnOpenRows = (kernel: Kernel, rows: number) => void;

/**
 * Stages the changed lines of a kernel and returns how many. The rows of its tables of findings must
 * have been taken.
 */
export function stageOpen(
  sink: RowSink<keyof typeof OPEN_TABLES>,
  kernel: Kernel,
  partitionId: number,
  onRows: OnOpenRows,
): number {
  const memory = kernel.bytes.buffer as ArrayBuffer;
  const key = (line: number): ColumnSource[] => [{ at: line }, { constant: partitionId }];
  const lines = [
    ...key(kernel.openColumn(L.OPEN_LINE)),
    ...[...COLUMNS, STAGED_ONLY].map(([, , column]) => ({ at: kernel.openColumn(column) })),
  ];
  const episode = (column: number): number =>
    kernel.region(L.REGION_OPEN_EPISODES) + L.OPEN_CAPACITY * column;
  const episodes = [
    ...key(episode(L.OPEN_EPISODE_LINE)),
    ...EPISODE_COLUMNS.map(([, , column]) => ({ at: episode(column) })),
  ];
  for (let staged = 0; ;) {
    const count = kernel.calls.takeChanged();
    if (count === 0) return staged;
    staged += count;
    sink.append('open_stage', memory, count, lines);
    onRows(kernel, count);
    const open = kernel.control[L.CTL_OPEN_EPISODES]!;
    if (open > 0) sink.append('open_episode_stage', memory, open, episodes);
  }
}

/** Writes what was staged in the place of what was known of the same lines, and empties the stages. */
export async function writeOpen(connection: DuckDBConnection): Promise<void> {
  const [{ lines, episodes, open }] = await selectRows<Record<string, number>>(connection, COUNTS);
  const { rowsChanged } = await connection.run(UPDATE);
  // Lines that are new are seldom: what looks for them, and for episodes, costs as much as all the rest.
  if (rowsChanged < lines) await connection.run(INSERT);
  if (open > 0) await connection.run(DELETE_EPISODES);
  if (episodes > 0) {
    await connection.run('insert into open_episode select * from open_episode_stage');
    await connection.run('delete from open_episode_stage');
  }
  await connection.run('delete from open_stage');
}
