// Lines, or single alarms of theirs, of which nothing is told for a time. What counts is not touched.

export const SHELVES: readonly string[] = [
  // alarm null: the whole line. It ends at until_ms, or at ended_ms where somebody ended it before.
  `create table shelf_row (line varchar not null, alarm varchar, who varchar not null,
     why varchar not null, shelved_ms bigint not null, until_ms bigint not null,
     ended_ms bigint, ended_by varchar)`,
];
