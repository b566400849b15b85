// Every rule of SPEC section 2: judged interruptions, several detectors, transients, chatter.

export const RULES: readonly string[] = [
  // Interruptions whose judgement is more than their length against 60 s: those of other rules, with
  // a correction, or uncertain. All others stand in interruption_row, which so needs no columns for
  // it. judgement: JUDGED_UNCERTAIN | JUDGED_OUTAGE.
  `create table interruption_judged (line_id integer not null, partition_id integer not null,
     n integer not null, start_ms bigint not null, end_ms bigint not null, cause_id integer,
     alarm_id integer, first_offset bigint, last_offset bigint, correction_ms bigint not null,
     judgement integer not null)`,
  // Interruptions without cause, alarm and places in a log: what a replay of bare events gives.
  `create table interruption_bare (line_id integer not null, partition_id integer not null,
     n integer not null, start_ms bigint not null, end_ms bigint not null)`,
  `alter table rule add column shadow boolean default false`,
  // Not null where a reset ended the episode: the control record, of the episode's partition.
  `alter table episode_row add column reset_log integer`,
  `alter table episode_row add column reset_seq integer`,
  `create table transient_row (line_id integer not null, partition_id integer not null,
     rule_id integer not null, at_ms bigint not null, interruptions integer not null,
     duration_ms bigint not null)`,
  // What the rules of the line's class make of its open state. They mean something while down; of
  // them ended_ms, last_offset, merge_ms while an end waits under mergeGap, and raised_ms and
  // stale_after_ms where alarms become stale. episode_ends_ms: while an episode is open.
  `alter table open_state add column outage_after_ms bigint`,
  `alter table open_state add column repeat_ms bigint`,
  `alter table open_state add column correction_ms bigint`,
  `alter table open_state add column ended_ms bigint`,
  `alter table open_state add column last_offset bigint`,
  `alter table open_state add column merge_ms bigint`,
  `alter table open_state add column raised_ms bigint`,
  `alter table open_state add column stale_after_ms bigint`,
  `alter table open_state add column uncertain boolean`,
  `alter table open_state add column episode_ends_ms bigint`,
  ...openStateUnderItsRules(),
  // Open episodes of the detectors beside the primary one. form: FORM_... of the kernel's layout; 0 =
  // open; 1, 2 = an episode, or a transient (since_ms = its duration), by the end that waits.
  `create table open_episode (line_id integer not null, partition_id integer not null,
     rule_id integer not null, at_ms bigint not null, since_ms bigint not null,
     ends_ms bigint not null, interruptions integer not null, form integer not null)`,
  // Raises of alarms; key '' = the line itself is the alarmed key.
  `create table chatter_row (line_id integer not null, partition_id integer not null,
     key varchar not null, alarm_id integer, raises integer not null, inverse double not null,
     chatterings integer not null, raised_ms bigint not null, chattered_ms bigint)`,
];

/** A rule in force where the open state stands, by its control records; JSON of the first version. */
function ruleInForce(name: string, otherwise: number): string {
  return `coalesce((
    select (c.payload->>'${name}')::bigint from control c
    where c.partition_id = open_state.partition_id and c.kind = 'rules'
    order by c.log desc, c.position desc, c.seq desc limit 1), ${otherwise})`;
}

/** Open state of the first version, to be read by the rules in force. */
function openStateUnderItsRules(): string[] {
  return [
    `update open_state set correction_ms = 0, uncertain = false,
       outage_after_ms = ${ruleInForce('outageMs', 60_000)},
       repeat_ms = ${ruleInForce('repeatMs', 2_592_000_000)}
     where down`,
    `update open_state set episode_ends_ms = coalesce(transition_ms, episode_at_ms)
       + ${ruleInForce('quietMs', 1_800_000)}
     where episode_rule_id is not null`,
  ];
}
