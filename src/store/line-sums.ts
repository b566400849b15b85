// What every line has in a period, in typed arrays by line id: rows of rollups and edges are summed here
// as they are read, where DuckDB's grouping by as many ids takes several times as long. 50 bytes a line,
// for the time of one list.

import type { DuckDBConnection } from '@duckdb/node-api';
import { STANDS, openSums } from './facts.js';
import { type KnownTime, readKnownTime } from './known-time.js';
import type { Period } from './period-parts.js';
import { ONES, type PeriodRows } from './period-rows.js';
import { QUERY_SETTINGS } from './queries.js';
import type { ReadingClause } from './reading.js';
import { readBytes } from './sql.js';

/** Bits of LineSums.state beside those of STANDS: the stream has named it, the filter asks for it. */
const WANTED = 128;

/** Figures by line id. */
export interface LineSums {
  readonly interruptions: Int32Array;
  readonly outages: Int32Array;
  readonly before: Int32Array;
  readonly downMs: Float64Array;
  /** -1 = none in the period. */
  readonly lastStartMs: Float64Array;
  readonly ones: Readonly<Record<(typeof ONES)[number], Int32Array>>;
  /** Bits of STANDS at the reading time. */
  readonly state: Uint8Array;
  /** How long the state was known in the period; -1 = no event has named the line. */
  readonly knownMs: Float64Array;
  /** That of the best partition. */
  readonly bestKnownMs: number;
  /** Causes are for the record up to here; null = nothing is read. */
  readonly leastReadingMs: number | null;
}

/** What is asked of a store. */
export interface Asking {
  readonly reading: ReadingClause;
  readonly period: Period;
  readonly earlier: Period | null;
  /** The lines that a filter asks for, wanted(line_id) for a `with` list; null = all. */
  readonly wanted: ReadingClause | null;
}

/** A `with` list of the reading relation and wanted(line_id), with the parameters that both need. */
export function withWanted({ reading, wanted }: Asking): ReadingClause {
  if (wanted === null) return reading;
  const parameters = { ...reading.parameters, ...wanted.parameters };
  return { clause: `${reading.clause}, ${wanted.clause}`, parameters };
}

const wordsOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Int32Array =>
  new Int32Array(buffer, byteOffset, byteLength / 4);
const doublesOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Float64Array =>
  new Float64Array(buffer, byteOffset, byteLength / 8);

/** Columns of one chunk: first those of integers, then those of doubles. */
type Take = (count: number, words: readonly Int32Array[], doubles: readonly Float64Array[]) => void;

/** Reads rows of `words` integers, then `doubles` doubles, none of them null. */
export function readColumns(
  connection: DuckDBConnection,
  { clause: text, parameters }: ReadingClause,
  { words, doubles = 0 }: { words: number; doubles?: number },
  take: Take,
): Promise<void> {
  const widths = Array.from({ length: words + doubles }, (_, i) => (i < words ? 4 : 8));
  return readBytes(connection, text, parameters, widths, (count, columns) =>
    take(count, columns.slice(0, words).map(wordsOf), columns.slice(words).map(doublesOf)),
  );
}

const plain = (text: string): ReadingClause => ({ clause: text, parameters: {} });

/** Reads them all, in ten to fifteen plain statements. */
export async function readLineSums(
  connection: DuckDBConnection,
  asking: Asking,
  rows: PeriodRows,
): Promise<LineSums> {
  const { reading, period } = asking;
  const known = await readKnownTime(connection, reading, period);
  const sums = emptySums(rows.lineIdMax + 1, known);
  const { parameters } = reading;
  const ofRows = (text: string) =>
    rows.isOfSome ? { clause: `${reading.clause} ${text}`, parameters } : plain(text);
  for (const { text, part } of rows.parts) {
    await readColumns(connection, plain(text), { words: 2, doubles: 2 }, (count, words, times) =>
      addInterruptions(sums, part, count, words, times),
    );
  }
  if (rows.months !== null) {
    const shape = { words: 3, doubles: 2 };
    await readColumns(connection, ofRows(rows.months), shape, (...columns) =>
      addSums(sums, ...columns),
    );
  }
  for (const text of rows.before) {
    await readColumns(connection, ofRows(text), { words: 2 }, (count, [lines, counts]) => {
      for (let i = 0; i < count; i++) sums.before[lines![i]!]! += counts![i]!;
    });
  }
  for (const name of ONES) {
    const counts = sums.ones[name];
    await readColumns(connection, plain(rows.ones[name]), { words: 1 }, (count, [lines]) => {
      for (let i = 0; i < count; i++) counts[lines![i]!]!++;
    });
  }
  const open = {
    clause: `${reading.clause} select line_id, partition_id, stands, start_ms, until_ms, episode_at_ms
      from (${openSums(QUERY_SETTINGS)})`,
    parameters,
  };
  await readColumns(connection, open, { words: 3, doubles: 3 }, (count, words, times) =>
    addOpen(sums, asking, known, !rows.isOfSome, { count, words, times }),
  );
  await markWanted(connection, asking, sums);
  return sums;
}

