// What a transaction sees of a store, in numbers that cost one narrow statement each: how many rows there
// are, and up to when each partition is read.

import { INTERRUPTION_TABLES } from './facts.js';
import type { RowCounts } from './interruption-history.js';
import { type ReadingClause, type ReadingTime, readingClause } from './reading.js';
import type { Replaced } from './revision.js';
import { type SqlRunner, selectRows } from './sql.js';

/** A partition with data. Times in epoch ms. */
export interface PartitionMoment {
  readonly partition: number;
  readonly firstMs: number | null;
  /** The newest timestamp of its records; 0 = not known. */
  readonly newestRecordMs: number;
  /** Its reading time; null = none, undefined = it is not read. */
  readonly c: number | null | undefined;
}

/** A moment of the store, at a reading time. */
export interface Moment {
  /** Ended interruptions by their table. */
  readonly rows: RowCounts;
  readonly lineIdMax: number;
  readonly causeIdMax: number;
  readonly causeNameIdMax: number;
  readonly groupIdMax: number;
  /** Other text = other rows of what is held in memory (HeldColumns). */
  readonly versions: Readonly<Record<Versioned, string>>;
  readonly partitions: readonly PartitionMoment[];
  /** The first effective time; null = no data. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** The earliest reading time of all partitions; null = nothing is read. */
  readonly leastReadingMs: number | null;
  readonly reading: ReadingClause;
}

type Versioned =
  | 'lines'
  | 'places'
  | 'episodes'
  | 'repeats'
  | 'planned'
  | 'members'
  | 'causes'
  | 'raised'
  | 'components';

const COUNTED = [
  ...INTERRUPTION_TABLES.map((table) => [table, 'count(*)', table] as const),
  ['lineIdMax', 'max(line_id)', 'line'],
  ['causeIdMax', 'max(cause_id)', 'cause'],
  ['causeNameIdMax', 'max(name_id)', 'cause_name'],
  ['groupIdMax', 'max(group_id)', 'line_group'],
  ['open_state', 'count(*)', 'open_state'],
  ['episode_row', 'count(*)', 'episode_row'],
  ['repeat_row', 'count(*)', 'repeat_row'],
  ['planned_mark', 'count(*)', 'planned_mark'],
] as const;
type Counted = (typeof COUNTED)[number][0] | Replaced;

/** Plain rows: a subquery for each value would cost DuckDB more. */
const COUNTS = [
  ...COUNTED.map(([name, value, table]) => `select '${name}' as what, ${value} as n from ${table}`),
  'select what, number from revision',
].join(' union all ');

/** Looks at the store. */
export async function readMoment(connection: SqlRunner, at: ReadingTime): Promise<Moment> {
  const counts = await selectRows<{ what: Counted; n: number | null }>(connection, COUNTS);
  const known = new Map(counts.map(({ what, n }) => [what, n ?? 0]));
  const count = (name: Counted): number => known.get(name)!;
  const progress = await selectRows<ProgressRow>(
    connection,
    `select partition_id as partition, first_ms as "firstMs", effective_ms as "effectiveMs",
       coalesce(newest_record_ms, 0) as "newestRecordMs" from progress order by log`,
  );
  return {
    rows: Object.fromEntries(INTERRUPTION_TABLES.map((name) => [name, count(name)])) as RowCounts,
    lineIdMax: count('lineIdMax'),
    causeIdMax: count('causeIdMax'),
    causeNameIdMax: count('causeNameIdMax'),
    groupIdMax: count('groupIdMax'),
    versions: {
      lines: `${count('lineIdMax')}`,
      places: `${count('open_state')}`,
      episodes: `${count('episode_row')}`,
      repeats: `${count('repeat_row')}`,
      planned: `${count('planned')} ${count('planned_mark')}`,
      members: `${count('members')}`,
      causes: `${count('causes')}`,
      raised: `${count('causeIdMax')}`,
      components: `${count('causeNameIdMax')}`,
    },
    ...timesOf(progress, at),
  };
}

type Times = Pick<Moment, 'partitions' | 'firstMs' | 'lastMs' | 'leastReadingMs' | 'reading'>;

function timesOf(progress: readonly ProgressRow[], at: ReadingTime): Times {
  const lastMs = lastOf(progress.map(({ effectiveMs }) => effectiveMs));
  const isByPartition = at !== 'latest' && !('atMs' in at);
  const fixed = at === 'latest' ? lastMs : 'atMs' in at ? at.atMs : null;
  return {
    partitions: partitionsOf(progress, (id) => (isByPartition ? at.get(id) : fixed)),
    firstMs: leastOf(progress.map(({ firstMs }) => firstMs)),
    lastMs,
    leastReadingMs: leastOf(isByPartition ? [...at.values()] : [fixed]),
    reading: readingClause(at === 'latest' && lastMs !== null ? { atMs: lastMs } : at),
  };
}

interface ProgressRow {
  partition: number;
  firstMs: number | null;
  effectiveMs: number | null;
  newestRecordMs: number;
}

function leastOf(times: readonly (number | null)[]): number | null {
  const known = times.filter((ms) => ms !== null);
  return known.length > 0 ? Math.min(...known) : null;
}

function lastOf(times: readonly (number | null)[]): number | null {
  const known = times.filter((ms) => ms !== null);
  return known.length > 0 ? Math.max(...known) : null;
}

/** Partitions of rows in the order of their logs: the newest one tells the newest record. */
function partitionsOf(
  rows: readonly ProgressRow[],
  readingOf: (partition: number) => PartitionMoment['c'],
): PartitionMoment[] {
  const found = new Map<number, PartitionMoment>();
  for (const { partition, firstMs, newestRecordMs } of rows) {
    const before = found.get(partition);
    const first = leastOf([firstMs, before?.firstMs ?? null]);
    const c = readingOf(partition);
    found.set(partition, { partition, firstMs: first, newestRecordMs, c });
  }
  return [...found.values()];
}
