// Records as CSV (RFC 4180, a header; comma, semicolon or tab), read row by row with the number of the
// line each begins on. UTF-8 with or without a BOM, or GB18030: what is no UTF-8 is taken for it. A bad
// row is told and skipped; it never stops the file.

import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { FlaplineError, messageOf } from '../config/errors.js';

/** A row that was not loaded. */
export interface BadRow {
  readonly file: string;
  /** Number of the line in the file that the row begins on, from 1. */
  readonly row: number;
  readonly reason: string;
}

/** Cells of a row by the header's names, '' where empty. */
export type Cells = Readonly<Record<string, string>>;

/** A row of a source of records. */
export interface SourceRow {
  readonly row: number;
  readonly cells: Cells;
  /** Why its cells cannot be told apart: which row it is is not known. */
  readonly problem: string | null;
}

/** What a text is written in; null = found out. */
export type Encoding = 'utf-8' | 'gb18030' | null;

/** Bytes of a file of records, which is read as a whole. */
export const RECORD_FILE_BYTES_MAX = 256 * 1024 * 1024;

/** Characters of one row; more is an unclosed quote. */
const ROW_CHARACTERS_MAX = 1_000_000;
const DELIMITERS = [',', ';', '\t'] as const;
const REPLACEMENT = '\uFFFD';

/** The bytes of a file. Throws FILE_UNREADABLE, BAD_DATA when there are too many. */
export function readBytes(file: string): Uint8Array {
  try {
    const { size } = statSync(file);
    if (size <= RECORD_FILE_BYTES_MAX) return readFileSync(file);
    throw new FlaplineError(
      'BAD_DATA',
      `${file}: ${size} bytes, more than ${RECORD_FILE_BYTES_MAX}: split it, or give it as Parquet`,
    );
  } catch (error) {
    if (error instanceof FlaplineError) throw error;
    throw new FlaplineError(
      'FILE_UNREADABLE',
      `${file}: cannot be read (${messageOf(error)}): check its name and permissions`,
      { cause: error },
    );
  }
}

/** The text of bytes, without a BOM. What cannot be decoded becomes U+FFFD. */
export function textOf(bytes: Uint8Array, encoding: Encoding = null): string {
  return new TextDecoder(encoding ?? (isUtf8(bytes) ? 'utf-8' : 'gb18030')).decode(bytes);
}

interface RawRow {
  readonly row: number;
  readonly cells: readonly string[];
  readonly problem: string | null;
}

/** Cuts a text into rows of cells. */
function* rawRows(text: string, delimiter: string): Generator<RawRow> {
  let row = 1;
  let quote = text.indexOf('"');
  for (let at = 0; at < text.length;) {
    if (quote !== -1 && quote < at) quote = text.indexOf('"', at);
    const newline = text.indexOf('\n', at);
    const end = newline === -1 ? text.length : newline;
    if (quote === -1 || quote >= end) {
      const last = text[end - 1] === '\r' ? end - 1 : end;
      if (last > at) yield { row, cells: text.slice(at, last).split(delimiter), problem: null };
      row++;
      at = end + 1;
    } else {
      const quoted = quotedRow(text, at, delimiter);
      yield { row, cells: quoted.cells, problem: quoted.problem };
      row += quoted.newlines;
      at = quoted.next;
    }
  }
}

interface QuotedRow {
  readonly cells: readonly string[];
  readonly problem: string | null;
  /** Where the next row begins, and the newlines up to there. */
  readonly next: number;
  readonly newlines: number;
}

/** A row with a quote in it, from `at` on. */
function quotedRow(text: string, at: number, delimiter: string): QuotedRow {
  const cells: string[] = [];
  const limit = Math.min(text.length, at + ROW_CHARACTERS_MAX);
  let problem: string | null = null;
  let newlines = 0;
  let cell = '';
  let state: 'plain' | 'quoted' | 'closing' = 'plain';
  for (let i = at; ; i++) {
    const character = i < limit ? text[i] : '';
    if (character === '\n') newlines++;
    if (state === 'quoted' && character !== '') {
      if (character === '"') state = 'closing';
      else cell += character;
    } else if (character === '' || character === '\n') {
      if (state === 'quoted') problem = 'a quote is not closed';
      cells.push(state === 'plain' ? cell.replace(/\r$/, '') : cell);
      const next = problem === null ? i + 1 : endOfLine(text, at);
      return { cells, problem, next, newlines: problem === null ? newlines : 1 };
    } else if (character === delimiter) {
      cells.push(cell);
      cell = '';
      state = 'plain';
    } else if (character === '"') {
      if (state === 'closing') {
        cell += '"';
        state = 'quoted';
      } else if (cell === '') state = 'quoted';
      else problem = 'a quote in a cell that does not begin with one';
    } else if (!(state === 'closing' && character === '\r')) {
      if (state === 'closing') problem = 'text behind a closing quote';
      cell += character;
    }
  }
}

/** Where the line behind the one at `at` begins: after a broken quote reading goes on there. */
function endOfLine(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline === -1 ? text.length : newline + 1;
}

function delimiterOf(text: string): string {
  const end = text.indexOf('\n');
  const header = end === -1 ? text : text.slice(0, end);
  const counts = DELIMITERS.map((delimiter) => header.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!;
}

/** The rows of a text; `name` is for messages. Throws BAD_DATA when a column of `needed` is absent. */
export function* csvRows(
  name: string,
  text: string,
  needed: readonly string[],
): Generator<SourceRow> {
  let header: string[] | null = null;
  for (const { row, cells, problem } of rawRows(text, delimiterOf(text))) {
    if (!header) {
      header = cells.map((cell) => cell.trim().toLowerCase());
      checkHeader(name, header, needed);
      continue;
    }
    if (cells.every((cell) => cell === '')) continue;
    const named = Object.fromEntries(header.map((column, i) => [column, cells[i] ?? '']));
    yield { row, cells: named, problem: problem ?? problemOf(cells, header.length) };
  }
  if (!header) checkHeader(name, [], needed);
}

function problemOf(cells: readonly string[], columns: number): string | null {
  if (cells.length !== columns) return `${cells.length} cells where the header has ${columns}`;
  const broken = cells.some((cell) => cell.includes(REPLACEMENT));
  return broken ? 'it is neither UTF-8 nor GB18030' : null;
}

/** Throws BAD_DATA when a header lacks a column. */
export function checkHeader(
  name: string,
  header: readonly string[],
  needed: readonly string[],
): void {
  const missing = needed.filter((column) => !header.includes(column));
  if (missing.length === 0) return;
  throw new FlaplineError(
    'BAD_DATA',
    `${name}: its header lacks ${missing.join(', ')}; found ${header.join(', ') || 'none'}`,
  );
}
