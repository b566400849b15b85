// Lines that causes explain by ids, so that the top cause of lines and groups joins no texts.

export const CAUSE_NAMES: readonly string[] = [
  // Kind and name of every component that a cause of the record was explained by; names are only added.
  `create table cause_name (name_id integer not null, name varchar not null)`,
  `insert into cause_name select row_number() over (order by name), name
     from (select distinct kind || ' ' || component as name from cause_row where kind <> 'unknown')`,
  // name_id 0 = of an unknown shared cause. burst_until_ms: when the burst of its cause ended.
  `alter table cause_member add column name_id integer`,
  `alter table cause_member add column burst_until_ms bigint`,
  `update cause_member set name_id = named.name_id, burst_until_ms = named.burst_until_ms
     from (select c.cause, c.burst_until_ms, coalesce(n.name_id, 0) as name_id from cause_row c
       left join cause_name n on c.kind <> 'unknown' and n.name = c.kind || ' ' || c.component) named
     where named.cause = cause_member.cause`,
];
