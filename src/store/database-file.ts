// Whether a file is a database. DuckDB itself reads a CSV or JSON file as a table of a database in
// memory: what is then written would be lost.

import { closeSync, openSync, readSync } from 'node:fs';
import { FlaplineError } from '../config/errors.js';

/** DuckDB's files have this behind a checksum of eight bytes. */
const MAGIC = 'DUCK';
const MAGIC_AT = 8;

/** True for a file that is a database, or empty: such a one becomes one. */
export function isDatabase(file: string): boolean {
  const head = Buffer.alloc(MAGIC_AT + MAGIC.length);
  const descriptor = openSync(file, 'r');
  const bytes = readSync(descriptor, head, 0, head.length, 0);
  closeSync(descriptor);
  return bytes === 0 || head.toString('latin1', MAGIC_AT) === MAGIC;
}

/** Throws STORE_LAYOUT for an existing file that is no database. */
export function checkIsDatabase(file: string): void {
  if (isDatabase(file)) return;
  throw new FlaplineError('STORE_LAYOUT', `store ${file} is not a store: name another file`);
}
