// The documented views: names instead of ids, read at `latest`. Their text is made over the name of
// the reading relation, so the same view can be asked at another time by a query that puts its own
// relation in front (readingClause). line_record holds the records in force, at most one
// row a line.

import type { DuckDBConnection } from '@duckdb/node-api';
import { DEFAULT_TIME_ZONE } from '../config/zone.js';
import { FEEDBACK_VIEW } from './cause-feedback.js';
import { causeViewTexts } from './cause-views.js';
import { chronicFacts } from './chronic.js';
import { comparisonText } from './comparison.js';
import {
  type FactSettings,
  type ZonedSettings,
  allEpisodeFacts,
  gapFacts,
  interruptionFacts,
  lineFacts,
  repeatFacts,
  transientFacts,
} from './facts.js';
import { plannedViewTexts } from './planned.js';
import { NOTES_VIEW } from './notes.js';
import { NOTICES_VIEW } from './notices-view.js';
import { LATEST_READING, READING } from './reading.js';
import { recordViewTexts } from './record-views.js';
import { dayFacts, hourFacts, monthFacts } from './rollup-facts.js';
import { SHELVES_VIEW } from './shelves.js';
import { SPLIT_LINES_VIEW } from './split-lines.js';
import { selectRows } from './sql.js';

/** The name of the reading relation inside the database. */
const DATABASE_READING = 'reading';

const NAMES = `l.line, p.cluster, p.topic, p.partition`;
const JOIN_NAMES = `join line l on l.line_id = f.line_id
    join log_partition p on p.partition_id = f.partition_id`;

function linesView(settings: FactSettings): string {
  return `select ${NAMES}, r.branch, r.product, r.customer, f.down, f.flapping, f.unknown, f.n,
      f.effective_ms, f.transition_ms, f.down_since_ms
    from (${lineFacts(settings)}) f ${JOIN_NAMES}
    left join line_record r on r.line = l.line`;
}

function interruptionsView(settings: FactSettings): string {
  return `select ${NAMES}, f.n, f.start_ms, f.end_ms,
      case when f.outage then 'outage' else 'momentary' end as class,
      if(f.end_ms is null, null, greatest(0, f.end_ms - f.start_ms - f.correction_ms)) as corrected_ms, f.uncertain, k.cause,
      nullif(a.alarm, '') as alarm,
      if(f.first_offset < 0, null, f.first_offset) as first_offset,
      if(f.last_offset < 0, null, f.last_offset) as last_offset
    from (${interruptionFacts(settings)}) f ${JOIN_NAMES}
    left join cause k on k.cause_id = f.cause_id
    left join alarm a on a.alarm_id = f.alarm_id`;
}

/** What a reset's control record says of it. */
const RESET_COLUMNS = `x.payload->>'by' as reset_by, x.payload->>'why' as reset_why,
      epoch_ms((x.payload->>'requestedMs')::bigint) as reset_recorded_at`;

function episodesView(settings: FactSettings): string {
  return `select ${NAMES}, u.detector, u.shadow, u.rule, f.at_ms, f.since_ms, f.end_ms,
      f.interruptions, ${RESET_COLUMNS}
    from (${allEpisodeFacts(settings)}) f ${JOIN_NAMES}
    join rule u on u.rule_id = f.rule_id
    left join control x on x.partition_id = f.partition_id and x.log = f.reset_log
      and x.seq = f.reset_seq`;
}

function transientsView(settings: FactSettings): string {
  return `select ${NAMES}, u.detector, u.shadow, f.at_ms, f.interruptions, f.duration_ms
    from (${transientFacts(settings)}) f ${JOIN_NAMES}
    join rule u on u.rule_id = f.rule_id`;
}

/** Of an alarm raised once there is no run between raises, and no index. */
const CHATTER_VIEW = `select ${NAMES}, nullif(f.key, '') as key, nullif(a.alarm, '') as alarm, f.raises,
      if(f.raises > 1, f.inverse / (f.raises - 1), null) as chatter_index, f.chatterings,
      f.chattered_ms, f.raised_ms
    from chatter_row f ${JOIN_NAMES} left join alarm a on a.alarm_id = f.alarm_id`;

function chronicLinesView(settings: ZonedSettings): string {
  return `select ${NAMES}, f.reasons, f.held_ms, f.outages, f.down_ms, f.momentary, f.flapping_days
    from (${chronicFacts(settings)}) f ${JOIN_NAMES}`;
}

const CONTROL_VIEW = `select p.cluster, p.topic, p.partition, f.log, f.position, f.seq, f.kind,
      if(f.kind = 'reset', f.payload->>'line', null) as line,
      if(f.kind = 'reset', f.payload->>'by', null) as who,
      if(f.kind = 'reset', f.payload->>'why', null) as why,
      if(f.kind = 'reset', null, f.payload) as payload,
      if(f.kind = 'reset', epoch_ms((f.payload->>'requestedMs')::bigint), null)
        as requested_recorded_at
    from control f join log_partition p on p.partition_id = f.partition_id`;

function repeatFaultsView(settings: FactSettings): string {
  return `select ${NAMES}, f.start_ms, f.previous_end_ms
    from (${repeatFacts(settings)}) f ${JOIN_NAMES}`;
}

