// Findings that wait to be published (src/pipeline/findings-out.ts): a table of the store like any other,
// so that a backup keeps them and a restore brings them back.

export const FINDINGS_OUT: readonly string[] = [
  // A line's name and a record's text. A store of before may have made it by itself.
  `create table if not exists finding_out
     (seq bigint not null, key varchar not null, value varchar not null)`,
];
