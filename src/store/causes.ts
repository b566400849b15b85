// Causes in the store: those for the record, replaced over the time that was worked out again, and how
// far that has come. Both stand in the transaction of the starts they follow from, or in a later one:
// after a crash work goes on at resume_ms, which a start that comes late has lowered with its own commit.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { CauseFinding, FoundCause } from '../cause/finding.js';
import type { KnownBurst } from '../cause/history.js';
import type { BurstSpan } from '../cause/trigger.js';
import { START_FACTS } from './facts.js';
import { raiseRevision } from './revision.js';
import { selectRows, streamIntegers } from './sql.js';

/** How far causes have been worked out. Times in ms. */
export interface CauseProgress {
  /** What they are judged by; another mark = all are to be worked out again. */
  readonly mark: string;
  readonly resumeMs: number;
  readonly beganMs: number | null;
}

/** Causes of bursts triggered in [fromMs, beforeMs), in place of those stored. */
export interface CauseChange {
  readonly fromMs: number;
  readonly beforeMs: number;
  readonly spans: readonly BurstSpan[];
  readonly found: readonly FoundCause[];
  readonly progress: CauseProgress;
}

const IN_RANGE = 'trigger_ms >= $from and trigger_ms < $before';

/** The tables that hang on cause_row, and their columns in JSON. */
const ROWS = {
  cause_burst: { trigger_ms: 'BIGINT', from_ms: 'BIGINT', until_ms: 'BIGINT' },
  cause_row: {
    cause: 'VARCHAR',
    trigger_ms: 'BIGINT',
    burst_until_ms: 'BIGINT',
    rank: 'INTEGER',
    at_ms: 'BIGINT',
    until_ms: 'BIGINT',
    kind: 'VARCHAR',
    component: 'VARCHAR',
    lines: 'INTEGER',
    members: 'INTEGER',
    expected: 'DOUBLE',
    score: 'DOUBLE',
    share: 'DOUBLE',
    confidence: 'DOUBLE',
  },
  cause_component: {
    cause: 'VARCHAR',
    role: 'VARCHAR',
    place: 'INTEGER',
    kind: 'VARCHAR',
    component: 'VARCHAR',
    odds: 'DOUBLE',
  },
} as const;

/** What a cause `c` that is not unknown is called in lists. */
const CAUSE_NAME = `c.kind || ' ' || c.component`;

/** Gives ids to the names of causes in a range that have none yet. */
const NEW_NAMES = `insert into cause_name
  select (select coalesce(max(name_id), 0) from cause_name) + row_number() over (order by name), name
  from (select distinct ${CAUSE_NAME} as name from cause_row c
    where c.kind <> 'unknown' and ${IN_RANGE}) anti join cause_name using (name)`;

/** Writes a change, in the transaction at hand. */
export async function writeCauses(
  connection: DuckDBConnection,
  { fromMs, beforeMs, spans, found, progress }: CauseChange,
): Promise<void> {
  const range = { from: fromMs, before: beforeMs };
  const old = `cause in (select cause from cause_row where ${IN_RANGE})`;
  for (const table of ['cause_component', 'cause_member']) {
    await selectRows(connection, `delete from ${table} where ${old}`, range);
  }
  for (const table of ['cause_row', 'cause_burst']) {
    await selectRows(connection, `delete from ${table} where ${IN_RANGE}`, range);
  }
  const bursts = spans.map((span) => ({
    trigger_ms: span.triggerMs,
    from_ms: span.fromMs,
    until_ms: span.untilMs,
  }));
  await insertRows(connection, 'cause_burst', bursts);
  await insertRows(connection, 'cause_row', found.map(rowOf));
  await selectRows(connection, NEW_NAMES, range);
  await insertRows(
    connection,
    'cause_component',
    found.flatMap(({ finding }) => componentRows(finding)),
  );
  await insertMembers(connection, found);
  await connection.run(raiseRevision('causes'));
  await selectRows(
    connection,
    'update cause_progress set mark = $mark, resume_ms = $resume, began_ms = $began::bigint',
    { mark: progress.mark, resume: progress.resumeMs, began: progress.beganMs },
  );
}

async function insertRows(
  connection: DuckDBConnection,
  table: keyof typeof ROWS,
  rows: readonly object[],
): Promise<void> {
  if (rows.length === 0) return;
  const shape = JSON.stringify([ROWS[table]]);
  await selectRows(
    connection,
    `insert into ${table} by name
       select unnest(from_json($rows::json, '${shape}'), max_depth := 2)`,
    { rows: JSON.stringify(rows) },
  );
}

