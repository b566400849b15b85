// The findings as they read at a reading time, still in integer ids: stored rows united with what the
// open state says. Each is SQL text over the name of a relation reading(partition_id, c), so that the
// documented views and the queries at other times share one definition. A partition without a
// reading time ends nothing and makes nothing an outage.

/** An interruption of at least this long is an outage (SPEC section 2). */
export const OUTAGE_MS = 60_000;

/** Q: an episode ends when its line has had no transition for this long, unless configured. */
export const QUIET_MS = 1_800_000;

/** An outage at most this long after the previous one ended is a repeat fault. */
export const REPEAT_MS = 30 * 86_400_000;

/** What the facts depend on besides the rows. */
export interface FactSettings {
  /** The relation (partition_id, c) to read at. */
  readonly reading: string;
  /** Q in milliseconds, from the rules in force. */
  readonly quietMs: number;
}

function quietText(settings: FactSettings): string {
  const { quietMs } = settings;
  if (!Number.isSafeInteger(quietMs) || quietMs < 0) {
    throw new RangeError(`quietMs must be a whole number of milliseconds, not ${quietMs}`);
  }
  return `${quietMs}`;
}

/** When the open episode of the open state `o` ends if nothing else happens. */
function quietEnd(settings: FactSettings): string {
  return `coalesce(o.transition_ms, o.episode_at_ms) + ${quietText(settings)}`;
}

/** True while the line of the open state `o`, read at `r`, is flapping. */
function flappingText(settings: FactSettings): string {
  return `(o.episode_rule_id is not null and not coalesce(r.c >= ${quietEnd(settings)}, false))`;
}

/**
 * Interruptions: (line_id, partition_id, n, start_ms, end_ms, until_ms, outage, cause_id, alarm_id,
 * first_offset, last_offset). until_ms = the end, or for an open one the time it is known to last to.
 */
export function interruptionFacts({ reading }: FactSettings): string {
  return `
    select line_id, partition_id, n, start_ms, end_ms, end_ms as until_ms,
      end_ms - start_ms >= ${OUTAGE_MS} as outage, cause_id, alarm_id, first_offset, last_offset
    from interruption_row
    union all
    select o.line_id, o.partition_id, o.n, o.start_ms, null, greatest(o.start_ms, r.c),
      coalesce(r.c - o.start_ms >= ${OUTAGE_MS}, false), o.cause_id, o.alarm_id, o.first_offset, null
    from open_state o left join ${reading} r on r.partition_id = o.partition_id
    where o.down`;
}

/** Episodes: (line_id, partition_id, rule_id, at_ms, since_ms, end_ms, interruptions). */
export function episodeFacts(settings: FactSettings): string {
  const end = quietEnd(settings);
  return `
    select line_id, partition_id, rule_id, at_ms, since_ms, end_ms, interruptions
    from episode_row
    union all
    select o.line_id, o.partition_id, o.episode_rule_id, o.episode_at_ms, o.episode_since_ms,
      case when r.c >= ${end} then ${end} end, o.episode_interruptions
    from open_state o left join ${settings.reading} r on r.partition_id = o.partition_id
    where o.episode_rule_id is not null`;
}

/** Repeat faults: (line_id, partition_id, start_ms, previous_end_ms). */
export function repeatFacts({ reading }: FactSettings): string {
  return `
    select line_id, partition_id, start_ms, previous_end_ms from repeat_row
    union all
    select o.line_id, o.partition_id, o.start_ms, o.previous_outage_end_ms
    from open_state o join ${reading} r on r.partition_id = o.partition_id
    where o.down and r.c - o.start_ms >= ${OUTAGE_MS}
      and o.start_ms - o.previous_outage_end_ms <= ${REPEAT_MS}`;
}

/**
 * Lines as they stand: (line_id, partition_id, down, flapping, unknown, n, effective_ms,
 * transition_ms, down_since_ms).
 */
export function lineFacts(settings: FactSettings): string {
  return `
    select o.line_id, o.partition_id, o.down, ${flappingText(settings)} as flapping, o.unknown, o.n,
      o.effective_ms, o.transition_ms, case when o.down then o.start_ms end as down_since_ms
    from open_state o left join ${settings.reading} r on r.partition_id = o.partition_id`;
}

/** Lines flapping: (line_id, partition_id, rule_id, at_ms, since_ms, interruptions, ...). */
export function flappingFacts(settings: FactSettings): string {
  return `
    select o.line_id, o.partition_id, o.episode_rule_id as rule_id, o.episode_at_ms as at_ms,
      o.episode_since_ms as since_ms, o.episode_interruptions as interruptions, o.down,
      coalesce(o.transition_ms, o.episode_at_ms) as transition_ms
    from open_state o left join ${settings.reading} r on r.partition_id = o.partition_id
    where ${flappingText(settings)}`;
}
