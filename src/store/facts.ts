// The findings as they read at a reading time, still in integer ids: stored rows united with what the
// open state says. Each is SQL text over the name of a relation reading(partition_id, c), so that the
// documented views and the queries at other times share one definition. A partition without a
// reading time ends nothing, makes nothing an outage and nothing stale. What an open line is read by,
// the rules of its class, stands in its own row.

import * as L from '../../assembly/layout.js';
import { WINDOW_DETECTOR } from '../config/rules.js';
import { REJECTED_EVENT, SOURCE_SILENT, STALE_ALARMS } from './gaps.js';

/** An interruption of interruption_row is an outage from this length on (SPEC section 2). */
export const OUTAGE_MS = 60_000;

/** What the facts depend on besides the rows. */
export interface FactSettings {
  /** The relation (partition_id, c) to read at. */
  readonly reading: string;
}

/** The same with the zone in which days and months are cut. */
export interface ZonedSettings extends FactSettings {
  readonly timeZone: string;
}

/** Open state `o` with its reading time c: `settled`, its end that waits reads as one; `known_ms`, until
 * when its state is known (c, or its alarms were stale before); `is_stale`. */
function openRows({ reading }: FactSettings): string {
  return `(select o.*, r.c,
      coalesce(r.c > o.ended_ms + o.merge_ms, false) as settled,
      if(r.c > o.raised_ms + o.stale_after_ms, o.raised_ms + o.stale_after_ms, r.c) as known_ms,
      coalesce(r.c > o.raised_ms + o.stale_after_ms, false) as is_stale
    from open_state o left join ${reading} r on r.partition_id = o.partition_id)`;
}

/** While an end waits it is not decided whether it is a transition: no episode ends by it. */
const DECIDED = '(o.ended_ms is null or o.settled)';

/** True while the primary detector's episode of the open row `o` is open. */
const FLAPPING = `(o.episode_rule_id is not null
  and not coalesce(o.c >= o.episode_ends_ms and ${DECIDED}, false))`;

/** True where the interruption of the open row `o` reads as an outage. */
const OPEN_OUTAGE = `coalesce(
  if(o.settled, o.ended_ms, o.known_ms) - o.start_ms >= o.outage_after_ms, false)`;

/** Until when the interruption of the open row `o` lasts, as far as is known. */
const OPEN_UNTIL = 'if(o.settled, o.ended_ms, greatest(o.start_ms, o.known_ms))';

/** True where it is a repeat fault. */
const OPEN_REPEAT = `(o.down and ${OPEN_OUTAGE}
  and o.start_ms - o.previous_outage_end_ms <= o.repeat_ms)`;

const ENDED = {
  interruption_row: `end_ms - start_ms >= ${OUTAGE_MS}, 0, false, cause_id, alarm_id, first_offset,
      last_offset`,
  interruption_bare: `end_ms - start_ms >= ${OUTAGE_MS}, 0, false, null, null, null, null`,
  interruption_judged: `(judgement & ${L.FOUND_OUTAGE}) <> 0, correction_ms,
      (judgement & ${L.FOUND_UNCERTAIN}) <> 0, cause_id, alarm_id, first_offset, last_offset`,
} as const;

/** The tables of interruptions that ended. */
export const INTERRUPTION_TABLES = Object.keys(ENDED) as readonly (keyof typeof ENDED)[];

/** Those of them that name what alarms were raised with. */
export const CAUSED_TABLES = INTERRUPTION_TABLES.filter((table) =>
  ENDED[table].includes('cause_id'),
);

/** Which stored rows. */
export interface StoredRows {
  readonly tables?: typeof INTERRUPTION_TABLES;
  /** A condition on the rows of a table. */
  readonly rows?: (table: string) => string;
}

/** Gives the columns of interruptionFacts their names and types; holds no row. */
const NO_INTERRUPTION = `select 0 as line_id, 0 as partition_id, 0 as n, 0::bigint as start_ms,
      0::bigint as end_ms, 0::bigint as until_ms, false as outage, 0::bigint as correction_ms,
      false as uncertain, 0 as cause_id, 0 as alarm_id, 0::bigint as first_offset,
      0::bigint as last_offset where false`;

/** Interruptions that ended, with the columns of interruptionFacts. */
export function endedFacts({
  tables = INTERRUPTION_TABLES,
  rows = () => 'true',
}: StoredRows = {}): string {
  const selected = tables.map(
    (table) => `select line_id, partition_id, n, start_ms, end_ms, end_ms, ${ENDED[table]}
    from ${table} where ${rows(table)}`,
  );
  return [NO_INTERRUPTION, ...selected].join(' union all ');
}

