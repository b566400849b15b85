// The operator's records as the cause engine takes them: of files that were read, or of a store.

import type { DuckDBConnection } from '@duckdb/node-api';
import { CauseRecords } from '../cause/records.js';
import type { CauseSettings } from '../cause/settings.js';
import type { ReadRecords } from '../records/read.js';
import type { RecordRow } from '../records/values.js';
import { readFeedback } from './cause-feedback.js';
import { type Cell, streamRows } from './sql.js';

/** Records of components and works that were read; null where there are no components. */
export function causeRecordsOf(
  all: readonly ReadRecords[],
  settings: CauseSettings,
): CauseRecords | null {
  const rowsOf = (name: string): RecordRow[] =>
    all.filter(({ kind }) => kind === name).flatMap(({ rows }) => rows);
  const records = new CauseRecords(settings);
  for (const row of rowsOf('components')) addComponent(records, row);
  for (const row of rowsOf('works')) addWork(records, row);
  return records.isEmpty ? null : records;
}

/** Those of a store; null where there are no components. */
export async function storedCauseRecords(
  connection: DuckDBConnection,
  settings: CauseSettings,
): Promise<CauseRecords | null> {
  const records = new CauseRecords(settings);
  const add = async (statement: string, take: (row: Row) => void): Promise<void> => {
    const { names, chunks } = await streamRows(connection, statement);
    for await (const chunk of chunks) {
      for (const cells of chunk)
        take(Object.fromEntries(names.map((name, i) => [name, cells[i]!])));
    }
  };
  await add('select line, kind, component, valid_from_ms, valid_to_ms from component_row', (row) =>
    addComponent(records, row),
  );
  await add(
    'select work, start_ms, end_ms, status, kind, component from work_row where valid_to_ms is null',
    (row) => addWork(records, row),
  );
  for (const said of await readFeedback(connection)) {
    records.addFeedback({
      kind: said.kind,
      component: said.component,
      isConfirmed: said.verdict === 'confirmed',
      fromMs: said.feedbackMs,
      untilMs: said.withdrawnMs ?? Infinity,
    });
  }
  return records.isEmpty ? null : records;
}

type Row = Readonly<Record<string, Cell>>;

function addComponent(records: CauseRecords, row: Row | RecordRow): void {
  records.addComponent({
    line: String(row['line']),
    kind: String(row['kind']),
    component: String(row['component']),
    fromMs: Number(row['valid_from_ms'] ?? 0),
    untilMs: Number(row['valid_to_ms'] ?? Infinity),
  });
}

function addWork(records: CauseRecords, row: Row | RecordRow): void {
  if (row['status'] === 'cancelled') return;
  records.addWork({
    work: String(row['work']),
    startMs: Number(row['start_ms']),
    endMs: Number(row['end_ms']),
    kind: String(row['kind']),
    component: String(row['component']),
  });
}
