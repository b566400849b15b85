// Rollups: what the stored rows add up to, so that lists and figures of a year need not read them all.
// Made from the rows before the mark of their table; those behind it are read as rows.

export const ROLLUPS: readonly string[] = [
  // Rows of a table of findings that are rolled up: those with a rowid below `rows`. Such tables only
  // grow. time_zone: in which days and months were cut.
  `create table rollup_mark (source varchar not null, rows bigint not null,
     time_zone varchar not null)`,
  // By UTC hour and by local day, each finding counted where it starts; down_ms = of the interruptions
  // that started then. until_ms = where the next hour or day begins.
  ...['rollup_hour', 'rollup_day'].map(
    (table) => `create table ${table} (partition_id integer not null, from_ms bigint not null,
      until_ms bigint not null, interruptions integer not null, outages integer not null,
      down_ms bigint not null, episodes integer not null, repeats integer not null)`,
  ),
  // By line and local month; down_ms = what of the down time lies in the month.
  `create table rollup_month (line_id integer not null, partition_id integer not null,
     from_ms bigint not null, until_ms bigint not null, interruptions integer not null,
     outages integer not null, down_ms bigint not null, episodes integer not null,
     repeats integer not null, last_start_ms bigint)`,
  // Interruptions longer than a year, which no month counts: they are read as rows.
  `create table rollup_long (line_id integer not null, partition_id integer not null,
     start_ms bigint not null, end_ms bigint not null, outage boolean not null)`,
];
