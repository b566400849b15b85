// A CSV file as a relation: every column is text, so that names keep their leading zeros and times
// their offsets. The header decides columns and delimiter; rows that do not fit it are rejected one
// by one (DuckDB's reject tables), and the rest is read.

import { closeSync, openSync, readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { FlaplineError, messageOf } from '../config/errors.js';

/** Bytes in which the header must end. */
const HEADER_BYTES_MAX = 64 * 1024;

const DELIMITERS = [',', ';', '\t', '|'] as const;

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The SELECT statement that reads a CSV file, plain or gzip. Throws FILE_UNREADABLE, BAD_DATA. */
export function csvRelation(file: string): string {
  const header = readHeader(file);
  const counts = DELIMITERS.map((delimiter) => header.split(delimiter).length);
  const delimiter = DELIMITERS[counts.indexOf(Math.max(...counts))]!;
  const names = header.split(delimiter).map((name) => name.trim().replaceAll(/^"|"$/g, ''));
  const seen = new Set<string>();
  for (const name of names.map((one) => one.toLowerCase())) {
    if (name === '' || seen.has(name)) {
      throw new FlaplineError(
        'BAD_DATA',
        `${file}: the header must name each column once; found ${names.join(', ')}`,
      );
    }
    seen.add(name);
  }
  const columns = names.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ');
  return `select * from read_csv(${literal(file)}, auto_detect = false, header = true,
    delim = ${literal(delimiter)}, quote = '"', escape = '"', store_rejects = true,
    columns = {${columns}})`;
}

function readHeader(file: string): string {
  let bytes = Buffer.alloc(HEADER_BYTES_MAX);
  try {
    const descriptor = openSync(file, 'r');
    try {
      bytes = bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(descriptor);
    }
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
      bytes = Buffer.from(gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }));
    }
  } catch (error) {
    throw new FlaplineError(
      'FILE_UNREADABLE',
      `${file}: cannot be read (${messageOf(error)}): check its name and permissions`,
      { cause: error },
    );
  }
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  return text.split(/\r?\n/, 1)[0]!;
}
