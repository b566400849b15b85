// Version 4: the number of the last transaction, so that one whose outcome is not known can be asked for.

export const COMMITS = [
  'create table last_commit (number bigint not null)',
  'insert into last_commit values (0)',
] as const;
