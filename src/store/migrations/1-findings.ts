// The first tables: dictionaries, progress, control records, coverage, findings, open state, and the
// operator's lines.

export const FINDINGS: readonly string[] = [
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
];
