// Back-test: the interruptions of a store folded again under other rules, against what was found.
// Everything before the period's end is folded, so that the state at its begin is right; counted is
// what starts in it. A line is folded a partition, as it was, and counted as a whole.

import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import type { Rules } from '../config/rules.js';
import { DEFAULT_CAPACITIES, Kernel } from '../kernel/kernel.js';
import { DEFAULT_LIMITS } from '../config/limits.js';
import { foldRelation } from '../source/relation.js';
import { START_FACTS, episodeFacts, interruptionFacts, repeatFacts } from '../store/facts.js';
import { QUERY_SETTINGS, latestReadingMs } from '../store/queries.js';
import { openReadStore } from '../store/read-store.js';
import { RuleBook } from '../store/rule-book.js';
import { READING, readingClause } from '../store/reading.js';
import { selectRows } from '../store/sql.js';
import { Fold } from './fold.js';
import { type Counts, Tally } from './tally.js';

/** What to test. Times in epoch ms. */
export interface BacktestOptions {
  readonly storeFile: string;
  readonly rules: Rules;
  /** The period [fromMs, toMs); null = from the first, to the last stored interruption. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** The reading time; null = the end of the data. */
  readonly atMs: number | null;
  /** Lines to be listed. */
  readonly limit: number;
  readonly onProgress?: (rows: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A line as it was stored, and as the other rules find it. */
export interface BacktestLine {
  readonly line: string;
  readonly branch: string | null;
  readonly stored: Counts;
  readonly found: Counts;
}

/** What came of a back-test. */
export interface BacktestResult {
  readonly fromMs: number;
  readonly toMs: number;
  readonly readingMs: number;
  readonly storedRules: Rules;
  readonly rules: Rules;
  readonly stored: Counts;
  readonly found: Counts;
  /** Lines with an episode in both, in what is stored only, under the other rules only. */
  readonly flagged: {
    readonly both: number;
    readonly onlyStored: number;
    readonly onlyFound: number;
  };
  /** Lines that differ, largest difference of episodes first. */
  readonly lines: readonly BacktestLine[];
  /** How many differ. */
  readonly different: number;
}

const STORE_LIMITS = { memory: '4GB', threads: 2 };
const NOTHING: Counts = { interruptions: 0, outages: 0, flapEpisodes: 0, repeatFaults: 0 };

interface Pair {
  stored: Counts;
  found: Counts;
}

/** Folds a store's interruptions under other rules. Throws FILE_UNREADABLE, STORE_..., INTERRUPTED. */
export async function backtest(options: BacktestOptions): Promise<BacktestResult> {
  const store = await openReadStore(options.storeFile, STORE_LIMITS);
  const { connection, rules: storedRules } = store;
  const interrupt = (): void => connection.interrupt();
  options.signal?.addEventListener('abort', interrupt);
  try {
    const period = await periodOf(connection, options);
    const found = await foldAgain(connection, options, period);
    const stored = await storedCounts(connection, period);
    return await compare(connection, { options, storedRules, period, stored, found });
  } catch (error) {
    checkInterrupted(options.signal);
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', interrupt);
    store.close();
  }
}

function checkInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new FlaplineError('INTERRUPTED', 'interrupted');
}

interface TestPeriod {
  readonly fromMs: number;
  readonly toMs: number;
  readonly readingMs: number;
}

async function periodOf(
  connection: DuckDBConnection,
  options: BacktestOptions,
): Promise<TestPeriod> {
  const readingMs = options.atMs ?? (await latestReadingMs(connection)) ?? 0;
  const rows = await selectRows<{ first: number | null }>(
    connection,
    `select min(start_ms) as first from (${START_FACTS})`,
  );
  const toMs = options.toMs ?? readingMs + 1;
  const fromMs = options.fromMs ?? Math.min(rows[0].first ?? 0, toMs);
  if (fromMs > toMs) {
    throw new FlaplineError('USAGE', `the period ends (${toMs}) before it begins (${fromMs})`);
  }
  return { fromMs, toMs, readingMs };
}

async function foldAgain(
  connection: DuckDBConnection,
  { rules, onProgress, signal }: BacktestOptions,
  { fromMs, toMs, readingMs }: TestPeriod,
): Promise<Map<number, Counts>> {
  const tally = new Tally(fromMs, toMs);
  const kernel = new Kernel({
    rules,
    ruleIds: new RuleBook().idsOf(rules).ids,
    capacities: DEFAULT_CAPACITIES,
    limits: DEFAULT_LIMITS,
    emitStarts: false,
    zone: [],
  });
  const fold = new Fold(kernel, {
    takeFindings: (current) => tally.take(current),
    takeRejects: ([reject]) => {
      throw new RangeError(`a stored interruption was rejected: ${reject?.reason}`);
    },
  });
  const facts = interruptionFacts(QUERY_SETTINGS);
  const relation = {
    // A relation takes no parameters: the number stands in its text.
    sql: `with ${READING} as (select partition_id, ${readingMs}::bigint as c from log_partition)
      select concat(partition_id, ':', line_id) as line, start_ms as start,
      end_ms as "end" from (${facts}) where start_ms < ${toMs} order by line_id, partition_id, n`,
    name: 'the store',
    zone: [],
    aliases: [],
    rowsBefore: 0,
  };
  const onRows = async (rows: number): Promise<void> => {
    checkInterrupted(signal);
    onProgress?.(rows);
  };
  await foldRelation(connection, relation, fold, () => undefined, onRows);
  await fold.read(readingMs);
  const counts = new Map<number, Counts>();
  for (const { line, ...of } of tally.lines()) {
    const lineId = Number(line.slice(line.indexOf(':') + 1));
    counts.set(lineId, sumOf([counts.get(lineId) ?? NOTHING, of]));
  }
  return counts;
}

async function storedCounts(
  connection: DuckDBConnection,
  { fromMs, toMs, readingMs }: TestPeriod,
): Promise<Map<number, Counts>> {
  const settings = QUERY_SETTINGS;
  const { clause, parameters } = readingClause({ atMs: readingMs });
  const rows = await selectRows<{ lineId: number } & Counts>(
    connection,
    `${clause},
     one as (
       select line_id, 1 as i, outage::integer as o, 0 as e, 0 as f
       from (${interruptionFacts(settings)}) where start_ms >= $from and start_ms < $to
       union all
       select line_id, 0, 0, 1, 0 from (${episodeFacts(settings)})
       where at_ms >= $from and at_ms < $to
       union all
       select line_id, 0, 0, 0, 1 from (${repeatFacts(settings)})
       where start_ms >= $from and start_ms < $to)
     select line_id as "lineId", sum(i)::bigint as interruptions, sum(o)::bigint as outages,
       sum(e)::bigint as "flapEpisodes", sum(f)::bigint as "repeatFaults"
     from one group by line_id`,
    { ...parameters, from: fromMs, to: toMs },
  );
  return new Map(rows.map(({ lineId, ...counts }) => [lineId, counts]));
}

interface Compared {
  readonly options: BacktestOptions;
  readonly storedRules: Rules;
  readonly period: TestPeriod;
  readonly stored: ReadonlyMap<number, Counts>;
  readonly found: ReadonlyMap<number, Counts>;
}

async function compare(
  connection: DuckDBConnection,
  { options, storedRules, period, stored, found }: Compared,
): Promise<BacktestResult> {
  const pairs = new Map<number, Pair>();
  for (const [lineId, counts] of stored) pairs.set(lineId, { stored: counts, found: NOTHING });
  for (const [lineId, counts] of found) {
    pairs.set(lineId, { stored: stored.get(lineId) ?? NOTHING, found: counts });
  }
  const flagged = { both: 0, onlyStored: 0, onlyFound: 0 };
  for (const pair of pairs.values()) {
    const [was, would] = [pair.stored.flapEpisodes > 0, pair.found.flapEpisodes > 0];
    if (was && would) flagged.both++;
    else if (was) flagged.onlyStored++;
    else if (would) flagged.onlyFound++;
  }
  const different = [...pairs].filter(([, pair]) => differs(pair)).toSorted(byDifference);
  const shown = different.slice(0, options.limit);
  const names = await namesOf(
    connection,
    shown.map(([lineId]) => lineId),
  );
  return {
    ...period,
    storedRules,
    rules: options.rules,
    stored: sumOf(stored.values()),
    found: sumOf(found.values()),
    flagged,
    different: different.length,
    lines: shown.map(([lineId, pair]) => Object.assign(names.get(lineId)!, pair)),
  };
}

function differs({ stored, found }: Pair): boolean {
  return (
    stored.flapEpisodes !== found.flapEpisodes ||
    stored.outages !== found.outages ||
    stored.repeatFaults !== found.repeatFaults
  );
}

type Entry = readonly [number, Pair];

function byDifference([a, p]: Entry, [b, q]: Entry): number {
  const by = (key: keyof Counts): number =>
    Math.abs(q.found[key] - q.stored[key]) - Math.abs(p.found[key] - p.stored[key]);
  return by('flapEpisodes') || by('repeatFaults') || by('outages') || a - b;
}

function sumOf(all: Iterable<Counts>): Counts {
  const sum = { ...NOTHING };
  for (const counts of all) {
    for (const key of Object.keys(sum) as (keyof Counts)[]) sum[key] += counts[key];
  }
  return sum;
}

async function namesOf(
  connection: DuckDBConnection,
  lineIds: readonly number[],
): Promise<Map<number, { line: string; branch: string | null }>> {
  const rows = await selectRows<{ lineId: number; line: string; branch: string | null }>(
    connection,
    `select l.line_id as "lineId", l.line, r.branch from line l
     left join line_record r on r.line = l.line where l.line_id in (select unnest($ids::bigint[]))`,
    { ids: lineIds },
  );
  return new Map(rows.map(({ lineId, ...names }) => [lineId, names]));
}