/** Sums of a rollup's row, with what of its interruptions was momentary. */
const SUMS = `f.from_ms, f.until_ms, f.interruptions, f.interruptions - f.outages as momentary,
      f.outages, f.down_ms, f.episodes, f.repeats as repeat_faults`;

function partitionSumsView(facts: string): string {
  return `select p.cluster, p.topic, p.partition, ${SUMS}
    from (${facts}) f join log_partition p on p.partition_id = f.partition_id`;
}

function lineMonthsView(settings: ZonedSettings): string {
  return `select ${NAMES}, ${SUMS}, f.last_start_ms from (${monthFacts(settings)}) f ${JOIN_NAMES}`;
}

function progressView({ reading }: FactSettings): string {
  return `select p.cluster, p.topic, p.partition, g.log, g.position, g.first_ms, g.effective_ms,
      r.c as reading_ms, g.events, g.late, g.duplicates, g.rejected
    from progress g join log_partition p on p.partition_id = g.partition_id
    left join ${reading} r on r.partition_id = g.partition_id
    where g.log = (select max(h.log) from progress h where h.partition_id = g.partition_id)`;
}

function coverageGapsView(settings: FactSettings): string {
  return `select p.cluster, p.topic, p.partition, l.line, g.from_ms, g.until_ms, g.reason
    from (${gapFacts(settings)}) g join log_partition p on p.partition_id = g.partition_id
    left join line l on l.line_id = g.line_id`;
}

const REJECTED_VIEW = `select p.cluster, p.topic, p.partition, j.log, j.position, j.place, j.reason,
      j.sample, j.rejected_recorded_at
    from rejected j join log_partition p on p.partition_id = j.partition_id`;

/** The SELECT text of every documented view, by name, over the given reading relation. */
export function viewTexts(settings: ZonedSettings): Readonly<Record<string, string>> {
  return {
    lines: linesView(settings),
    lines_on_several_partitions: SPLIT_LINES_VIEW,
    interruptions: interruptionsView(settings),
    episodes: episodesView(settings),
    repeat_faults: repeatFaultsView(settings),
    transients: transientsView(settings),
    chatter: CHATTER_VIEW,
    chronic_lines: chronicLinesView(settings),
    detector_comparison: comparisonText(settings),
    interruptions_by_hour: partitionSumsView(hourFacts(settings)),
    interruptions_by_day: partitionSumsView(dayFacts(settings)),
    line_months: lineMonthsView(settings),
    coverage_gaps: coverageGapsView(settings),
    control_records: CONTROL_VIEW,
    rejected_records: REJECTED_VIEW,
    progress_now: progressView(settings),
    rules: `select detector, rule, shadow from rule`,
    notices: NOTICES_VIEW,
    shelves: SHELVES_VIEW,
    line_notes: NOTES_VIEW,
    ...causeViewTexts(settings),
    cause_feedback: FEEDBACK_VIEW,
    ...plannedViewTexts(settings),
    ...recordViewTexts(),
  };
}

/** The statements that make the documented views; months and days are cut in the zone. */
function viewStatements(timeZone: string): string[] {
  const texts = viewTexts({ reading: DATABASE_READING, timeZone });
  return [
    `create or replace view ${DATABASE_READING} as ${LATEST_READING}`,
    ...Object.entries(texts).map(([name, text]) => `create or replace view ${name} as ${text}`),
  ];
}

/**
 * Makes the documented views of a connection read at another time than `latest`, in front of the
 * store's own. Days and months are cut in the zone in which they are rolled up, else in that given.
 */
export async function createViewsAt(
  connection: DuckDBConnection,
  atMs: number,
  timeZone: string,
): Promise<void> {
  const [rolled] = await selectRows<{ zone: string | null }>(
    connection,
    'select max(time_zone) as zone from rollup_mark',
  );
  const settings = { reading: READING, timeZone: rolled.zone ?? timeZone };
  const c = `${BigInt(atMs)}::bigint`;
  await connection.run(
    `create temp view ${READING} as select partition_id, ${c} as c from log_partition`,
  );
  for (const [name, text] of Object.entries(viewTexts(settings))) {
    await connection.run(`create temp view ${name} as ${text}`);
  }
}

/** A short name of a text: FNV-1a, 32 bits. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0).toString(16);
}

/**
 * Makes the documented views, or replaces them when their text has changed since, in one transaction
 * followed by a checkpoint. Call it after the migrations, outside a transaction, before there are
 * readers. Returns whether anything was written.
 */
export async function createViews(
  connection: DuckDBConnection,
  timeZone: string = DEFAULT_TIME_ZONE,
): Promise<boolean> {
  const statements = viewStatements(timeZone);
  const mark = fingerprint(statements.join(';'));
  const found = await selectRows<{ comment: string | null }>(
    connection,
    `select comment from duckdb_views() where view_name = $name and not internal
       and database_name = current_database()`,
    { name: DATABASE_READING },
  );
  if (found[0]?.comment === mark) return false;
  await connection.run('begin');
  try {
    for (const statement of statements) await connection.run(statement);
    await connection.run(`comment on view ${DATABASE_READING} is '${mark}'`);
    await connection.run('commit');
  } catch (error) {
    await connection.run('rollback');
    throw error;
  }
  await connection.run('checkpoint');
  return true;
}
