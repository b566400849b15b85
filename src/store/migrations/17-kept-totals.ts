// Frozen figures of all lines apart from those of branches, products and customers, a few hundred times
// as many: the ladder and the goals are read from the former.

export const KEPT_TOTALS: readonly string[] = [
  `create table kpi_frozen_all (month varchar not null, kpi varchar not null,
     version integer not null, variant varchar not null, numerator double not null,
     denominator double, coverage double)`,
  `insert into kpi_frozen_all select month, kpi, version, variant, numerator, denominator, coverage
     from kpi_frozen where dimension = 'all'`,
  `delete from kpi_frozen where dimension = 'all'`,
];
