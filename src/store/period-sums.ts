// What findings add up to by line over a period with any edges: whole months from their rollups, the
// rest from rows. What there is is looked up first, so that the statement has only pieces that hold
// something: an empty table would take from DuckDB what it knows of the ids of lines, and with it the
// fast way to sum by them. Where rows may be rolled up meanwhile: atOneMoment.

import type { DuckDBConnection } from '@duckdb/node-api';
import { monthAround } from '../config/zone.js';
import { type FactSettings, endedFacts, episodeFacts, openFacts, repeatFacts } from './facts.js';
import { behindMark, belowMark, rolledUp } from './rollup-facts.js';
import { selectRows } from './sql.js';

/** A period [fromMs, toMs), epoch milliseconds. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A number as it stands in a statement. */
function whole(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
  return String(value);
}

const within = (column: string, { fromMs, toMs }: Period): string =>
  `${column} >= ${whole(fromMs)} and ${column} < ${whole(toMs)}`;

/** What there is to read from. */
interface Found {
  /** The zone that months are rolled up in; null = nothing is. */
  readonly zone: string | null;
  /** The first and the last effective time; null = no data. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** Interruptions that no month counts; marks of planned ones. */
  readonly hasLong: boolean;
  readonly hasPlanned: boolean;
}

async function lookUp(connection: DuckDBConnection): Promise<Found> {
  const rows = await selectRows<{ [K in keyof Found]: Found[K] }>(
    connection,
    `select (select max(time_zone) from rollup_mark) as zone,
       (select min(first_ms) from progress) as "firstMs",
       (select max(effective_ms) from progress) as "lastMs",
       exists (from rollup_long) as "hasLong", exists (from planned_mark) as "hasPlanned"`,
  );
  return rows[0]!;
}

/** A period as whole months and what is left at its edges. */
interface Parts {
  readonly months: Period | null;
  readonly edges: readonly Period[];
}

/** What of a period's rolled up rows is to be read how; nothing of months without data. */
function partsOf(asked: Period, { zone, firstMs, lastMs }: Found): Parts {
  const nothing = { months: null, edges: [] };
  if (zone === null || firstMs === null || lastMs === null) return nothing;
  const period = {
    fromMs: Math.max(asked.fromMs, monthAround(firstMs, zone)[0]),
    toMs: Math.min(asked.toMs, monthAround(lastMs, zone)[1]),
  };
  if (period.fromMs >= period.toMs) return nothing;
  const [begin, next] = monthAround(period.fromMs, zone);
  const fromMs = begin === period.fromMs ? begin : next;
  const [toMs] = monthAround(period.toMs, zone);
  if (fromMs >= toMs) return { months: null, edges: [period] };
  const edges = [
    { fromMs: period.fromMs, toMs: fromMs },
    { fromMs: toMs, toMs: period.toMs },
  ];
  return { months: { fromMs, toMs }, edges: edges.filter((edge) => edge.fromMs < edge.toMs) };
}

const inMonths = ({ fromMs, toMs }: Period): string =>
  `from_ms >= ${whole(fromMs)} and until_ms <= ${whole(toMs)}`;

/** What is summed by line. */
const SUMS = [
  'interruptions',
  'outages',
  'down_ms',
  'before',
  'flap_episodes',
  'repeat_faults',
  'planned',
];

/** Rows of (line_id, SUMS, last_start_ms); what is not given counts nothing. */
function counting(given: Readonly<Record<string, string>>, from: string): string {
  const columns = SUMS.map((name) => `${given[name] ?? '0'} as ${name}`);
  return `select line_id, ${columns.join(', ')}, ${given['last'] ?? 'null'} as last_start_ms from ${from}`;
}

/** What of the interruptions that touch a period, or start in the earlier one, counts. */
function clipped(relation: string, period: Period, earlier: Period | null = null): string {
  const [from, to] = [whole(period.fromMs), whole(period.toMs)];
  const sums = {
    interruptions: `(start_ms >= ${from})::integer`,
    outages: `(start_ms >= ${from} and outage)::integer`,
    down_ms: `greatest(0, least(until_ms, ${to}) - greatest(start_ms, ${from}))`,
    last: `if(start_ms >= ${from}, start_ms, null)`,
    before: earlier ? `(${within('start_ms', earlier)})::integer` : '0',
  };
  const since = earlier
    ? `(until_ms >= ${from} or start_ms >= ${whole(earlier.fromMs)})`
    : `until_ms >= ${from}`;
  return counting(sums, `(${relation}) where start_ms < ${to} and ${since}`);
}

