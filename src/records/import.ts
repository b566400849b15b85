// Files of records into a store: the name of a file says its kind (lines.csv, works.parquet) unless it
// is told; a DuckDB file may hold several. What follows from works and components is made again.

import { basename } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import { RECORD_KIND_NAMES, type RecordKindName } from '../config/record-kinds.js';
import { lowerCauseProgress } from '../store/causes.js';
import { rebuildMembers } from '../store/members.js';
import { rebuildPlanned } from '../store/planned-marks.js';
import {
  type ImportOptions,
  type ImportReport,
  hasChanges,
  importRecords,
} from '../store/record-import.js';
import { type Store, storeError } from '../store/store.js';
import { type ReadOptions, type ReadRecords, readRecordFile } from './read.js';

/** A file of records and its kind. */
export interface RecordFile {
  readonly kind: RecordKindName;
  readonly file: string;
}

/** The kind that a file's name says, null when it says none: works.csv, works-2007.csv, 2007_works.csv. */
export function kindOfFile(file: string): RecordKindName | null {
  const stem = basename(file)
    .toLowerCase()
    .replace(/\.[^.]*$/, '');
  const words = stem.split(/[^a-z]+/);
  return RECORD_KIND_NAMES.find((kind) => words.includes(kind)) ?? null;
}

/** The files with their kinds, in the order in which they are best loaded. Throws USAGE. */
export function recordFiles(files: readonly string[], kind: RecordKindName | null): RecordFile[] {
  const found = files.map((file) => {
    const said = kind ?? kindOfFile(file);
    if (said !== null) return { kind: said, file };
    throw new FlaplineError(
      'USAGE',
      `${file}: its name does not say what it holds: call it after ` +
        `${RECORD_KIND_NAMES.join(', ')}, or give --kind`,
    );
  });
  const place = ({ kind: name }: RecordFile): number => RECORD_KIND_NAMES.indexOf(name);
  return found.toSorted((a, b) => place(a) - place(b));
}

/** Reads files of records, one after the other. Throws FILE_UNREADABLE, BAD_DATA. */
export async function readFiles(
  files: readonly RecordFile[],
  options: ReadOptions,
): Promise<ReadRecords[]> {
  const read: ReadRecords[] = [];
  for (const { kind, file } of files) read.push(await readRecordFile(kind, file, options));
  return read;
}

/**
 * Brings records in with all that follows from them, in a transaction of its own. Throws STORE_....
 */
export async function bringInNow(
  { writer, file }: Pick<Store, 'writer' | 'file'>,
  all: readonly ReadRecords[],
  options: ImportOptions,
): Promise<ImportReport[]> {
  try {
    await writer.run('begin');
    try {
      const reports = await bringIn(writer, all, options);
      await writer.run('commit');
      return reports;
    } catch (error) {
      await writer.run('rollback');
      throw error;
    }
  } catch (error) {
    throw storeError(error, file);
  }
}

async function bringIn(
  connection: DuckDBConnection,
  all: readonly ReadRecords[],
  options: ImportOptions,
): Promise<ImportReport[]> {
  const reports: ImportReport[] = [];
  for (const records of all) reports.push(await importRecords(connection, records, options));
  const changed = new Set(reports.filter(hasChanges).map(({ kind }) => kind));
  if (changed.has('works') || changed.has('components')) {
    await rebuildPlanned(connection);
    await lowerCauseProgress(connection, 0);
  }
  if (changed.has('lines') || changed.has('components')) await rebuildMembers(connection);
  return reports;
}
