// Goes through a month's interruptions line by line and adds up what every span (relations.ts) has of
// them: counts, durations, errored and unavailable seconds; and tells the faults. Gross of all
// interruptions, planned of those that start in a work's window, net of the rest; down time behind the
// window is unplanned. About 0.2 microseconds an interruption.

import { setImmediate } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type ColumnKind, type ColumnSource, TableAppender } from '../store/chunks.js';
import { readColumns } from '../store/read-columns.js';
import { type Fault, Faults } from './faults.js';
import { VARIANTS } from './kpi.js';
import {
  CAUSE,
  ENDED,
  FLAGS,
  type MonthRows,
  OUTAGE,
  PARTITION,
  PLANNED,
  START,
  UNTIL,
  readMonthRows,
  sortLine,
} from './month-rows.js';
import type { MonthRead } from './relations.js';
import { Seconds } from './seconds.js';

/** What is told gross and planned; net is what is left. */
export const MEASURES = [
  'interruptions',
  'momentary',
  'outages',
  'ended',
  'ended_ms',
  'down_ms',
] as const;
/** What is told in all three variants. */
export const SECONDS = ['es', 'uas'] as const;

const [INTERRUPTIONS, MOMENTARY, OUTAGES, ENDS, ENDED_MS, DOWN_MS] = [0, 1, 2, 3, 4, 5] as const;

/** Columns of kpi_count behind span_id. */
export const COUNT_COLUMNS: readonly string[] = [
  ...MEASURES.flatMap((name) => [name, `${name}_planned`]),
  ...SECONDS.flatMap((name) => [name, `${name}_planned`, `${name}_net`]),
];

const COUNT_KINDS: readonly ColumnKind[] = [
  'integer',
  ...COUNT_COLUMNS.map(() => 'double' as const),
];
const FAULT_KINDS: readonly ColumnKind[] = [
  ...(['integer', 'integer', 'integer', 'integer', 'integer', 'double'] as const),
];
const FAULT_COLUMNS = `span_id integer, variant integer, repeats integer, same_cause integer,
  cause_id integer, start_ms double`;

/** Places in VARIANTS. */
const [GROSS, OF_WORKS, NET] = [0, 1, 2] as const;

const DAY_MS = 86_400_000;
/** Lines between two rests of the thread: a few milliseconds. */
const LINES_AT_ONCE = 4_000;

/** Spans of lines seen, by line and time; those of a line from begins[line] to begins[line + 1]. */
interface Spans {
  readonly count: number;
  readonly lineIdMax: number;
  readonly begins: Int32Array;
  readonly ids: Int32Array;
  readonly fromMs: Float64Array;
  readonly toMs: Float64Array;
}

async function readSpans(connection: DuckDBConnection): Promise<Spans> {
  const found = { count: 0, lineIdMax: -1 };
  const sizes = 'select count(*)::integer, coalesce(max(line_id), -1) from kpi_span';
  await readColumns(connection, sizes, { words: 2 }, (_, [counts, ids]) => {
    found.count = counts![0]!;
    found.lineIdMax = ids![0]!;
  });
  const { count, lineIdMax } = found;
  const begins = new Int32Array(lineIdMax + 2);
  const spans = { ids: new Int32Array(count), fromMs: new Float64Array(count) };
  const toMs = new Float64Array(count);
  const text = `select line_id, span_id, from_ms::double, to_ms::double from kpi_span
    where line_id is not null order by line_id, from_ms`;
  let at = 0;
  await readColumns(connection, text, { words: 2, doubles: 2 }, (rows, words, times) => {
    for (let i = 0; i < rows; i++, at++) {
      begins[words[0]![i]! + 1]!++;
      spans.ids[at] = words[1]![i]!;
      spans.fromMs[at] = times[0]![i]!;
      toMs[at] = times[1]![i]!;
    }
  });
  for (let line = 0; line <= lineIdMax; line++) begins[line + 1]! += begins[line]!;
  return { count, lineIdMax, begins, ...spans, toMs };
}

