// What the cells of a record mean: values by the type of their column, and what is wrong with a row.

import { NAME_BYTES_MAX } from '../../assembly/layout.js';
import {
  RECORD_KINDS,
  type RecordColumn,
  type RecordKind,
  type RecordKindName,
} from '../config/record-kinds.js';
import { parseMoment } from '../config/zone.js';
import type { Cells } from './csv.js';

/** A value; times in epoch ms, null = not said. */
export type RecordValue = string | number | boolean | null;

/** A row by the stored names of its columns, with valid_from_ms and valid_to_ms. */
export type RecordRow = Readonly<Record<string, RecordValue>>;

/** Characters of a text in a record. */
const TEXT_CHARACTERS_MAX = 4_096;
const YES = new Set(['true', '1', 'yes', 'y', 't', '是']);
const NO = new Set(['false', '0', 'no', 'n', 'f', '否']);
const WORK_STATUSES = ['planned', 'running', 'done', 'cancelled'];
const TICKET_KINDS = ['report', 'complaint'];
const CALLBACK_KINDS = ['activation', 'fault'];
const WANTED = {
  text: `text of at most ${TEXT_CHARACTERS_MAX} characters`,
  flag: 'true or false',
  whole: 'a whole number',
  number: 'a number',
  time: 'a time such as 2006-11-30 23:20 or 2006-11-30T23:20:00+08:00',
} as const;

/** The columns of validity that every file may have. */
const VALID: readonly Pick<RecordColumn, 'column' | 'stored' | 'type' | 'needed'>[] = [
  { column: 'valid_from', stored: 'valid_from_ms', type: 'time', needed: false },
  { column: 'valid_to', stored: 'valid_to_ms', type: 'time', needed: false },
];

/** Why a text is no name of a line or key, null when it is one (SPEC section 2, line). */
export function nameProblem(column: string, name: string): string | null {
  const bytes = Buffer.byteLength(name, 'utf8');
  if (bytes >= 1 && bytes <= NAME_BYTES_MAX) return null;
  return `"${column}" must have 1 byte to ${NAME_BYTES_MAX} bytes, not ${bytes}`;
}

/** 2006/11/30 8:05 and offsets of two or four digits, as spreadsheets and databases write them. */
function plainTime(cell: string): string {
  const match = /^(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?:[ T](\d{1,2})(:.*))?$/.exec(cell);
  if (!match) return cell;
  const [, year, month, day, hour] = match;
  const rest = match[5]?.replace(/([+-]\d\d)(\d\d)?$/, (_, hours, minutes) => {
    return `${hours}:${minutes ?? '00'}`;
  });
  const date = `${year}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}`;
  return hour === undefined ? date : `${date}T${hour.padStart(2, '0')}${rest}`;
}

/** A cell's value, undefined when it is none of its column's type. */
function valueOf(type: RecordColumn['type'], cell: string, zone: string): RecordValue | undefined {
  const word = cell.trim();
  if (word === '') return null;
  switch (type) {
    case 'text':
      return cell.length <= TEXT_CHARACTERS_MAX ? cell : undefined;
    case 'flag':
      if (YES.has(word.toLowerCase())) return true;
      return NO.has(word.toLowerCase()) ? false : undefined;
    case 'whole':
      return /^\d+$/.test(word) && Number.isSafeInteger(Number(word)) ? Number(word) : undefined;
    case 'number':
      return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(word) ? Number(word) : undefined;
    case 'time':
      try {
        return parseMoment(plainTime(word), zone, '');
      } catch {
        return undefined;
      }
  }
}

/** The values of a row, and the first thing that is wrong with it. */
export function rowOf(
  kind: RecordKind,
  cells: Cells,
  zone: string,
): { row: RecordRow; problem: string | null } {
  const row: Record<string, RecordValue> = {};
  let problem: string | null = null;
  for (const { column, stored, type, needed } of [...kind.columns, ...VALID]) {
    const cell = cells[column] ?? '';
    const value = valueOf(type, cell, zone);
    row[stored] = value ?? null;
    if (value === undefined) {
      problem ??= `"${column}" must be ${WANTED[type]}, not '${cell.slice(0, 100)}'`;
    } else if (value === null && needed && column !== 'line') {
      problem ??= `"${column}" is missing`;
    } else if (column === 'line' && (needed || value !== null)) {
      problem ??= nameProblem('line', cell);
    }
  }
  problem ??= orderProblem(row, 'valid_from_ms', 'valid_to_ms') ?? CHECKS[kind.kind](row);
  return { row, problem };
}

const saidAs = (stored: string): string => stored.replace(/_ms$/, '');

function orderProblem(row: RecordRow, from: string, to: string): string | null {
  const [begin, end] = [row[from] ?? null, row[to] ?? null];
  if (begin === null || end === null || Number(begin) < Number(end)) return null;
  return `"${saidAs(to)}" must lie behind "${saidAs(from)}"`;
}

function oneOf(row: RecordRow, column: string, words: readonly string[]): string | null {
  if (words.includes(String(row[column]))) return null;
  return `"${column}" must be ${words.join(', ')}, not '${String(row[column]).slice(0, 100)}'`;
}

const nothing = (): null => null;

/** What else must hold of a row of a kind; may complete it. */
const CHECKS: Record<RecordKindName, (row: Record<string, RecordValue>) => string | null> = {
  lines: nothing,
  aliases: (row) => nameProblem('key', String(row['key'])),
  components: nothing,
  works: (row) => {
    row['status'] = String(row['status'] ?? 'planned').toLowerCase();
    return (
      orderProblem(row, 'start_ms', 'end_ms') ??
      oneOf(row, 'status', WORK_STATUSES) ??
      (row['kind'] === 'line' ? nameProblem('component', String(row['component'])) : null)
    );
  },
  tickets: (row) => {
    const { opened_ms: opened, closed_ms: closed } = row;
    const early = opened != null && closed != null && Number(closed) < Number(opened);
    return oneOf(row, 'kind', TICKET_KINDS) ?? (early ? '"closed" lies before "opened"' : null);
  },
  callbacks: (row) =>
    oneOf(row, 'kind', CALLBACK_KINDS) ??
    (row['line'] === null && row['ticket'] === null ? '"line" or "ticket" is missing' : null),
  satisfaction: ({ score }) =>
    Number(score) >= 0 && Number(score) <= 100 ? null : '"score" must lie from 0 to 100',
  customers: nothing,
  branches: nothing,
};

/** The columns a file of a kind must have. */
export function neededColumns(kind: RecordKindName): string[] {
  const { columns }: RecordKind = RECORD_KINDS[kind];
  return columns.filter((column) => column.needed).map((column) => column.column);
}
