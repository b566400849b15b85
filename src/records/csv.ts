// Records as CSV (RFC 4180, a header, UTF-8 with or without a BOM), read row by row with the number
// of the line each begins on. A bad row is told and skipped; it never stops the file.

import { createReadStream } from 'node:fs';
import { FlaplineError, messageOf } from '../config/errors.js';

/** A row that was not loaded. */
export interface BadRow {
  readonly file: string;
  /** Number of the line in the file that the row begins on, from 1. */
  readonly row: number;
  readonly reason: string;
}

/** A row: cells by the header's names, '' where empty. */
export interface CsvRow {
  readonly row: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** Characters of one row; more is an unclosed quote. */
const ROW_CHARACTERS_MAX = 1_000_000;

interface RawRow {
  readonly row: number;
  readonly cells: readonly string[];
  readonly problem: string | null;
}

/** Cuts a text into rows of cells, in pieces of any size. */
class RowCutter {
  private readonly rows: RawRow[] = [];
  private cells: string[] = [];
  private cell = '';
  /** Outside quotes, inside them, or behind a quote that may be the first of two. */
  private state: 'plain' | 'quoted' | 'closing' = 'plain';
  private quoted = false;
  private problem: string | null = null;
  private characters = 0;
  private line = 1;
  private rowLine = 1;

  /** The rows that a piece completes. */
  take(piece: string): RawRow[] {
    for (const character of piece) this.step(character);
    return this.rows.splice(0);
  }

  /** The last row, when the text does not end with a newline. */
  end(): RawRow[] {
    if (this.state === 'quoted') this.problem = 'a quote is not closed';
    if (this.characters > 0) this.endRow();
    return this.rows.splice(0);
  }

  private step(character: string): void {
    if (character === '\n') this.line++;
    if (this.state === 'quoted' && this.characters < ROW_CHARACTERS_MAX) {
      this.characters++;
      if (character === '"') this.state = 'closing';
      else this.cell += character;
      return;
    }
    if (character === '\n') return this.endRow();
    this.characters++;
    if (character === ',') {
      this.endCell();
    } else if (character === '"') {
      this.quote();
    } else if (character !== '\r') {
      if (this.state === 'closing') this.problem = 'text behind a closing quote';
      this.cell += character;
    }
  }

  private quote(): void {
    if (this.state === 'closing') {
      this.cell += '"';
      this.state = 'quoted';
    } else if (this.cell === '' && !this.quoted) {
      this.state = 'quoted';
      this.quoted = true;
    } else {
      this.problem = 'a quote in a cell that does not begin with one';
      this.cell += '"';
    }
  }

  private endCell(): void {
    this.cells.push(this.cell);
    this.cell = '';
    this.state = 'plain';
    this.quoted = false;
  }

  private endRow(): void {
    if (this.characters >= ROW_CHARACTERS_MAX) this.problem = 'the row is too long';
    this.endCell();
    const blank = this.cells.length === 1 && this.cells[0] === '';
    if (!blank) this.rows.push({ row: this.rowLine, cells: this.cells, problem: this.problem });
    this.cells = [];
    this.problem = null;
    this.characters = 0;
    this.rowLine = this.line;
  }
}

async function* rawRows(file: string): AsyncGenerator<RawRow[]> {
  const cutter = new RowCutter();
  const decoder = new TextDecoder('utf-8');
  try {
    for await (const bytes of createReadStream(file)) {
      yield cutter.take(decoder.decode(bytes as Uint8Array, { stream: true }));
    }
  } catch (error) {
    throw new FlaplineError(
      'FILE_UNREADABLE',
      `${file}: cannot be read (${messageOf(error)}): check its name and permissions`,
      { cause: error },
    );
  }
  yield [...cutter.take(decoder.decode()), ...cutter.end()];
}

/**
 * The good rows of a file. Throws FILE_UNREADABLE, and BAD_DATA when the header lacks a column of
 * `needed`.
 */
export async function* readCsv(
  file: string,
  needed: readonly string[],
  onBad: (bad: BadRow) => void,
): AsyncGenerator<CsvRow> {
  let header: string[] | null = null;
  for await (const rows of rawRows(file)) {
    for (const { row, cells, problem } of rows) {
      if (!header) {
        header = cells.map((cell) => cell.trim().toLowerCase());
        checkHeader(file, header, needed);
      } else if (problem !== null) {
        onBad({ file, row, reason: problem });
      } else if (cells.length !== header.length) {
        const reason = `${cells.length} cells where the header has ${header.length}`;
        onBad({ file, row, reason });
      } else {
        yield { row, cells: Object.fromEntries(header.map((name, i) => [name, cells[i]])) };
      }
    }
  }
  if (!header) checkHeader(file, [], needed);
}

function checkHeader(file: string, header: readonly string[], needed: readonly string[]): void {
  const missing = needed.filter((name) => !header.includes(name));
  if (missing.length === 0) return;
  throw new FlaplineError(
    'BAD_DATA',
    `${file}: its header lacks ${missing.join(', ')}; found ${header.join(', ') || 'none'}`,
  );
}