/** Adds up a month's rows. */
class MonthFold {
  /** COUNT_COLUMNS one after the other, a double a span in the order of span ids. */
  readonly memory: ArrayBuffer;
  /** Columns of kpi_found. */
  readonly found: readonly number[][] = Array.from(FAULT_KINDS, () => []);
  private readonly columns: readonly Float64Array[];
  private readonly spans: Spans;
  private readonly sinceMs: number;
  private readonly read: MonthRead;
  private readonly seconds: readonly Seconds[];
  private readonly faults: readonly Faults[];
  /** Of the line at hand: its spans, and whether anything of it is planned. */
  private first = 0;
  private end = 0;
  private isPlanned = false;

  constructor(spans: Spans, read: MonthRead) {
    const { count } = spans;
    this.memory = new ArrayBuffer(COUNT_COLUMNS.length * count * 8);
    const columns = COUNT_COLUMNS.map(
      (_, i) => new Float64Array(this.memory, i * count * 8, count),
    );
    const columnOf = (name: string): Float64Array => columns[COUNT_COLUMNS.indexOf(name)]!;
    this.columns = columns;
    this.spans = spans;
    this.read = read;
    this.sinceMs = read.fromMs - DAY_MS;
    this.seconds = VARIANTS.map((variant, i) => {
      const suffix = variant === 'gross' ? '' : `_${variant}`;
      const [es, uas] = SECONDS.map((name) => columnOf(`${name}${suffix}`));
      const nets = i === GROSS ? SECONDS.map((name) => columnOf(`${name}_net`)) : [];
      return new Seconds((fromS, toS, unavailable) => {
        this.addSeconds((unavailable ? uas : es)!, fromS, toS);
        if (i === GROSS && !this.isPlanned) this.addSeconds(nets[unavailable ? 1 : 0]!, fromS, toS);
      });
    });
    this.faults = VARIANTS.map(
      (_, i) =>
        new Faults((fault) => {
          this.addFault(i, fault);
          if (i === GROSS && !this.isPlanned) this.addFault(NET, fault);
        }),
    );
  }

  /** Adds rows of whole lines. */
  async add(rows: MonthRows): Promise<void> {
    const { begins } = rows;
    for (let line = 0; line <= this.spans.lineIdMax; line++) {
      if (begins[line]! < begins[line + 1]!) this.addLine(rows, line);
      if (line % LINES_AT_ONCE === 0) await setImmediate();
    }
  }

  private addLine(rows: MonthRows, line: number): void {
    const { fields, order, begins } = rows;
    const [from, to] = [begins[line]!, begins[line + 1]!];
    sortLine(rows, from, to);
    this.first = this.spans.begins[line]!;
    this.end = this.spans.begins[line + 1]!;
    this.isPlanned = false;
    for (let i = from; i < to; i++) this.isPlanned ||= fields[order[i]! + PLANNED]! >= 0;
    for (let i = from; i < to; i++) {
      const at = order[i]!;
      const isNext = i > from && fields[at + PARTITION] !== fields[order[i - 1]! + PARTITION];
      if (isNext) this.endRuns();
      this.addToSpans(fields, at);
      this.addToRuns(fields, at);
    }
    this.endRuns();
  }

  /** Down time, and faults, of each variant. */
  private addToRuns(fields: Float64Array, at: number): void {
    const start = fields[at + START]!;
    const until = fields[at + UNTIL]!;
    const planned = fields[at + PLANNED]!;
    if (until >= this.sinceMs) {
      this.seconds[GROSS]!.add(start, until);
      if (planned >= 0) this.seconds[OF_WORKS]!.add(start, Math.min(until, planned));
      if (this.isPlanned && until > planned) {
        this.seconds[NET]!.add(planned >= 0 ? planned : start, until);
      }
    }
    if ((fields[at + FLAGS]! & OUTAGE) === 0) return;
    const cause = fields[at + CAUSE]!;
    this.faults[GROSS]!.add(start, until, cause);
    if (planned >= 0) this.faults[OF_WORKS]!.add(start, until, cause);
    else if (this.isPlanned) this.faults[NET]!.add(start, until, cause);
  }

  private endRuns(): void {
    for (const runs of this.seconds) runs.end();
    for (const runs of this.faults) runs.end();
  }

