// A list as a table for people: titles in English, durations as h:mm:ss, times in the reporting zone.

import { timeText } from '../config/zone.js';
import type { ColumnKind } from '../lists/column.js';
import type { ListAbout, ListAnswer } from '../lists/list.js';
import type { Cell } from '../store/sql.js';
import { count } from './output.js';
import { textTable } from './table.js';

const TEXTS: ReadonlySet<ColumnKind> = new Set(['text', 'flag', 'time']);

/** The whole list, after a line that says what it is. */
export async function tableOf({ columns, about, chunks }: ListAnswer): Promise<string> {
  const { zone } = about;
  const texts = columns.map(({ kind }) => textOf(kind, zone));
  const rows: string[][] = [];
  for await (const chunk of chunks) {
    for (const row of chunk) {
      rows.push([String(rows.length + 1), ...row.map((cell, i) => texts[i]!(cell))]);
    }
  }
  const heads = columns.map(({ title, kind }) => ({
    title: title.en,
    isNumber: !TEXTS.has(kind),
  }));
  return headOf(about, rows.length) + textTable([{ title: '#', isNumber: true }, ...heads], rows);
}

function headOf({ fromMs, toMs, total, zone }: ListAbout, shown: number): string {
  if (fromMs === undefined || toMs === undefined) return '';
  const of = total === undefined ? '' : ` of ${count(total)}`;
  return `${timeText(fromMs, zone)} to ${timeText(toMs, zone)}: ${count(shown)}${of} rows\n`;
}

function textOf(kind: ColumnKind, zone: string): (cell: Cell) => string {
  const said = saying(kind, zone);
  return (cell) => (cell === null ? '' : said(cell));
}

function saying(kind: ColumnKind, zone: string): (cell: string | number | boolean) => string {
  switch (kind) {
    case 'text':
    case 'value':
      return String;
    case 'flag':
      return (cell) => (cell === true ? 'yes' : 'no');
    case 'time':
      return (cell) => timeText(Number(cell), zone);
    case 'duration':
      return (cell) => clock(Number(cell));
    case 'count':
      return (cell) => count(Number(cell));
    case 'percent':
      return (cell) => Number(cell).toFixed(1);
    case 'number':
      return (cell) => Number(cell).toFixed(2);
  }
}

function sixtieths(value: number): string {
  return String(value % 60).padStart(2, '0');
}

/** A duration as h:mm:ss. */
function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${count(Math.floor(seconds / 3600))}:${sixtieths(Math.floor(seconds / 60))}:${sixtieths(seconds)}`;
}
