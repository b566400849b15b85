// Interruptions of a month (and of what is looked at before and behind it), line by line in the order of
// time. DuckDB selects them; a counting sort by line takes a fifth of what windows over as many rows
// do. A row is FIELDS doubles side by side, read once in the order of lines: 52 bytes, ROWS_MAX rows at
// a time.

import type { DuckDBConnection } from '@duckdb/node-api';
import { type ByLine, byLine } from '../store/by-line.js';
import { interruptionFacts } from '../store/facts.js';
import { readColumns } from '../store/read-columns.js';
import { atOneMoment, selectRows } from '../store/sql.js';
import type { MonthRead } from './relations.js';

/** Rows that are held at a time; more are read in so many parts, each of some of the lines. */
const ROWS_MAX = 2_000_000;

/** How far before a month its interruptions are looked at: a fault before last month is no repeat. */
export const LOOK_BACK_MS = 62 * 86_400_000;

/**
 * How far behind it: a fault that begins in the month may get its cause there, and unavailable time
 * begins on either side of its end. As long as a month waits before it closes.
 */
export const LOOK_AHEAD_MS = 3 * 86_400_000;

const DAY_MS = 86_400_000;

/** Where a field of a row stands. Times in epoch ms, -1 = none; causes: the id, -1 = none is known. */
export const START = 0;
/** The end, or for an open one the time it is known to last to. */
export const UNTIL = 1;
/** Until when its down time is planned. */
export const PLANNED = 2;
export const CAUSE = 3;
export const FLAGS = 4;
export const PARTITION = 5;
const ORDINAL = 6;
const FIELDS = 7;

/** Bits of FLAGS. */
export const OUTAGE = 1;
export const ENDED = 2;

/** Rows of whole lines, where their fields begin; sortLine puts one's by partition and time too. */
export interface MonthRows extends ByLine {
  readonly fields: Float64Array;
}

/** Of the interruptions `f`, read at `r`: those that the month's figures follow from. */
function lookedAt({ fromMs, toMs }: MonthRead): string {
  return `f.start_ms < ${toMs + LOOK_AHEAD_MS} and f.start_ms <= r.c
    and f.until_ms >= ${fromMs - LOOK_BACK_MS}
    and (f.outage or f.until_ms >= ${fromMs - DAY_MS})`;
}

const FACTS = `(${interruptionFacts({ reading: 'kpi_reading' })}) f
  join kpi_reading r on r.partition_id = f.partition_id`;

function rowsText(read: MonthRead, part: number, parts: number): string {
  return `
    select f.line_id, f.partition_id, f.n,
      f.outage::integer * ${OUTAGE} + coalesce(f.end_ms <= r.c, false)::integer * ${ENDED},
      coalesce(k.cause_id, -1)::integer, f.start_ms::double, least(f.until_ms, r.c)::double,
      coalesce(m.planned_until_ms, -1)::double
    from ${FACTS}
    left join planned_mark m on m.line_id = f.line_id and m.partition_id = f.partition_id and m.n = f.n
    left join cause k on k.cause_id = f.cause_id
    where ${lookedAt(read)} ${parts > 1 ? `and f.line_id % ${parts} = ${part}` : ''}`;
}

/** Calls `take` with all rows, all of a line at once; no line has an id above lineIdMax. */
export function readMonthRows(
  connection: DuckDBConnection,
  read: MonthRead,
  lineIdMax: number,
  take: (rows: MonthRows) => Promise<void>,
  rowsMax: number = ROWS_MAX,
): Promise<void> {
  return atOneMoment(connection, async () => {
    const [{ rows: all }] = await selectRows<{ rows: number }>(
      connection,
      `select count(*) as rows from ${FACTS} where ${lookedAt(read)}`,
    );
    const parts = Math.max(1, Math.ceil(all / rowsMax));
    for (let part = 0; part < parts; part++) {
      await take(await partOf(connection, rowsText(read, part, parts), all, lineIdMax));
    }
  });
}

async function partOf(
  connection: DuckDBConnection,
  text: string,
  rowsMax: number,
  lineIdMax: number,
): Promise<MonthRows> {
  const fields = new Float64Array(rowsMax * FIELDS);
  const lines = new Int32Array(rowsMax);
  let count = 0;
  const shape = { words: 5, doubles: 3 };
  const fieldOf = [PARTITION, ORDINAL, FLAGS, CAUSE, START, UNTIL, PLANNED];
  await readColumns(connection, text, shape, (rows, words, doubles) => {
    const [ids, ...columns] = [...words, ...doubles];
    lines.set(ids!.subarray(0, rows), count);
    for (const [k, column] of columns.entries()) {
      let at = count * FIELDS + fieldOf[k]!;
      for (let i = 0; i < rows; i++, at += FIELDS) fields[at] = column[i]!;
    }
    count += rows;
  });
  return { fields, ...byLine(lines.subarray(0, count), lineIdMax + 1, FIELDS) };
}

/** Lines with more rows are put in order by a general sort. */
const INSERTED_MAX = 1_000;

/** Puts the rows of one line in order: they came in a few pieces, one a table, each in order. */
export function sortLine({ fields, order }: MonthRows, from: number, to: number): void {
  if (to - from > INSERTED_MAX) {
    order.subarray(from, to).sort((a, b) => (isBefore(fields, a, b) ? -1 : 1));
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const row = order[i]!;
    let k = i;
    for (; k > from && isBefore(fields, row, order[k - 1]!); k--) order[k] = order[k - 1]!;
    order[k] = row;
  }
}

function isBefore(fields: Float64Array, a: number, b: number): boolean {
  if (fields[a + PARTITION] !== fields[b + PARTITION]) {
    return fields[a + PARTITION]! < fields[b + PARTITION]!;
  }
  if (fields[a + START] !== fields[b + START]) return fields[a + START]! < fields[b + START]!;
  return fields[a + ORDINAL]! < fields[b + ORDINAL]!;
}