  /** Counts where it starts, down time where it is. */
  private addToSpans(fields: Float64Array, at: number): void {
    const { fromMs, toMs } = this.spans;
    const start = fields[at + START]!;
    const until = fields[at + UNTIL]!;
    const planned = fields[at + PLANNED]!;
    for (let s = this.first; s < this.end; s++) {
      const from = fromMs[s]!;
      const to = toMs[s]!;
      if (start >= to || until < from) continue;
      const begun = Math.max(start, from);
      const down = Math.max(0, Math.min(until, to) - begun);
      const ofWorks = Math.max(0, Math.min(until, planned, to) - begun);
      this.put(DOWN_MS, s, down, planned >= 0 ? ofWorks : 0);
      if (start < from) continue;
      const counted = planned >= 0 ? 1 : 0;
      this.put(INTERRUPTIONS, s, 1, counted);
      this.put((fields[at + FLAGS]! & OUTAGE) === 0 ? MOMENTARY : OUTAGES, s, 1, counted);
      if ((fields[at + FLAGS]! & ENDED) === 0) continue;
      this.put(ENDS, s, 1, counted);
      this.put(ENDED_MS, s, until - start, counted * (until - start));
    }
  }

  private put(measure: number, span: number, gross: number, ofWorks: number): void {
    const at = this.spans.ids[span]! - 1;
    this.columns[2 * measure]![at]! += gross;
    this.columns[2 * measure + 1]![at]! += ofWorks;
  }

  /** Seconds in the spans of the line at hand. */
  private addSeconds(column: Float64Array, fromS: number, toS: number): void {
    const { ids, fromMs, toMs } = this.spans;
    for (let s = this.first; s < this.end; s++) {
      const from = Math.max(fromS, Math.floor(fromMs[s]! / 1000));
      const to = Math.min(toS, Math.floor(toMs[s]! / 1000));
      if (to > from) column[ids[s]! - 1]! += to - from;
    }
  }

  private addFault(variant: number, fault: Fault): void {
    const { startMs } = fault;
    if (startMs < this.read.fromMs || startMs >= this.read.endMs) return;
    const { ids, fromMs, toMs } = this.spans;
    for (let s = this.first; s < this.end; s++) {
      if (startMs < fromMs[s]! || startMs >= toMs[s]!) continue;
      const { repeats, sameCause, causeId } = fault;
      const row = [ids[s]!, variant, Number(repeats), Number(sameCause), causeId, startMs];
      for (let i = 0; i < row.length; i++) this.found[i]!.push(row[i]!);
    }
  }
}

/** Adds up a month's interruptions into the temporary tables kpi_count and kpi_found. */
export async function foldMonth(connection: DuckDBConnection, read: MonthRead): Promise<void> {
  const spans = await readSpans(connection);
  const fold = new MonthFold(spans, read);
  await readMonthRows(connection, read, spans.lineIdMax, (rows) => fold.add(rows));
  const doubles = COUNT_COLUMNS.map((name) => `${name} double`).join(', ');
  await connection.run(`create or replace temp table kpi_count (span_id integer, ${doubles})`);
  await connection.run(`create or replace temp table kpi_found (${FAULT_COLUMNS})`);
  const { memory, found } = fold;
  const ids = Int32Array.from({ length: spans.count }, (_, i) => i + 1).buffer;
  const columns = COUNT_COLUMNS.map((_, i) => ({ at: i * spans.count * 8 }));
  await append(connection, 'kpi_count', COUNT_KINDS, memory, spans.count, [
    { at: 0, memory: ids },
    ...columns,
  ]);
  const faults = found.map((values, i) => {
    const { buffer } =
      FAULT_KINDS[i] === 'double' ? new Float64Array(values) : new Int32Array(values);
    return { at: 0, memory: buffer };
  });
  await append(connection, 'kpi_found', FAULT_KINDS, memory, found[0]!.length, faults);
}

async function append(
  connection: DuckDBConnection,
  table: string,
  kinds: readonly ColumnKind[],
  memory: ArrayBuffer,
  rows: number,
  sources: readonly ColumnSource[],
): Promise<void> {
  const appender = await TableAppender.open(connection, table, kinds, true);
  try {
    appender.append(memory, rows, sources);
    appender.flush();
  } finally {
    appender.close();
  }
}
