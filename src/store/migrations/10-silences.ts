// The newest timestamp of a partition's records, epoch ms: since when it is silent. 0 or null = not known.

export const SILENCES: readonly string[] = [
  `alter table progress add column newest_record_ms bigint`,
];
