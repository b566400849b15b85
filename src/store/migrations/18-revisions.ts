// Numbers that are raised when rows of a table are other ones than before, not only more of them: so that
// who holds them in memory knows (revision.ts).

export const REVISIONS: readonly string[] = [
  `create table revision (what varchar not null, number bigint not null)`,
  `insert into revision values ('members', 1), ('planned', 1), ('causes', 1)`,
];
