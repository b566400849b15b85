// A folder of record files that is looked at again and again: which of its files are new or have
// changed since, and are whole. A file still being written is left for the next look.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FlaplineError, messageOf } from '../config/errors.js';
import { type RecordFile, kindOfFile } from './import.js';

/** A file younger than this may still be written to. */
const SETTLE_MS = 1_000;
/** Files of one look; the next takes the others. */
const FILES_MAX = 100;

/** What is known of the files of a folder. */
export class RecordFolder {
  private readonly folder: string;
  private readonly seen = new Map<string, string>();

  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * The files to be read now, oldest first; each is given once for each state of it. Files whose name
   * says no kind, or that begin with a dot, are not looked at. Throws FILE_UNREADABLE.
   */
  changed(nowMs: number): RecordFile[] {
    const found: (RecordFile & { atMs: number; state: string })[] = [];
    try {
      for (const name of readdirSync(this.folder)) {
        const kind = name.startsWith('.') ? null : kindOfFile(name);
        if (kind === null || /\.(part|tmp)$/i.test(name)) continue;
        const file = join(this.folder, name);
        const { mtimeMs, size, isFile } = stateOf(file);
        const state = `${mtimeMs} ${size}`;
        if (!isFile || nowMs - mtimeMs < SETTLE_MS || this.seen.get(file) === state) continue;
        found.push({ kind, file, atMs: mtimeMs, state });
      }
    } catch (error) {
      throw new FlaplineError(
        'FILE_UNREADABLE',
        `folder of records ${this.folder}: cannot be read (${messageOf(error)}): check its name`,
        { cause: error },
      );
    }
    const files = found.toSorted((a, b) => a.atMs - b.atMs).slice(0, FILES_MAX);
    for (const { file, state } of files) this.seen.set(file, state);
    return files.map(({ kind, file }) => ({ kind, file }));
  }
}

function stateOf(file: string): { mtimeMs: number; size: number; isFile: boolean } {
  const { mtimeMs, size, ...stats } = statSync(file);
  return { mtimeMs, size, isFile: (stats.mode & 0o170_000) === 0o100_000 };
}
