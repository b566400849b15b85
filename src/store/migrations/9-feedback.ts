// What operators say of causes, with who and when. A row holds from feedback_ms until it is withdrawn.

export const FEEDBACK: readonly string[] = [
  // verdict: confirmed or refuted, of one component; a relabelled cause is a row of each.
  `create table feedback_row (cause varchar not null, verdict varchar not null,
     kind varchar not null, component varchar not null, who varchar not null, why varchar,
     feedback_ms bigint not null, withdrawn_ms bigint, withdrawn_by varchar)`,
];
