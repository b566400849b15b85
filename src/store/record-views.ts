// The documented views of the operator's records: of each kind the rows in force and the history, and
// which lines stand in the stream or in the records alone.

import { RECORD_KINDS, type RecordKind } from '../config/record-kinds.js';
import type { ViewDoc } from './view-docs.js';

const KINDS: readonly RecordKind[] = Object.values(RECORD_KINDS);

const VALID_DOCS = {
  valid_from_ms: 'since when the row holds, null for since ever',
  valid_to_ms: 'until when, null while it is in force',
} as const;

const VALID = 'nullif(valid_from_ms, 0) as valid_from_ms';

/** True where a row of a history named `row` holds at an expression in epoch ms. */
export function holdsAt(row: string, ms: string): string {
  return `(${row}.valid_from_ms <= ${ms} and (${row}.valid_to_ms is null or ${row}.valid_to_ms > ${ms}))`;
}

function storedOf({ columns }: RecordKind): string {
  return columns.map(({ stored }) => stored).join(', ');
}

/** Lines seen in the stream that no record in force names. */
const UNRECORDED = `select l.line, p.cluster, p.topic, p.partition, o.n, o.effective_ms
  from open_state o join line l on l.line_id = o.line_id
  join log_partition p on p.partition_id = o.partition_id
  anti join line_record r on r.line = l.line`;

/** Lines of the records in force that no event has named. */
const UNSEEN = `select r.line, r.branch, r.product, r.customer
  from line_record r anti join line l on l.line = r.line`;

/** The SELECT texts by the view's name. */
export function recordViewTexts(): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const kind of KINDS) {
    texts[kind.view] = `select ${storedOf(kind)}, ${VALID} from ${kind.table}
      where valid_to_ms is null`;
    texts[`${kind.view}_history`] = `select ${storedOf(kind)}, ${VALID}, valid_to_ms
      from ${kind.table}`;
  }
  texts['unrecorded_lines'] = UNRECORDED;
  texts['unseen_lines'] = UNSEEN;
  texts['record_imports'] = `select kind, source, "rows", added, changed, ended, unchanged, bad,
    import_recorded_at from record_import`;
  texts['record_problems'] = `select kind, source, "row", reason, problem_recorded_at
    from record_problem`;
  return texts;
}

function docsOf(kind: RecordKind): [string, ViewDoc][] {
  const columns = Object.fromEntries(kind.columns.map(({ stored, what }) => [stored, what]));
  const { valid_from_ms } = VALID_DOCS;
  return [
    [kind.view, { row: `${kind.row}, as in force now`, columns: { ...columns, valid_from_ms } }],
    [
      `${kind.view}_history`,
      { row: `${kind.row} and period in which it held`, columns: { ...columns, ...VALID_DOCS } },
    ],
  ];
}

/** What these views hold. */
export const RECORD_VIEW_DOCS: Readonly<Record<string, ViewDoc>> = {
  ...Object.fromEntries(KINDS.flatMap(docsOf)),
  unrecorded_lines: {
    row: 'one a line and partition of the stream that the records do not name',
    columns: {
      line: 'name of the line',
      cluster: 'name of the Kafka cluster, or of what stands for it',
      topic: 'topic, or what stands for it',
      partition: 'number of the partition that holds the line',
      n: 'its interruptions so far',
      effective_ms: 'effective time of its last event',
    },
  },
  unseen_lines: {
    row: 'one a line of the records that no event has named',
    columns: {
      line: 'name of the line',
      branch: 'from the records',
      product: 'from the records',
      customer: 'from the records',
    },
  },
  record_imports: {
    row: 'one an import that changed records',
    columns: {
      kind: 'kind of the records',
      source: 'file, or what stands for it',
      rows: 'rows read',
      added: 'rows that were new',
      changed: 'rows with another value than before',
      ended: 'rows that were no longer there',
      unchanged: 'rows as before',
      bad: 'rows left out',
      import_recorded_at: 'when (wall clock, not compared between runs)',
    },
  },
  record_problems: {
    row: 'one a row that the last import of its kind left out (the first 1,000 of them)',
    columns: {
      kind: 'kind of the records',
      source: 'file, or what stands for it',
      row: 'number of the line in the file',
      reason: 'what is wrong',
      problem_recorded_at: 'when (wall clock, not compared between runs)',
    },
  },
};