function emptySums(size: number, { bestMs, leastReadingMs }: KnownTime): LineSums {
  const counts = (): Int32Array => new Int32Array(size);
  return {
    interruptions: counts(),
    outages: counts(),
    before: counts(),
    downMs: new Float64Array(size),
    lastStartMs: new Float64Array(size).fill(-1),
    ones: { flapEpisodes: counts(), repeatFaults: counts(), planned: counts() },
    state: new Uint8Array(size),
    knownMs: new Float64Array(size).fill(-1),
    bestKnownMs: bestMs,
    leastReadingMs,
  };
}

/** Interruptions that touch a part of the period: starts in it count, down time is cut at its edges. */
function addInterruptions(
  sums: LineSums,
  { fromMs, toMs }: Period,
  count: number,
  [lines, outages]: readonly Int32Array[],
  [starts, untils]: readonly Float64Array[],
): void {
  for (let i = 0; i < count; i++) {
    const line = lines![i]!;
    const startMs = starts![i]!;
    sums.downMs[line]! += Math.max(0, Math.min(untils![i]!, toMs) - Math.max(startMs, fromMs));
    if (startMs < fromMs) continue;
    sums.interruptions[line]!++;
    sums.outages[line]! += outages![i]!;
    if (startMs > sums.lastStartMs[line]!) sums.lastStartMs[line] = startMs;
  }
}

function addSums(
  sums: LineSums,
  count: number,
  [lines, interruptions, outages]: readonly Int32Array[],
  [downMs, lastStartMs]: readonly Float64Array[],
): void {
  for (let i = 0; i < count; i++) {
    const line = lines![i]!;
    sums.interruptions[line]! += interruptions![i]!;
    sums.outages[line]! += outages![i]!;
    sums.downMs[line]! += downMs![i]!;
    if (lastStartMs![i]! > sums.lastStartMs[line]!) sums.lastStartMs[line] = lastStartMs![i]!;
  }
}

/** The open state: how lines stand, and what is open of interruptions (`all` of them), episodes, repeats. */
function addOpen(
  sums: LineSums,
  { period, earlier }: Asking,
  known: KnownTime,
  all: boolean,
  rows: {
    readonly count: number;
    readonly words: readonly Int32Array[];
    readonly times: readonly Float64Array[];
  },
): void {
  const [lines, partitions, stands] = rows.words;
  const [starts, untils, episodes] = rows.times;
  const { fromMs, toMs } = period;
  const isIn = (ms: number): boolean => ms >= fromMs && ms < toMs;
  for (let i = 0; i < rows.count; i++) {
    const line = lines![i]!;
    const state = stands![i]!;
    sums.state[line]! |= state & (STANDS.down | STANDS.flapping | STANDS.unknown);
    const knownMs = known.of(line, partitions![i]!);
    if (knownMs > sums.knownMs[line]!) sums.knownMs[line] = knownMs;
    if (isIn(episodes![i]!)) sums.ones.flapEpisodes[line]!++;
    const startMs = starts![i]!;
    if (startMs < 0) continue;
    if ((state & STANDS.repeat) !== 0 && isIn(startMs)) sums.ones.repeatFaults[line]!++;
    if (!all) continue;
    if (earlier && startMs >= earlier.fromMs && startMs < earlier.toMs) sums.before[line]!++;
    if (startMs >= toMs || untils![i]! < fromMs) continue;
    sums.downMs[line]! += Math.max(0, Math.min(untils![i]!, toMs) - Math.max(startMs, fromMs));
    if (startMs < fromMs) continue;
    sums.interruptions[line]!++;
    if ((state & STANDS.outage) !== 0) sums.outages[line]!++;
    if (startMs > sums.lastStartMs[line]!) sums.lastStartMs[line] = startMs;
  }
}

async function markWanted(
  connection: DuckDBConnection,
  asking: Asking,
  sums: LineSums,
): Promise<void> {
  const { clause, parameters } = withWanted(asking);
  const wanted = asking.wanted
    ? {
        clause: `${clause} select line_id from wanted`,
        parameters: { ...parameters, to: asking.period.toMs },
      }
    : { clause: 'select line_id from line', parameters: {} };
  await readColumns(connection, wanted, { words: 1 }, (count, [lines]) => {
    for (let i = 0; i < count; i++) sums.state[lines![i]!]! |= WANTED;
  });
}

/** Lines that are meant, those of the filter. */
export function isWanted({ state }: LineSums, line: number): boolean {
  return (state[line]! & WANTED) !== 0;
}