const OF_MONTH = {
  interruptions: 'interruptions',
  outages: 'outages',
  down_ms: 'down_ms',
  last: 'last_start_ms',
};

/** Interruptions of a period that are rolled up: their counts, starts and down time. */
function interruptionTexts(period: Period, found: Found): string[] {
  const { months, edges } = partsOf(period, found);
  const texts = edges.map((edge) => clipped(endedFacts({ rows: rolledUp }), edge));
  if (months) texts.push(counting(OF_MONTH, `rollup_month where ${inMonths(months)}`));
  if (found.hasLong) texts.push(clipped('select *, end_ms as until_ms from rollup_long', period));
  return texts;
}

/** Starts of interruptions that are rolled up, as `before`. */
function startTexts(earlier: Period, found: Found): string[] {
  const { months, edges } = partsOf(earlier, found);
  const one = { before: '1' };
  const rows = endedFacts({ rows: belowMark });
  const texts = edges.map((edge) => counting(one, `(${rows}) where ${within('start_ms', edge)}`));
  if (months === null) return texts;
  texts.push(counting({ before: 'interruptions' }, `rollup_month where ${inMonths(months)}`));
  if (found.hasLong) texts.push(counting(one, `rollup_long where ${within('start_ms', months)}`));
  return texts;
}

/** Interruptions that are not rolled up; without a mark these are all. */
function othersOf(settings: FactSettings, zone: string | null): string {
  const ended = endedFacts(zone === null ? {} : { rows: behindMark });
  return `${ended} union all ${openFacts(settings)}`;
}

function sumsText(
  settings: FactSettings,
  found: Found,
  period: Period,
  { earlier, relation }: Required<PeriodOptions>,
): string {
  const ones = {
    flap_episodes: `(${episodeFacts(settings)}) where ${within('at_ms', period)}`,
    repeat_faults: `(${repeatFacts(settings)}) where ${within('start_ms', period)}`,
    ...(found.hasPlanned ? { planned: `planned_mark where ${within('start_ms', period)}` } : {}),
  };
  const rolled = relation === null;
  const texts = [
    clipped(relation ?? othersOf(settings, found.zone), period, earlier),
    ...(rolled ? interruptionTexts(period, found) : []),
    ...(rolled && earlier ? startTexts(earlier, found) : []),
    ...Object.entries(ones).map(([name, from]) => counting({ [name]: '1' }, from)),
  ];
  const sums = SUMS.map((name) => `sum(${name}::double)::bigint as ${name}`);
  return `select line_id, ${sums.join(', ')}, max(last_start_ms) as last_start_ms
    from (${texts.join(' union all ')}) group by line_id`;
}

function causesText(settings: FactSettings, found: Found, period: Period): string {
  const { months, edges } = partsOf(period, found);
  const ones = (relation: string, part: Period): string =>
    `select line_id, cause_id, 1 as interruptions from (${relation})
     where cause_id <> 0 and ${within('start_ms', part)}`;
  const texts = [ones(othersOf(settings, found.zone), period)];
  for (const edge of edges) texts.push(ones(endedFacts({ rows: belowMark }), edge));
  if (months) {
    texts.push(
      `select line_id, cause_id, interruptions from rollup_cause where ${inMonths(months)}`,
    );
  }
  return texts.join(' union all ');
}

/** Texts of relations over a period. */
export interface PeriodTexts {
  /**
   * (line_id, interruptions, outages, down_ms, last_start_ms, flap_episodes, repeat_faults, planned,
   * before), one row a line. Interruptions, repeat faults and planned ones count by their start,
   * episodes by their `at`; down time is clipped to the period; before = interruptions of the earlier
   * period, 0 without one.
   */
  readonly sums: string;
  /** (line_id, cause_id, interruptions): causes of interruptions that start in it, several rows each. */
  readonly causes: string;
}

/** What else is asked of a period. */
export interface PeriodOptions {
  readonly earlier?: Period | null;
  /** Some interruptions (with the columns of interruptionFacts) instead of all, row by row. */
  readonly relation?: string | null;
}

/** What a period adds up to. */
export async function periodTexts(
  connection: DuckDBConnection,
  settings: FactSettings,
  period: Period,
  { earlier = null, relation = null }: PeriodOptions = {},
): Promise<PeriodTexts> {
  const found = await lookUp(connection);
  return {
    sums: sumsText(settings, found, period, { earlier, relation }),
    causes: causesText(settings, found, period),
  };
}
