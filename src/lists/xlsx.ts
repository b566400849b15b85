// A list as an XLSX workbook through exceljs: a sheet with a frozen header, filters, real dates and
// numbers, then a sheet that says what was asked and one that explains the columns. Its rows are written
// as text into the sheet's stream (xlsx-rows.ts), all else is exceljs's. No cell is a formula, and texts
// have the text format, so that none becomes one when somebody edits it.

import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import ExcelJS from 'exceljs';
import { FlaplineError } from '../config/errors.js';
import { timeText } from '../config/zone.js';
import type { ColumnKind, Language } from './column.js';
import type { ListAnswer } from './list.js';
import { RowWriter } from './xlsx-rows.js';

/** Rows below the header that a sheet of Excel holds. */
export const SHEET_ROWS_MAX = 1_048_575;

type Style = Partial<ExcelJS.Style>;

const TEXT: Style = { numFmt: '@' };
const STYLES: Readonly<Record<ColumnKind, Style>> = {
  text: TEXT,
  flag: {},
  count: { numFmt: '#,##0' },
  number: { numFmt: '#,##0.00' },
  percent: { numFmt: '0.0' },
  duration: { numFmt: '[h]:mm:ss' },
  time: { numFmt: 'yyyy-mm-dd hh:mm:ss' },
  value: {},
};
const WIDTHS: Readonly<Record<ColumnKind, number>> = {
  text: 20,
  flag: 9,
  count: 12,
  number: 11,
  percent: 10,
  duration: 13,
  time: 20,
  value: 16,
};
const HEADER: Style = { font: { bold: true }, numFmt: '@' };

const COLUMN_HEADS = [
  { title: 'column', width: 20 },
  { title: 'name', width: 24 },
  { title: 'what it holds', width: 80 },
];

type Value = string | number | boolean | null;

/** Appends a row whose cells have these styles. What is null has no cell at all. */
function addRow(sheet: ExcelJS.Worksheet, cells: readonly Value[], styles: readonly Style[]): void {
  const row = sheet.addRow(cells.map((cell) => cell ?? undefined));
  for (let i = 0; i < cells.length; i++) {
    if (cells[i] !== null) row.getCell(i + 1).style = styles[i]!;
  }
  row.commit();
}

function openSheet(
  book: ExcelJS.stream.xlsx.WorkbookWriter,
  name: string,
  columns: readonly { title: string; width: number }[],
): ExcelJS.Worksheet {
  const sheet = book.addWorksheet(name, { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = columns.map(({ width }) => ({ width }));
  const titles = columns.map(({ title }) => title);
  addRow(
    sheet,
    titles,
    titles.map(() => HEADER),
  );
  return sheet;
}

async function listSheet(
  book: ExcelJS.stream.xlsx.WorkbookWriter,
  answer: ListAnswer,
  language: Language,
  written: Promise<void>,
): Promise<void> {
  const { name, columns, about, chunks } = answer;
  const heads = columns.map(({ title, kind }) => ({ title: title[language], width: WIDTHS[kind] }));
  const sheet = openSheet(book, name, heads);
  const kinds = columns.map(({ kind }) => kind);
  const writer = new RowWriter(
    { book, sheet, firstRow: 2 },
    kinds,
    kinds.map((kind) => STYLES[kind]),
    about.zone,
  );
  let rows = 0;
  for await (const chunk of chunks) {
    rows += chunk.length;
    if (rows > SHEET_ROWS_MAX) {
      const text = `a sheet holds ${SHEET_ROWS_MAX} rows and ${name} has more: ask for CSV, or a limit`;
      throw new FlaplineError('BAD_REQUEST', text);
    }
    // A file that cannot be written takes nothing any more: that ends the waiting.
    await Promise.race([writer.write(chunk), written]);
  }
  sheet.autoFilter = filtered(columns.length, rows);
  sheet.commit();
}

/** A filter over a header and the rows below it. */
function filtered(columns: number, rows: number): ExcelJS.AutoFilter {
  return { from: { row: 1, column: 1 }, to: { row: rows + 1, column: columns } };
}

function aboutRows({ name, about }: ListAnswer): [string, Value][] {
  const time = (ms: number | null | undefined): Value =>
    typeof ms === 'number' ? timeText(ms, about.zone) : null;
  const all: [string, Value][] = [
    ['list', name],
    ['by', about.by ?? null],
    ['from', time(about.fromMs)],
    ['to (excluded)', time(about.toMs)],
    ['read at', time(about.readingMs)],
    ['time zone', about.zone],
    ['rows before the limit', about.total ?? null],
  ];
  return all.filter(([, value]) => value !== null);
}

function wordsSheet(
  book: ExcelJS.stream.xlsx.WorkbookWriter,
  name: string,
  heads: readonly { title: string; width: number }[],
  rows: readonly (readonly Value[])[],
): void {
  const sheet = openSheet(book, name, heads);
  const styles = heads.map(() => TEXT);
  for (const row of rows) addRow(sheet, row, styles);
  sheet.autoFilter = filtered(heads.length, rows.length);
  sheet.commit();
}

/** Writes a list to a file. Throws BAD_REQUEST for more rows than a sheet holds. */
export async function writeXlsx(
  file: string,
  answer: ListAnswer,
  language: Language,
): Promise<void> {
  const stream = createWriteStream(file);
  const done = finished(stream);
  // It is awaited below; a failure before that must not end the process.
  done.catch(() => undefined);
  try {
    const book = new ExcelJS.stream.xlsx.WorkbookWriter({
      stream,
      useStyles: true,
      useSharedStrings: false,
      zip: { zlib: { level: 1 } },
    });
    await listSheet(book, answer, language, done);
    const about = [
      { title: 'what', width: 24 },
      { title: 'value', width: 40 },
    ];
    wordsSheet(book, 'about', about, aboutRows(answer));
    const columns = answer.columns.map(({ title, name, what }) => [title[language], name, what]);
    wordsSheet(book, 'columns', COLUMN_HEADS, columns);
    // Without the race a file that cannot be written would be waited for for ever.
    await Promise.race([book.commit(), done]);
    await done;
  } catch (error) {
    stream.destroy();
    throw error;
  }
}
