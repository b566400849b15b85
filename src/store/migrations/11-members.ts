// Groups of lines by ids, so that lists by component, customer, product and branch join no names, and
// the causes of months by line. Both are made again of what the store holds (members.ts, rollup.ts).

export const MEMBERS: readonly string[] = [
  // group_id 0 = the lines that the records give no such group; it has no row here. kind: of components.
  `create table line_group (group_id integer not null, by_what varchar not null,
     kind varchar not null, name varchar not null)`,
  // One row a record and group, over the time it holds. line: while the stream has not named it, and
  // so line_id is null.
  `create table line_member (group_id integer not null, by_what varchar not null, line_id integer,
     line varchar, from_ms bigint not null, to_ms bigint not null)`,
  // Interruptions by line, local month of their start and cause; those without one are left out.
  `create table rollup_cause (line_id integer not null, partition_id integer not null,
     from_ms bigint not null, until_ms bigint not null, cause_id integer not null,
     interruptions integer not null)`,
  ...['hour', 'day', 'month', 'long', 'mark'].map((name) => `delete from rollup_${name}`),
];
