// What every line has in a period, in typed arrays by line id: interruptions that ended are added up from
// memory, the rest from narrow statements as they are read, where DuckDB's grouping by as many ids takes
// several times as long. 60 bytes a line, lent for the time of one list.

import type { DuckDBConnection } from '@duckdb/node-api';
import { OF_PRIMARY, STANDS, openSums } from './facts.js';
import {
  type InterruptionSums,
  addInterruption,
  emptyInterruptionSums,
} from './interruption-block.js';
import { readKnownTime } from './known-time.js';
import type { ListMemory } from './list-memory.js';
import type { Moment } from './moment.js';
import type { Period } from './period-parts.js';
import { QUERY_SETTINGS } from './queries.js';
import { readColumns } from './read-columns.js';
import type { ReadingClause } from './reading.js';
import type { Lent } from './scratch.js';
import type { SqlRunner } from './sql.js';

/** Findings counted one by one. */
export const ONES = ['flapEpisodes', 'repeatFaults', 'planned'] as const;

/** Bits of LineSums.state beside those of STANDS: the stream has named it, the filter asks for it. */
const WANTED = 128;

/** Figures by line id. */
export interface LineSums extends InterruptionSums {
  /** Interruptions that start in the earlier period. */
  readonly before: Int32Array;
  readonly ones: Readonly<Record<(typeof ONES)[number], Int32Array>>;
  /** Bits of STANDS at the reading time. */
  readonly state: Uint8Array;
  /** How long the state was known in the period; -1 = no event has named the line. */
  readonly knownMs: Float64Array;
  /** That of the best partition. */
  readonly bestKnownMs: number;
}

/** What is asked of a store. */
export interface Asking {
  /** Arrays by line id, for as long as the answer is looked at. */
  readonly lent: Lent;
  readonly moment: Moment;
  readonly memory: ListMemory;
  readonly period: Period;
  /** The period before, where it is all known. */
  readonly earlier: Period | null;
  /** The lines that a filter asks for, wanted(line_id) for a `with` list; null = all. */
  readonly wanted: ReadingClause | null;
}

/** Reads them all; null where the history does not fit. */
export async function readLineSums(
  connection: DuckDBConnection,
  asking: Asking,
): Promise<LineSums | null> {
  const { moment, memory, period, earlier } = asking;
  const { lent } = asking;
  const sums = emptyInterruptionSums(moment.lineIdMax + 1, lent);
  const before = lent.int32();
  const asked = { period, sums, earlier, before };
  if (!(await memory.history.addTo(connection, moment.rows, asked))) return null;
  const figures = {
    ...sums,
    before,
    ones: await readOnes(connection, asking),
    state: lent.uint8(),
  };
  const kept = memory.statements.on(connection);
  const isUnknown = await addOpen(kept, asking, figures);
  const known = await readKnownTime(kept, moment, period, isUnknown);
  const knownMs = lent.float64().fill(-1);
  const places = await memory.columns.read(connection, moment.versions.places, PLACES);
  const [lines, partitions] = places.words;
  for (let i = 0; i < places.count; i++) {
    const ms = known.of(lines![i]!, partitions![i]!);
    if (ms > knownMs[lines![i]!]!) knownMs[lines![i]!] = ms;
  }
  await markWanted(connection, asking, figures.state);
  return { ...figures, knownMs, bestKnownMs: known.bestMs };
}

/** On which partitions lines are. */
const PLACES = { text: 'select line_id, partition_id from open_state', words: 2 };
const LINES = { text: 'select line_id from line', words: 1 };

const FOUND = {
  flapEpisodes: `select line_id, at_ms::double from episode_row where ${OF_PRIMARY}`,
  repeatFaults: 'select line_id, start_ms::double from repeat_row',
  planned: 'select line_id, start_ms::double from planned_mark',
} as const;

async function readOnes(
  connection: DuckDBConnection,
  { lent, memory, moment, period: { fromMs, toMs } }: Asking,
): Promise<Record<(typeof ONES)[number], Int32Array>> {
  const { episodes, repeats, planned } = moment.versions;
  const count = async (name: (typeof ONES)[number], version: string): Promise<Int32Array> => {
    const counts = lent.int32();
    const asked = { text: FOUND[name], words: 1, doubles: 1 };
    const { count: rows, words, doubles } = await memory.columns.read(connection, version, asked);
    const [lines, times] = [words[0]!, doubles[0]!];
    for (let i = 0; i < rows; i++) {
      if (times[i]! >= fromMs && times[i]! < toMs) counts[lines[i]!]!++;
    }
    return counts;
  };
  return {
    flapEpisodes: await count('flapEpisodes', episodes),
    repeatFaults: await count('repeatFaults', repeats),
    planned: await count('planned', planned),
  };
}

const isIn = (ms: number, { fromMs, toMs }: Period): boolean => ms >= fromMs && ms < toMs;

type Opened = Pick<LineSums, 'before' | 'ones' | 'state'> & InterruptionSums;

/** The open state: how lines stand, and what is open; true where a line's state is unknown. */
async function addOpen(
  connection: SqlRunner,
  { moment, period, earlier }: Asking,
  sums: Opened,
): Promise<boolean> {
  const { clause, parameters } = moment.reading;
  let all = 0;
  await readColumns(
    connection,
    `${clause} select line_id, stands, start_ms, until_ms, episode_at_ms
      from (${openSums(QUERY_SETTINGS)})`,
    { words: 2, doubles: 3 },
    (count, [lines, stands], [starts, untils, episodes]) => {
      for (let i = 0; i < count; i++) {
        const line = lines![i]!;
        const state = stands![i]!;
        const startMs = starts![i]!;
        all |= state;
        sums.state[line]! |= state & (STANDS.down | STANDS.flapping | STANDS.unknown);
        if (isIn(episodes![i]!, period)) sums.ones.flapEpisodes[line]!++;
        if (startMs < 0) continue;
        if ((state & STANDS.repeat) !== 0 && isIn(startMs, period)) sums.ones.repeatFaults[line]!++;
        if (earlier && isIn(startMs, earlier)) sums.before[line]!++;
        addInterruption(sums, period, line, (state & STANDS.outage) !== 0, startMs, untils![i]!);
      }
    },
    parameters,
  );
  return (all & STANDS.unknown) !== 0;
}

async function markWanted(
  connection: DuckDBConnection,
  { memory, moment, period, wanted }: Asking,
  state: Uint8Array,
): Promise<void> {
  const mark = (lines: Int32Array): void => {
    for (let i = 0; i < lines.length; i++) state[lines[i]!]! |= WANTED;
  };
  if (wanted === null) {
    const { words } = await memory.columns.read(connection, moment.versions.lines, LINES);
    return mark(words[0]!);
  }
  const { clause, parameters } = withWanted(moment, wanted);
  const asked = { ...parameters, to: period.toMs };
  const text = `${clause} select line_id from wanted`;
  await readColumns(connection, text, { words: 1 }, (_count, [lines]) => mark(lines!), asked);
}

/** A `with` list of the reading relation and wanted(line_id), with the parameters that both need. */
export function withWanted({ reading }: Moment, wanted: ReadingClause): ReadingClause {
  const parameters = { ...reading.parameters, ...wanted.parameters };
  return { clause: `${reading.clause}, ${wanted.clause}`, parameters };
}

/** Lines that are meant, those of the filter. */
export function isWanted({ state }: LineSums, line: number): boolean {
  return (state[line]! & WANTED) !== 0;
}