/** Interruptions that are open, or whose end waits, with the columns of interruptionFacts. */
export function openFacts(settings: FactSettings): string {
  return `
    select o.line_id, o.partition_id, o.n, o.start_ms, if(o.settled, o.ended_ms, null),
      ${OPEN_UNTIL}, ${OPEN_OUTAGE}, o.correction_ms,
      o.uncertain or (o.is_stale and not o.settled), o.cause_id, o.alarm_id, o.first_offset,
      if(o.settled, o.last_offset, null)
    from ${openRows(settings)} o where o.down`;
}

/**
 * Interruptions: (line_id, partition_id, n, start_ms, end_ms, until_ms, outage, correction_ms,
 * uncertain, cause_id, alarm_id, first_offset, last_offset). until_ms = the end, or for an open one
 * the time it is known to last to.
 */
export function interruptionFacts(settings: FactSettings): string {
  return `${endedFacts()} union all ${openFacts(settings)}`;
}

/**
 * Starts of all interruptions: (line_id, start_ms); no reading time changes them.
 */
export const START_FACTS = `
    select line_id, start_ms from interruption_row
    union all select line_id, start_ms from interruption_bare
    union all select line_id, start_ms from interruption_judged
    union all select line_id, start_ms from open_state where down`;

const EPISODE = `line_id, partition_id, rule_id, at_ms, since_ms, end_ms, interruptions, reset_log,
      reset_seq`;

/** True of an episode, or of its row, that the primary detector found. */
export const OF_PRIMARY = `rule_id in (select rule_id from rule where detector = '${WINDOW_DETECTOR}')`;

function openPrimary(settings: FactSettings): string {
  return `select o.line_id, o.partition_id, o.episode_rule_id, o.episode_at_ms, o.episode_since_ms,
      if(${FLAPPING}, null, o.episode_ends_ms), o.episode_interruptions, null, null
    from ${openRows(settings)} o where o.episode_rule_id is not null`;
}

/**
 * Episodes of the primary detector: (line_id, partition_id, rule_id, at_ms, since_ms, end_ms,
 * interruptions, reset_log, reset_seq). The last two name the reset that ended it, else null.
 */
export function episodeFacts(settings: FactSettings): string {
  return `
    select ${EPISODE} from episode_row where ${OF_PRIMARY}
    union all ${openPrimary(settings)}`;
}

/** Episodes of all detectors, with the same columns. */
export function allEpisodeFacts(settings: FactSettings): string {
  return `
    select ${EPISODE} from episode_row
    union all ${openPrimary(settings)}
    union all
    select e.line_id, e.partition_id, e.rule_id, e.at_ms, e.since_ms,
      if(o.c >= e.ends_ms and ${DECIDED}, e.ends_ms, null), e.interruptions, null, null
    from open_episode e join ${openRows(settings)} o
      on o.line_id = e.line_id and o.partition_id = e.partition_id
    where e.form = ${L.FORM_OPEN} or (e.form = ${L.FORM_BEGINS} and o.settled)`;
}

/** Transients: (line_id, partition_id, rule_id, at_ms, interruptions, duration_ms). */
export function transientFacts(settings: FactSettings): string {
  return `
    select line_id, partition_id, rule_id, at_ms, interruptions, duration_ms from transient_row
    union all
    select e.line_id, e.partition_id, e.rule_id, e.at_ms, e.interruptions, e.since_ms
    from open_episode e join ${openRows(settings)} o
      on o.line_id = e.line_id and o.partition_id = e.partition_id
    where e.form = ${L.FORM_TRANSIENT} and o.settled`;
}

/** Repeat faults: (line_id, partition_id, start_ms, previous_end_ms). */
export function repeatFacts(settings: FactSettings): string {
  return `
    select line_id, partition_id, start_ms, previous_end_ms from repeat_row
    union all ${openRepeats(settings)}`;
}

/** Those of open outages. */
export function openRepeats(settings: FactSettings): string {
  return `
    select o.line_id, o.partition_id, o.start_ms, o.previous_outage_end_ms
    from ${openRows(settings)} o
    where ${OPEN_REPEAT}`;
}

/** Lines as openSums has them in bits of a number. */
export const STANDS = { down: 1, flapping: 2, unknown: 4, outage: 8, repeat: 16 } as const;

const bit = (name: keyof typeof STANDS, condition: string): string =>
  `coalesce(${condition}, false)::integer * ${STANDS[name]}`;

