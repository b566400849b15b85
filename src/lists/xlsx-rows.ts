// The rows of a sheet as text, written into the stream that exceljs has opened for it: exceljs makes three
// objects a cell, which took 3 of 4 seconds of a workbook of a million cells. The stream, the header and
// the styles are exceljs's own; what it does not declare of them is named here, and held by a test. At
// most a chunk of rows is held: the next one is taken when the zip has taken the last.

import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type ExcelJS from 'exceljs';
import { offsetsOf } from '../config/zone.js';
import type { Cell } from '../store/sql.js';
import type { ColumnKind, ListRow } from './column.js';

/** Characters that a cell of Excel holds. */
const CELL_CHARACTERS_MAX = 32_767;
/** Rows between two rests of the thread: some milliseconds of work. */
const ROWS_AT_ONCE = 500;
const DAY_MS = 86_400_000;
/** The day number of 1970-01-01 in Excel. */
const EPOCH_DAY = 25_569;

/** What exceljs has and does not declare. */
interface Undeclared {
  readonly styles: { addStyleModel(style: Partial<ExcelJS.Style>): number };
  /** Its one pipe leads to the zip; uncork passes on what was written before. */
  readonly stream: { uncork(): void; readonly pipes: readonly Writable[] };
}

/** Where rows go: a sheet whose header is committed, and the number of the row that comes next. */
export interface RowPlace {
  readonly book: ExcelJS.stream.xlsx.WorkbookWriter;
  readonly sheet: ExcelJS.Worksheet;
  readonly firstRow: number;
}

const NOT_TEXT = /[&<>]|[^\P{Cc}\t\n\r]|[\uFFFE\uFFFF]/gu;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** A text in XML; what XML cannot hold is left out. */
function escaped(text: string): string {
  return text.replace(NOT_TEXT, (character) => ENTITIES[character] ?? '');
}

/** Letters of a column, from 0: A, B, ... Z, AA. */
function lettersOf(column: number): string {
  const rest = Math.floor(column / 26);
  return `${rest > 0 ? lettersOf(rest - 1) : ''}${String.fromCharCode(65 + (column % 26))}`;
}

/** What a column's number is in Excel: times are day numbers of local time, durations days. */
function numberIn(kind: ColumnKind, zone: string): (value: number) => number {
  if (kind === 'duration') return (value) => value / DAY_MS;
  if (kind !== 'time') return (value) => value;
  const offsetAt = offsetsOf(zone);
  return (value) => (value + offsetAt(value)) / DAY_MS + EPOCH_DAY;
}

/** Writes rows of a list, the same kinds of columns all through. */
export class RowWriter {
  private readonly zip: Writable;
  private readonly cells: readonly ((cell: Cell, row: number) => string)[];
  private row: number;

  constructor(
    { book, sheet, firstRow }: RowPlace,
    kinds: readonly ColumnKind[],
    styles: readonly Partial<ExcelJS.Style>[],
    zone: string,
  ) {
    const known = (book as unknown as Undeclared).styles;
    const { stream } = sheet as unknown as Undeclared;
    stream.uncork();
    this.zip = stream.pipes[0]!;
    this.row = firstRow;
    this.cells = kinds.map((kind, i) => {
      const [place, style] = [`<c r="${lettersOf(i)}`, ` s="${known.addStyleModel(styles[i]!)}"`];
      const number = numberIn(kind, zone);
      return (cell, row) => {
        if (typeof cell === 'number') {
          return Number.isFinite(cell) ? `${place}${row}"${style}><v>${number(cell)}</v></c>` : '';
        }
        if (cell === null) return '';
        if (typeof cell === 'boolean') {
          return `${place}${row}"${style} t="b"><v>${cell ? 1 : 0}</v></c>`;
        }
        const text = escaped(cell.slice(0, CELL_CHARACTERS_MAX));
        return `${place}${row}"${style} t="str"><v>${text}</v></c>`;
      };
    });
  }

  /** Writes rows and waits until the zip has room for more. */
  async write(rows: readonly ListRow[]): Promise<void> {
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      const texts = rows.slice(from, from + ROWS_AT_ONCE).map((row) => this.textOf(row));
      if (!this.zip.write(Buffer.from(texts.join('')))) await once(this.zip, 'drain');
    }
  }

  private textOf(row: ListRow): string {
    const at = this.row++;
    let text = `<row r="${at}">`;
    for (let i = 0; i < row.length; i++) text += this.cells[i]!(row[i]!, at);
    return `${text}</row>`;
  }
}