/** Lines that a cause explains stand in the dictionary: their starts are stored. */
async function insertMembers(
  connection: DuckDBConnection,
  found: readonly FoundCause[],
): Promise<void> {
  const rows = found.flatMap(({ finding, members }) =>
    members.map(({ line, start }) => ({ cause: finding.id, line, start_ms: start })),
  );
  if (rows.length === 0) return;
  await selectRows(
    connection,
    `insert into cause_member
       select m.cause, l.line_id, m.start_ms, coalesce(n.name_id, 0), c.burst_until_ms
       from (select unnest(from_json($rows::json,
         '[{"cause":"VARCHAR","line":"VARCHAR","start_ms":"BIGINT"}]'), max_depth := 2)) m
       join line l on l.line = m.line join cause_row c on c.cause = m.cause
       left join cause_name n on c.kind <> 'unknown' and n.name = ${CAUSE_NAME}`,
    { rows: JSON.stringify(rows) },
  );
}

function rowOf({ finding, span, rank }: FoundCause): object {
  const { id, at, until, components, lines, members } = finding;
  const { expected, score, share, confidence } = finding;
  return {
    cause: id,
    trigger_ms: span.triggerMs,
    burst_until_ms: span.untilMs,
    rank,
    at_ms: at,
    until_ms: until,
    kind: components[0]!.kind,
    component: components[0]!.name,
    lines,
    members,
    expected,
    score,
    share,
    confidence,
  };
}

function componentRows({ id, components, within, runnersUp, works }: CauseFinding): object[] {
  const isUnknown = within !== undefined;
  const same = (isUnknown ? within : components).map(({ kind, name }) => ({
    kind,
    name,
    odds: null,
  }));
  const next = runnersUp.map(({ components: [one], odds }) => Object.assign({ odds }, one!));
  const work = works.map((name) => ({ kind: 'work', name, odds: null }));
  const roles = { [isUnknown ? 'within' : 'same']: same, next, work };
  return Object.entries(roles).flatMap(([role, all]) =>
    all.map(({ kind, name, odds }, place) => ({
      cause: id,
      role,
      place,
      kind,
      component: name,
      odds,
    })),
  );
}

/** How far causes have been worked out. */
export async function readCauseProgress(connection: DuckDBConnection): Promise<CauseProgress> {
  const [row] = await selectRows<{ mark: string; resumeMs: number; beganMs: number | null }>(
    connection,
    `select mark, resume_ms as "resumeMs", began_ms as "beganMs" from cause_progress`,
  );
  return row!;
}

/** Has causes worked out again from a time on. */
export async function lowerCauseProgress(
  connection: DuckDBConnection,
  fromMs: number,
): Promise<void> {
  await selectRows(connection, 'update cause_progress set resume_ms = least(resume_ms, $from)', {
    from: fromMs,
  });
}

/** Stored bursts that end at or after a time, their lines by `indexOf` the store's id. */
export async function readKnownBursts(
  connection: DuckDBConnection,
  sinceMs: number,
  indexOf: (lineId: number) => number,
): Promise<KnownBurst[]> {
  const bursts = await selectRows<{ triggerMs: number; fromMs: number; untilMs: number }>(
    connection,
    `select trigger_ms as "triggerMs", from_ms as "fromMs", until_ms as "untilMs"
       from cause_burst where until_ms >= $since order by trigger_ms`,
    { since: sinceMs },
  );
  const members = await selectRows<{ triggerMs: number; lineId: number }>(
    connection,
    `select c.trigger_ms as "triggerMs", m.line_id as "lineId" from cause_member m
       join cause_row c on c.cause = m.cause where c.burst_until_ms >= $since`,
    { since: sinceMs },
  );
  const linesOf = new Map<number, number[]>();
  for (const { triggerMs, lineId } of members) {
    const lines = linesOf.get(triggerMs);
    if (lines) lines.push(indexOf(lineId));
    else linesOf.set(triggerMs, [indexOf(lineId)]);
  }
  return bursts.map((span) => ({ span, lines: linesOf.get(span.triggerMs) ?? [] }));
}

/** Hands over the stored starts from a time on, in the order of their times: line ids and times. */
export async function streamStarts(
  connection: DuckDBConnection,
  fromMs: number,
  take: (lineIds: BigInt64Array, times: BigInt64Array) => void | Promise<void>,
): Promise<void> {
  await streamIntegers(
    connection,
    `select line_id::bigint, start_ms from (${START_FACTS}) where start_ms >= $from
       order by start_ms`,
    { from: fromMs },
    ([lineIds, times]) => take(lineIds!, times!),
  );
}
