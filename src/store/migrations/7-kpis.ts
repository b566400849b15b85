// Figures of closed months, and how later data restated them. Audit tables: when they are written
// depends on the clock, so they are not among the views compared between runs.

export const KPIS: readonly string[] = [
  // mark: what the figures follow from, in short; another one = to be computed again.
  `create table kpi_month (month varchar not null, time_zone varchar not null,
     read_ms bigint not null, mark varchar not null, frozen_recorded_at timestamp not null)`,
  `create table kpi_frozen (month varchar not null, kpi varchar not null, version integer not null,
     dimension varchar not null, name varchar not null, variant varchar not null,
     numerator double not null, denominator double, coverage double)`,
  // A figure that is not there before or after has null on that side.
  `create table kpi_restatement (month varchar not null, kpi varchar not null,
     version integer not null, dimension varchar not null, name varchar not null,
     variant varchar not null, numerator_before double, denominator_before double,
     numerator double, denominator double, why varchar not null,
     restated_recorded_at timestamp not null)`,
];
