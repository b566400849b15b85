// Makes the rollups: a step takes rows behind the marks of the tables of findings, adds them up by hour,
// day and month, and moves the marks, in one transaction between two commits. It is bounded, so that
// no commit waits long for it (about 3 ms a thousand rows), and may come at any time: what is not
// rolled up yet is read as rows (rollup-facts.ts).

import type { DuckDBConnection } from '@duckdb/node-api';
import {
  LONG_MS,
  MEASURES,
  ROLLED_TABLES,
  byCause,
  byDay,
  byHour,
  byMonth,
  storedOccurrences,
} from './rollup-facts.js';
import { selectRows } from './sql.js';

/** Rows that wait before a step is worth its cost, and those that one step takes of a table. */
export const ROLLUP_ROWS = { least: 10_000, stepMax: 25_000 } as const;

const MADE = ['hour', 'day', 'month', 'cause', 'long', 'mark'] as const;

/** What a step takes: (source, from_row, to_row). */
const takeText = (rowsMax: number): string => `create or replace temp table rollup_step as
  ${ROLLED_TABLES.map(
    (table) => `select '${table}' as source, f.from_row,
        (select coalesce(max(rowid) + 1, f.from_row) from ${table}
          where rowid >= f.from_row and rowid < f.from_row + ${rowsMax}) as to_row
      from (select coalesce(max(rows), 0) as from_row from rollup_mark
        where source = '${table}') f`,
  ).join(' union all ')}`;

const inStep = (table: string): string =>
  `rowid >= (select from_row from rollup_step where source = '${table}')
   and rowid < (select to_row from rollup_step where source = '${table}')`;

const FOUND = 'from rollup_found';
const SHORT = `${FOUND} where until_ms - at_ms <= ${LONG_MS}`;

/** Adds rows of the same columns to a rollup. */
function addTo(
  table: string,
  keys: readonly string[],
  made: string,
  { sums: names = MEASURES, latest }: { sums?: readonly string[]; latest?: string } = {},
): string {
  const same = keys.map((key) => `${table}.${key} = d.${key}`).join(' and ');
  const sums = names.map((name) => `${name} = ${table}.${name} + d.${name}`);
  if (latest) sums.push(`${latest} = greatest(${table}.${latest}, d.${latest})`);
  return `merge into ${table} using (${made}) d on (${same})
    when matched then update set ${sums.join(', ')} when not matched then insert`;
}

function stepStatements(timeZone: string): string[] {
  return [
    `create or replace temp table rollup_found as ${storedOccurrences(inStep)}`,
    addTo('rollup_hour', ['partition_id', 'from_ms'], byHour(FOUND)),
    addTo('rollup_day', ['partition_id', 'from_ms'], byDay(FOUND, timeZone)),
    addTo('rollup_month', ['line_id', 'partition_id', 'from_ms'], byMonth(SHORT, timeZone), {
      latest: 'last_start_ms',
    }),
    addTo(
      'rollup_cause',
      ['line_id', 'partition_id', 'from_ms', 'cause_id'],
      byCause(FOUND, timeZone),
      { sums: ['interruptions'] },
    ),
    `insert into rollup_long select line_id, partition_id, at_ms, until_ms, outages > 0
       ${FOUND} where until_ms - at_ms > ${LONG_MS}`,
    'delete from rollup_mark',
  ];
}

/** Forgets what was cut in another zone; call it before anything reads. */
export async function alignRollups(connection: DuckDBConnection, timeZone: string): Promise<void> {
  const [row] = await selectRows<{ others: number }>(
    connection,
    'select count(*) as others from rollup_mark where time_zone <> $zone',
    { zone: timeZone },
  );
  if (row.others === 0) return;
  await connection.run('begin');
  for (const name of MADE) await connection.run(`delete from rollup_${name}`);
  await connection.run('commit');
}

/**
 * Rolls up at most `rowsMax` more rows of each table, in a transaction of its own; returns
 * how many rows still wait.
 */
export async function rollUp(
  connection: DuckDBConnection,
  timeZone: string,
  rowsMax: number = ROLLUP_ROWS.stepMax,
): Promise<number> {
  await connection.run('begin');
  try {
    await connection.run(takeText(rowsMax));
    for (const statement of stepStatements(timeZone)) await connection.run(statement);
    await connection.run('insert into rollup_mark select source, to_row, $1 from rollup_step', [
      timeZone,
    ]);
    await connection.run('commit');
  } catch (error) {
    await connection.run('rollback').catch(() => undefined);
    throw error;
  }
  return rowsWaiting(connection);
}

/** Rows that are not rolled up. */
export async function rowsWaiting(connection: DuckDBConnection): Promise<number> {
  const counts = ROLLED_TABLES.map((table) => `(select count(*) from ${table})`).join(' + ');
  const [row] = await selectRows<{ rows: number }>(
    connection,
    `select (${counts} - (select coalesce(sum(rows), 0) from rollup_mark))::bigint as rows`,
  );
  return row.rows;
}
