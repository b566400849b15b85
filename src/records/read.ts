// Records of one kind, read as a whole and checked row by row: what is good, and what was left out.

import { RECORD_KINDS, type RecordKind, type RecordKindName } from '../config/record-kinds.js';
import { timeText } from '../config/zone.js';
import { type BadRow, type Encoding, type SourceRow, csvRows, readBytes, textOf } from './csv.js';
import { databaseRows, isDatabaseFile } from './database.js';
import { type RecordRow, neededColumns, rowOf } from './values.js';

/** Records of a kind, ready to be brought into a store. */
export interface ReadRecords {
  readonly kind: RecordKindName;
  /** The file, or what stands for it. */
  readonly source: string;
  readonly rows: readonly RecordRow[];
  readonly bad: readonly BadRow[];
  /** Bad rows whose key is known: what is stored of it stays as it is. */
  readonly badRows: readonly RecordRow[];
  /** A bad row whose key is not known: nothing may end for being absent. */
  readonly isIncomplete: boolean;
}

/** How records are read. */
export interface ReadOptions {
  /** Of times without an offset. */
  readonly timeZone: string;
  readonly encoding?: Encoding;
}

/** Reads a file of records: CSV, Parquet, JSON or a DuckDB file. Throws FILE_UNREADABLE, BAD_DATA. */
export async function readRecordFile(
  kind: RecordKindName,
  file: string,
  options: ReadOptions,
): Promise<ReadRecords> {
  const needed = neededColumns(kind);
  if (isDatabaseFile(file)) {
    return collect(kind, file, await databaseRows(file, kind, needed), options);
  }
  const text = textOf(readBytes(file), options.encoding);
  return collect(kind, file, csvRows(file, text, needed), options);
}

/** Reads records of a CSV text; `source` is for messages. Throws BAD_DATA. */
export function readRecordText(
  kind: RecordKindName,
  source: string,
  text: string,
  options: ReadOptions,
): ReadRecords {
  return collect(kind, source, csvRows(source, text, neededColumns(kind)), options);
}

/** The (key, line) pairs in force of what was read, in the files' order. */
export function aliasPairs(all: readonly ReadRecords[]): [key: string, line: string][] {
  return all
    .filter(({ kind }) => kind === 'aliases')
    .flatMap(({ rows }) => rows)
    .filter((row) => row['valid_to_ms'] === null)
    .map((row) => [String(row['key']), String(row['line'])]);
}

function collect(
  name: RecordKindName,
  source: string,
  found: Iterable<SourceRow>,
  { timeZone }: ReadOptions,
): ReadRecords {
  const kind: RecordKind = RECORD_KINDS[name];
  const known = new KnownRows(kind, timeZone);
  const rows: RecordRow[] = [];
  const badRows: RecordRow[] = [];
  const bad: BadRow[] = [];
  let isIncomplete = false;
  for (const { row: number, cells, problem: broken } of found) {
    const { row, problem } = rowOf(kind, cells, timeZone);
    const reason = broken ?? problem ?? known.take(row, number);
    if (reason === null) {
      rows.push(row);
      continue;
    }
    bad.push({ file: source, row: number, reason });
    if (broken !== null || kind.key.every((column) => row[column] === null)) isIncomplete = true;
    else badRows.push(row);
  }
  return { kind: name, source, rows, bad, badRows, isIncomplete };
}

interface Known {
  readonly row: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What stood in the rows before: periods of one key must not overlap, rows of a work must agree. */
class KnownRows {
  private readonly byKey = new Map<string, Known[]>();
  private readonly works = new Map<string, { row: number; record: RecordRow }>();
  private readonly kind: RecordKind;
  private readonly timeZone: string;

  constructor(kind: RecordKind, timeZone: string) {
    this.kind = kind;
    this.timeZone = timeZone;
  }

  /** Notes a row; the reason where it does not go with one before. */
  take(record: RecordRow, row: number): string | null {
    const work = this.kind.kind === 'works' ? this.workProblem(record, row) : null;
    if (work !== null) return work;
    const key = JSON.stringify(this.kind.key.map((column) => record[column]));
    const fromMs = Number(record['valid_from_ms'] ?? 0);
    const toMs = Number(record['valid_to_ms'] ?? Number.MAX_SAFE_INTEGER);
    const before = this.byKey.get(key);
    const other = before?.find((one) => one.fromMs < toMs && fromMs < one.toMs);
    if (other) {
      const name = this.kind.key.map((column) => this.shown(record, column)).join(', ');
      return `${name} stands in line ${other.row} already${before!.length > 1 || toMs < Number.MAX_SAFE_INTEGER || fromMs > 0 ? ', for a time that overlaps' : ''}`;
    }
    if (before) before.push({ row, fromMs, toMs });
    else this.byKey.set(key, [{ row, fromMs, toMs }]);
    return null;
  }

  private workProblem(record: RecordRow, row: number): string | null {
    const name = String(record['work']);
    const first = this.works.get(name);
    if (!first) {
      this.works.set(name, { row, record });
      return null;
    }
    const own = new Set([...this.kind.key, 'valid_from_ms', 'valid_to_ms']);
    const other = this.kind.columns.find(
      ({ stored }) => !own.has(stored) && record[stored] !== first.record[stored],
    );
    return other ? `work '${name}' has another "${other.column}" in line ${first.row}` : null;
  }

  private shown(record: RecordRow, column: string): string {
    const value = record[column] ?? null;
    if (column.endsWith('_ms') && typeof value === 'number') {
      return `at ${timeText(value, this.timeZone)}`;
    }
    return `${column} '${String(value ?? '')}'`;
  }
}
