// Which lines belong to which component, customer, product and branch, over what time, by ids: tables
// that follow from the records of lines and components (line_group, line_member). They are made again
// when these change; lines that the stream names later are given their ids as they are committed. All
// in the transaction at hand.

import type { DuckDBConnection } from '@duckdb/node-api';
import { raiseRevision } from './revision.js';
import { selectRows } from './sql.js';

/** What lines are grouped by. */
export const GROUPED_BY = ['component', 'customer', 'product', 'branch'] as const;
export type GroupedBy = (typeof GROUPED_BY)[number];

/** The end of what still holds. */
const EVER = Number.MAX_SAFE_INTEGER;

/** What the records say: (by_what, kind, name, line, from_ms, to_ms). */
const RECORDED = GROUPED_BY.map((by) => {
  const valid = `line, valid_from_ms as from_ms, coalesce(valid_to_ms, ${EVER}) as to_ms`;
  return by === 'component'
    ? `select '${by}' as by_what, kind, component as name, ${valid} from component_row`
    : `select '${by}' as by_what, '' as kind, coalesce(${by}, '') as name, ${valid} from line_row`;
}).join(' union all ');

const FROM_RECORDS: readonly string[] = [
  'delete from line_member',
  'delete from line_group',
  `insert into line_group
     select row_number() over (order by by_what, kind, name), by_what, kind, name
     from (select distinct by_what, kind, name from (${RECORDED}) where name <> '')`,
  `insert into line_member
     select coalesce(g.group_id, 0), r.by_what, l.line_id, if(l.line_id is null, r.line, null),
       r.from_ms, r.to_ms
     from (${RECORDED}) r left join line l on l.line = r.line
     left join line_group g on g.by_what = r.by_what and g.kind = r.kind and g.name = r.name
     order by r.by_what`,
  raiseRevision('members'),
];

/** Makes groups and members follow from the records. */
export async function rebuildMembers(connection: DuckDBConnection): Promise<void> {
  for (const statement of FROM_RECORDS) await connection.run(statement);
}

/** Gives lines with ids above `lineId` that the records know their ids. */
export async function nameMembers(connection: DuckDBConnection, lineId: number): Promise<void> {
  const [{ waiting }] = await selectRows<{ waiting: boolean }>(
    connection,
    'select exists (select 1 from line_member where line is not null) as waiting',
  );
  if (!waiting) return;
  await connection.run(
    `update line_member set line_id = l.line_id, line = null from line l
     where l.line_id > $1 and l.line = line_member.line`,
    [BigInt(lineId)],
  );
  await connection.run(raiseRevision('members'));
}
