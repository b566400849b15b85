// Lists as text, made while they are read: CSV as RFC 4180 has it, with the mark by which Excel knows
// UTF-8 and no cell that a spreadsheet would take for a formula, and JSON.

import { timeText } from '../config/zone.js';
import type { Cell } from '../store/sql.js';
import { type ListColumn, jsonName } from './column.js';
import type { ListAnswer } from './list.js';

/** The first characters of what spreadsheets compute; the full-width ones in East Asian settings. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** A field of CSV. Null is empty; a text that would be a formula gets an apostrophe in front. */
function csvField(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function csvRow(cells: readonly Cell[]): string {
  return `${cells.map(csvField).join(',')}\r\n`;
}

/** What a column's cell is in CSV, before quoting. */
function csvCells(columns: readonly ListColumn[], zone: string): ((cell: Cell) => Cell)[] {
  return columns.map(({ kind }) => {
    if (kind === 'time') {
      return (cell) => (typeof cell === 'number' ? timeText(cell, zone) : cell);
    }
    if (kind === 'number' || kind === 'percent') return rounded;
    return (cell) => cell;
  });
}

/** A number of at most six decimals; large enough for every rate, small enough to be read. */
function rounded(cell: Cell): Cell {
  return typeof cell === 'number' ? Math.round(cell * 1e6) / 1e6 : cell;
}

/** A list as CSV. */
export async function* csvOf({ columns, about, chunks }: ListAnswer): AsyncGenerator<string> {
  const made = csvCells(columns, about.zone);
  yield `\uFEFF${csvRow(columns.map(({ name }) => name))}`;
  for await (const rows of chunks) {
    yield rows.map((row) => csvRow(row.map((cell, i) => made[i]!(cell)))).join('');
  }
}

/** A list as one JSON object; what it says of itself first, then `rows` as objects. */
export async function* jsonOf({
  name,
  columns,
  about,
  chunks,
}: ListAnswer): AsyncGenerator<string> {
  const keys = columns.map((column) => `${JSON.stringify(jsonName(column.name))}:`);
  yield `${JSON.stringify({ list: name, ...about }).slice(0, -1)},"rows":[`;
  let between = '';
  for await (const rows of chunks) {
    const objects = rows.map(
      (row) => `{${row.map((cell, i) => keys[i]! + JSON.stringify(rounded(cell))).join(',')}}`,
    );
    yield between + objects.join(',');
    between = ',';
  }
  yield ']}\n';
}
