// The operator's records as the cause engine takes them.

import { CauseRecords } from '../cause/records.js';
import { DEFAULT_CAUSE_SETTINGS } from '../cause/settings.js';
import type { ReadRecords } from '../records/read.js';
import type { RecordRow } from '../records/values.js';

/** Records of components and works that were read; null where there are no components. */
export function causeRecordsOf(all: readonly ReadRecords[]): CauseRecords | null {
  const rowsOf = (name: string): RecordRow[] =>
    all.filter(({ kind }) => kind === name).flatMap(({ rows }) => rows);
  const components = rowsOf('components');
  if (components.length === 0) return null;
  const records = new CauseRecords(DEFAULT_CAUSE_SETTINGS);
  for (const row of components) {
    records.addComponent({
      line: String(row['line']),
      kind: String(row['kind']),
      component: String(row['component']),
      fromMs: Number(row['valid_from_ms'] ?? 0),
      untilMs: Number(row['valid_to_ms'] ?? Infinity),
    });
  }
  for (const row of rowsOf('works')) {
    if (row['status'] === 'cancelled') continue;
    records.addWork({
      work: String(row['work']),
      startMs: Number(row['start_ms']),
      endMs: Number(row['end_ms']),
      kind: String(row['kind']),
      component: String(row['component']),
    });
  }
  return records;
}
