// Tables of the store, one migration a version. Base tables hold integer ids and epoch milliseconds;
// what people read are the views of views.ts. Small integers for ids keep a row of an interruption
// at 60 bytes before compression.

/** The version of the tables that this code writes. */
export const SCHEMA_VERSION = 2;

/**
 * Migrations in order: the statements that lead from version i to version i + 1.
 * Those that a store lacks are run in one transaction, followed by a checkpoint (DDL left in the log is DuckDB's known
 * bad case after a crash).
 */
export const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `create table meta (schema_version integer not null, created_ms bigint not null)`,
    // Dictionaries. line_id is given in the order of first appearance in the store.
    `create table line (line_id integer not null, line varchar not null)`,
    `create table alarm (alarm_id integer not null, alarm varchar not null)`,
    `create table cause (cause_id integer not null, cause varchar not null)`,
    `create table rule (rule_id integer not null, detector varchar not null, rule varchar not null)`,
    `create table log_partition (partition_id integer not null, cluster varchar not null,
       topic varchar not null, partition integer not null)`,
    // One row a (partition, log identity); the row with the largest log is the current one.
    // position = the next offset to read; first_ms, effective_ms = smallest and largest effective time.
    `create table progress (partition_id integer not null, log integer not null,
       position bigint not null, last_timestamp_ms bigint, last_hash bigint,
       first_ms bigint, effective_ms bigint, events bigint not null, late bigint not null,
       duplicates bigint not null, rejected bigint not null)`,
    `create table control (partition_id integer not null, log integer not null,
       position bigint not null, seq integer not null, kind varchar not null, payload varchar not null)`,
    // line_id null = every line of the partition; until_ms null = still unknown.
    `create table coverage_gap (partition_id integer not null, line_id integer, from_ms bigint,
       until_ms bigint, reason varchar not null)`,
    `create table rejected (partition_id integer not null, log integer not null,
       position bigint not null, place varchar not null, reason varchar not null, sample varchar,
       rejected_recorded_at timestamp not null)`,
    `create table snapshot (partition_id integer not null, log integer not null,
       position bigint not null, file varchar not null, snapshot_recorded_at timestamp not null)`,
    // Findings: ended interruptions, ended episodes, repeat faults of ended outages.
    `create table interruption_row (line_id integer not null, partition_id integer not null,
       n integer not null, start_ms bigint not null, end_ms bigint not null, cause_id integer,
       alarm_id integer, first_offset bigint, last_offset bigint)`,
    `create table episode_row (line_id integer not null, partition_id integer not null,
       rule_id integer not null, at_ms bigint not null, since_ms bigint not null,
       end_ms bigint not null, interruptions integer not null)`,
    `create table repeat_row (line_id integer not null, partition_id integer not null,
       start_ms bigint not null, previous_end_ms bigint not null)`,
    // Open state: one row a (line, partition), replaced when the line changes. start_ms, cause_id,
    // alarm_id, first_offset mean something while down; the episode_* columns while one is open
    // (episode_rule_id not null).
    `create table open_state (line_id integer not null, partition_id integer not null,
       down boolean not null, unknown boolean not null, n integer not null,
       effective_ms bigint not null, transition_ms bigint, start_ms bigint,
       previous_outage_end_ms bigint, cause_id integer, alarm_id integer, first_offset bigint,
       episode_rule_id integer, episode_at_ms bigint, episode_since_ms bigint,
       episode_interruptions integer)`,
    // The operator's records of its lines (lines.csv of SPEC section 4, the columns used so far).
    `create table line_record (line varchar not null, customer varchar, key_customer boolean,
       product varchar, branch varchar, a_end varchar, z_end varchar, circuit_type varchar,
       bandwidth_kbps bigint, international boolean, important boolean)`,
  ],
  [
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
  ],
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
