// How far the scaled form's topic of findings is stored (src/scale/served.ts), by the partition that the
// findings are of: committed with them.

export const FINDINGS_READ: readonly string[] = [
  // read_to: how far the input is read, behind what is no record.
  `create table findings_read (topic varchar not null, partition_id integer not null,
     position bigint not null, read_to bigint not null)`,
];
