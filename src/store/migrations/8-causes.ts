// Root causes: the bursts that are for the record, their causes with evidence and lines, how far they
// have been worked out, and what operators say of them.

export const CAUSES: readonly string[] = [
  `create table cause_burst (trigger_ms bigint not null, from_ms bigint not null,
     until_ms bigint not null)`,
  // kind, component: the best of what cannot be told apart; 'unknown' where nothing recorded explains it.
  `create table cause_row (cause varchar not null, trigger_ms bigint not null,
     burst_until_ms bigint not null, rank integer not null, at_ms bigint not null,
     until_ms bigint not null, kind varchar not null, component varchar not null,
     lines integer not null, members integer not null, expected double not null,
     score double not null, share double not null, confidence double not null)`,
  // role: same (cannot be told apart), within (where an unknown one lies), next (the runners-up, with
  // their odds against the cause), work (works in their window on which it lies). place: the best is 0.
  `create table cause_component (cause varchar not null, role varchar not null,
     place integer not null, kind varchar not null, component varchar not null, odds double)`,
  `create table cause_member (cause varchar not null, line_id integer not null,
     start_ms bigint not null)`,
  // One row. mark: what the causes are judged by. Bursts triggered before resume_ms are worked out, from
  // there on they are to be; began_ms = the first start of a recorded line, null = none.
  `create table cause_progress (mark varchar not null, resume_ms bigint not null, began_ms bigint)`,
  `insert into cause_progress values ('', 0, null)`,
];
