// The statements that bring records in: what is to be written is worked out in temporary tables of the
// rows given (record_incoming), then written. record-import.ts says what it means.

import type { RecordKind } from '../config/record-kinds.js';

/** Changes that an import describes one by one; all are counted. */
export const SAMPLE_ROWS = 20;

/** What is said of rows that are not in the file. */
export type Scope = 'all' | 'group' | 'nothing';

function same(columns: readonly string[], a: string, b: string): string {
  return columns.map((name) => `${a}.${name} is not distinct from ${b}.${name}`).join(' and ');
}

const FOREVER = 'cast(9223372036854775807 as bigint)';

/** The statements of an import of one kind. */
export class ImportSql {
  private readonly keyText: string;
  private readonly kind: RecordKind;
  private readonly values: readonly string[];
  private readonly names: string;

  constructor(kind: RecordKind) {
    this.kind = kind;
    const stored = kind.columns.map((column) => column.stored);
    this.values = stored.filter((name) => !kind.key.includes(name));
    this.names = stored.join(', ');
    this.keyText = kind.key.map((name) => `coalesce(${name}::varchar, '')`).join(` || ' ' || `);
  }

  /** Works out what is to be written, and writes nothing yet. */
  judge(scope: Scope): string[] {
    const { table, key, group } = this.kind;
    const changed = [...this.values, 'valid_to_ms'].map(
      (name) => `case when i.${name} is distinct from h.${name}
        then '${name.replace(/_ms$/, '')}' end`,
    );
    const named = {
      all: 'true',
      group: `exists (select 1 from record_incoming i where ${same(group, 'i', 'h')})`,
      nothing: 'false',
    }[scope];
    return [
      // A stored row and the given row that speaks of it. in_place: it is corrected where it stands.
      `create or replace temp table record_matched as
         select *, changed <> '' and (said or changed = 'valid_to' or from_ms >= $from) as in_place
         from (select i.rowid as given, h.rowid as stored, i.bad, i.valid_from_ms is not null as said,
             h.valid_from_ms as from_ms,
             if(i.bad, '', concat_ws(', ', ${changed.join(', ')})) as changed
           from record_incoming i join ${table} h on ${same(key, 'i', 'h')}
             and if(i.valid_from_ms is null,
               h.valid_to_ms is null or h.valid_to_ms = i.valid_to_ms,
               h.valid_from_ms = i.valid_from_ms)
           qualify row_number() over (partition by i.rowid
             order by h.valid_to_ms is not distinct from i.valid_to_ms desc, h.valid_from_ms desc) = 1)`,
      // Rows to be inserted. A row of a group that was never recorded holds since ever.
      `create or replace temp table record_fresh as
         select i.* exclude (valid_from_ms, valid_to_ms, bad), m.changed, m.stored is null as is_new,
           coalesce(i.valid_from_ms, if(exists (select 1 from ${table} h
             where ${same(group, 'i', 'h')}), $from, 0)) as from_ms, i.valid_to_ms as to_ms
         from record_incoming i left join record_matched m on m.given = i.rowid
         where not i.bad and (m.stored is null or (m.changed <> '' and not m.in_place))`,
      // Stored rows that are absent: they end where another row of their group begins, or now.
      `create or replace temp table record_gone as
         select h.rowid as stored, h.valid_from_ms as from_ms, coalesce(
             (select min(f.from_ms) from record_fresh f
               where ${same(group, 'f', 'h')} and f.from_ms > h.valid_from_ms), $from) as to_ms
         from ${table} h where h.valid_to_ms is null and ${named}
           and not exists (select 1 from record_incoming i where ${same(key, 'i', 'h')})`,
      // Stored rows that rows to be inserted overlap, and what is left of them.
      `create or replace temp table record_cut as
         select h.rowid as stored,
           bool_or(f.from_ms <= h.valid_from_ms
             and coalesce(f.to_ms, ${FOREVER}) >= coalesce(h.valid_to_ms, ${FOREVER})) as covered,
           min(f.from_ms) filter (f.from_ms > h.valid_from_ms) as to_ms,
           max(f.to_ms) filter (f.from_ms <= h.valid_from_ms) as from_ms
         from ${table} h join record_fresh f on ${same(key, 'f', 'h')}
         where f.from_ms < coalesce(h.valid_to_ms, ${FOREVER})
           and h.valid_from_ms < coalesce(f.to_ms, ${FOREVER})
           and h.rowid not in (select stored from record_matched where in_place)
         group by h.rowid`,
    ];
  }

  write(): string[] {
    const { table } = this.kind;
    const set = [...this.values, 'valid_to_ms'].map((name) => `${name} = i.${name}`).join(', ');
    const isAliases = this.kind.kind === 'aliases';
    const place = isAliases ? ', place' : '';
    const behind = isAliases ? `, (select coalesce(max(place) + 1, 0) from ${table}) + place` : '';
    return [
      `update ${table} set ${set} from record_matched m join record_incoming i on i.rowid = m.given
         where m.in_place and ${table}.rowid = m.stored`,
      `update ${table} set valid_to_ms = g.to_ms from record_gone g
         where g.from_ms < g.to_ms and ${table}.rowid = g.stored`,
      `update ${table} set valid_to_ms = coalesce(c.to_ms, ${table}.valid_to_ms),
           valid_from_ms = coalesce(c.from_ms, ${table}.valid_from_ms)
         from record_cut c where not c.covered and ${table}.rowid = c.stored`,
      `delete from ${table} where rowid in (select stored from record_gone where from_ms >= to_ms
         union all select stored from record_cut where covered)`,
      `insert into ${table} (${this.names}${place}, valid_from_ms, valid_to_ms)
         select ${this.names}${behind}, from_ms, to_ms from record_fresh order by place`,
    ];
  }

  /** The counts of a report. */
  counts(): string {
    return `select
      (select count(*) from record_fresh where is_new) as added,
      (select count(*) from record_fresh where not is_new)
        + (select count(*) from record_matched where in_place) as changed,
      (select count(*) from record_gone) as ended,
      (select count(*) from record_matched where changed = '' and not bad) as unchanged`;
  }

  changedColumns(): string {
    return `select c as "column", count(*) as "rows" from (
        select unnest(string_split(changed, ', ')) as c from record_matched where changed <> '')
      group by c order by count(*) desc, c`;
  }

  sample(): string {
    const { table } = this.kind;
    const key = this.keyText;
    return `
      (select 'changed' as change, ${key} as "row", m.changed as "columns"
        from record_matched m join record_incoming i on i.rowid = m.given where m.changed <> ''
        order by 2 limit ${SAMPLE_ROWS})
      union all (select 'added', ${key}, '' from record_fresh where is_new
        order by 2 limit ${SAMPLE_ROWS})
      union all (select 'ended', ${key}, '' from ${table} h join record_gone g on g.stored = h.rowid
        order by 2 limit ${SAMPLE_ROWS})`;
  }
}