/**
 * All that a sum needs of the open state, in fixed widths: (line_id, partition_id, stands: integer;
 * start_ms, until_ms, episode_at_ms: double, -1 = nothing is open), of the lines of which anything is
 * open. stands: bits of STANDS, `outage` and `repeat` of the open interruption.
 */
export function openSums(settings: FactSettings): string {
  const stands = [
    bit('down', 'o.down and o.ended_ms is null'),
    bit('flapping', FLAPPING),
    bit('unknown', 'o.unknown or o.is_stale'),
    bit('outage', OPEN_OUTAGE),
    bit('repeat', OPEN_REPEAT),
  ];
  return `
    select o.line_id, o.partition_id, ${stands.join(' + ')} as stands,
      if(o.down, o.start_ms, -1)::double as start_ms,
      if(o.down, ${OPEN_UNTIL}, -1)::double as until_ms,
      if(o.episode_rule_id is null, -1, o.episode_at_ms)::double as episode_at_ms
    from ${openRows(settings)} o where o.down or o.unknown or o.episode_rule_id is not null`;
}

/**
 * Lines as they stand: (line_id, partition_id, down, flapping, unknown, n, effective_ms,
 * transition_ms, down_since_ms). Down = an alarm is active: not while an end waits.
 */
export function lineFacts(settings: FactSettings): string {
  return `
    select o.line_id, o.partition_id, o.down and o.ended_ms is null as down, ${FLAPPING} as flapping,
      o.unknown or o.is_stale as unknown, o.n, o.effective_ms,
      if(o.settled, o.ended_ms, o.transition_ms) as transition_ms,
      if(o.down and o.ended_ms is null, o.start_ms, null) as down_since_ms
    from ${openRows(settings)} o`;
}

/** Lines flapping: (line_id, partition_id, rule_id, at_ms, since_ms, interruptions, ...). */
export function flappingFacts(settings: FactSettings): string {
  return `
    select o.line_id, o.partition_id, o.episode_rule_id as rule_id, o.episode_at_ms as at_ms,
      o.episode_since_ms as since_ms, o.episode_interruptions as interruptions,
      o.down and o.ended_ms is null as down,
      coalesce(if(o.settled, o.ended_ms, o.transition_ms), o.episode_at_ms) as transition_ms
    from ${openRows(settings)} o
    where ${FLAPPING}`;
}

/** How long a partition may be silent by the rules in force, where they say: (partition_id, silence_ms). */
const SILENCE_ALLOWED = `select partition_id, silence_ms from
    (select partition_id, (payload->>'sourceSilenceMs')::bigint as silence_ms from control
      where kind = 'rules'
      qualify row_number() over (partition by partition_id
        order by log desc, position desc, seq desc) = 1)
    where silence_ms is not null`;

/** Gaps that are stored. */
const STORED_GAPS = `select partition_id, line_id, nullif(from_ms, -1) as from_ms, until_ms, reason
    from coverage_gap`;

/** Gaps of lines that last: since an event was rejected, or since alarms are stale. */
function openGaps(settings: FactSettings): string {
  return `
    select partition_id, line_id, nullif(effective_ms, -1) as from_ms, null as until_ms,
      '${REJECTED_EVENT}' as reason
    from open_state where unknown
    union all
    select o.partition_id, o.line_id, greatest(o.effective_ms, o.raised_ms + o.stale_after_ms), null,
      '${STALE_ALARMS}'
    from ${openRows(settings)} o where o.is_stale and not o.unknown`;
}

/** Partitions that are silent for longer than they may be. */
function silenceGaps({ reading }: FactSettings): string {
  return `
    select g.partition_id, null as line_id, g.newest_record_ms + s.silence_ms as from_ms,
      null as until_ms, '${SOURCE_SILENT}' as reason
    from progress g join (${SILENCE_ALLOWED}) s on s.partition_id = g.partition_id
    join ${reading} r on r.partition_id = g.partition_id
    where g.newest_record_ms > 0 and r.c > g.newest_record_ms + s.silence_ms and g.log =
      (select max(h.log) from progress h where h.partition_id = g.partition_id)`;
}

/** The kinds of gaps, each by itself: most stores have of few, and each costs planning. */
export const GAPS = { stored: () => STORED_GAPS, open: openGaps, silences: silenceGaps } as const;

/**
 * Periods in which a state is unknown: (partition_id, line_id, from_ms, until_ms, reason). line_id null
 * = of all lines of the partition, from_ms null = since ever, until_ms null = still.
 */
export function gapFacts(settings: FactSettings): string {
  return Object.values(GAPS)
    .map((gaps) => gaps(settings))
    .join(' union all ');
}
