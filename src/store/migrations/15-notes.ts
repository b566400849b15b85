// What people write down of a line, for those who look at it next. Nothing is judged or counted by it.

export const NOTES: readonly string[] = [
  `create table note_row (line varchar not null, who varchar not null, note varchar not null,
     noted_ms bigint not null)`,
];
