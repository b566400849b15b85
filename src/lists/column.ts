// The columns of the lists people take away: one definition serves tables, JSON, CSV and XLSX. A
// column's name is stable; what it holds is said by its kind and its text.

import type { Cell } from '../store/sql.js';

/**
 * text, flag; count (whole number), number; percent (0 to 100); duration (ms); time (epoch ms); value, a
 * number shown as it is. A time is RFC 3339 in CSV and a date in XLSX, both in the reporting zone; a duration is hours in XLSX.
 */
export type ColumnKind =
  | 'text'
  | 'flag'
  | 'count'
  | 'number'
  | 'percent'
  | 'duration'
  | 'time'
  | 'value';

/** The languages of titles. */
export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A column. Null is a value that is not known, or that is not there. */
export interface ListColumn {
  /** In CSV and, in camel case, in JSON; milliseconds end in _ms. */
  readonly name: string;
  readonly kind: ColumnKind;
  /** In tables and XLSX. */
  readonly title: Readonly<Record<Language, string>>;
  /** What it holds, for people. */
  readonly what: string;
}

/** A row: a cell a column. */
export type ListRow = readonly Cell[];

/** A column. */
export function column(
  name: string,
  kind: ColumnKind,
  en: string,
  zh: string,
  what: string,
): ListColumn {
  return { name, kind, title: { en, zh }, what };
}

/** The name of a column in JSON: flap_episodes is flapEpisodes. */
export function jsonName(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Columns that several lists have. */
export const LINE = column('line', 'text', 'Line', '线路', 'name of the line');
export const BRANCH = column('branch', 'text', 'Branch', '分公司', 'branch, from the records');
export const PRODUCT = column('product', 'text', 'Product', '产品', 'product, from the records');
export const CUSTOMER = column(
  'customer',
  'text',
  'Customer',
  '客户',
  'customer, from the records',
);
/** Name and belonging of a line, as most lists begin. */
export const LINE_NAMES: readonly ListColumn[] = [LINE, BRANCH, PRODUCT, CUSTOMER];
export const OUTAGES = column('outages', 'count', 'Outages', '中断', 'of them outages');
export const INTERRUPTIONS = column(
  'interruptions',
  'count',
  'Interruptions',
  '中断次数',
  'interruptions that start in the period',
);
export const MOMENTARY = column(
  'momentary',
  'count',
  'Momentary',
  '瞬断',
  'of them momentary (corrected duration below 60 s, or as the class of lines has it)',
);
export const DOWN = column(
  'down_ms',
  'duration',
  'Down time',
  '中断时长',
  'down time within the period, an open interruption to the reading time',
);
export const LAST_START = column(
  'last_start',
  'time',
  'Last down',
  '最近中断',
  'when the last interruption of the period started',
);
