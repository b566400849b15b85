// The operator's records with valid time (SPEC section 4), and what follows from planned works. A row
// holds over [valid_from_ms, valid_to_ms): 0 = since ever, null = still. Rows of one key never overlap.

const VALID = 'valid_from_ms bigint not null default 0, valid_to_ms bigint';

export const RECORDS: readonly string[] = [
  `create table line_row (line varchar not null, customer varchar, key_customer boolean,
     product varchar, branch varchar, a_end varchar, z_end varchar, a_branch varchar,
     z_branch varchar, circuit_type varchar, bandwidth_kbps bigint, international boolean,
     important boolean, contact varchar, emergency_plan varchar, inspected_ms bigint,
     labelled_ms bigint, activated_ms bigint, ${VALID})`,
  `insert into line_row by name select * from line_record`,
  `drop table line_record`,
  // The records in force: at most one row a line.
  `create view line_record as select * from line_row where valid_to_ms is null`,
  // place = order in the file: an event is fanned out to a key's lines in it.
  `create table alias_row (key varchar not null, line varchar not null, place bigint not null,
     ${VALID})`,
  `create table component_row (line varchar not null, kind varchar not null,
     component varchar not null, ${VALID})`,
  // One row a work and component; kind 'line': the component is a line.
  `create table work_row (work varchar not null, start_ms bigint not null,
     end_ms bigint not null, status varchar not null, notified_department_ms bigint,
     notified_customer_ms bigint, kind varchar not null, component varchar not null, ${VALID})`,
  `create table ticket_row (ticket varchar not null, kind varchar not null,
     line varchar not null, opened_ms bigint not null, closed_ms bigint, valid boolean,
     cause varchar, ${VALID})`,
  `create table callback_row (line varchar, ticket varchar, kind varchar not null,
     at_ms bigint not null, satisfied boolean, reason varchar, ${VALID})`,
  `create table satisfaction_row (branch varchar not null, period varchar not null,
     score double not null, samples bigint, ${VALID})`,
  `create table customer_row (customer varchar not null, key boolean, enrolled_ms bigint,
     contact varchar, ${VALID})`,
  `create table branch_row (branch varchar not null, norms_since_ms bigint, ${VALID})`,
  // One row an import that changed something, and the rows that the last import of a kind left out.
  `create table record_import (kind varchar not null, source varchar not null,
     "rows" bigint not null, added bigint not null, changed bigint not null, ended bigint not null,
     unchanged bigint not null, bad bigint not null, import_recorded_at timestamp not null)`,
  `create table record_problem (kind varchar not null, source varchar not null,
     "row" bigint not null, reason varchar not null, problem_recorded_at timestamp not null)`,
  // What follows from works and components: the lines of every work that is not cancelled, the windows
  // of each line (those that touch are one), and the interruptions that start in one. They are made
  // again when works or components change; marks of new interruptions are added as they are committed.
  `create table work_line (work varchar not null, line varchar not null, start_ms bigint not null,
     from_ms bigint not null, until_ms bigint not null)`,
  `create table planned_window (line varchar not null, from_ms bigint not null,
     until_ms bigint not null)`,
  `create table planned_mark (line_id integer not null, partition_id integer not null,
     n integer not null, start_ms bigint not null, planned_until_ms bigint not null)`,
];
