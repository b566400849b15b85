// What all pages share of the address: period, filters and the clock's zone. It goes along from page to
// page. A fixed period has `from` and `to` (epoch ms, to excluded); any other moves with the live edge.

import type { Query, QueryParts } from './address.js';
import { edgeMs } from './store.js';
import { startOfDayMs, startOfMonthMs } from './zone.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Lengths in milliseconds; null: since the day or the month began. */
export const PERIODS = {
  '1h': HOUR,
  '6h': 6 * HOUR,
  '24h': DAY,
  '3d': 3 * DAY,
  '7d': 7 * DAY,
  '30d': 30 * DAY,
  today: null,
  month: null,
} as const;

export type Period = keyof typeof PERIODS;
export type YesNo = 'yes' | 'no';

/** Which interruptions of which lines; null: all. '' as a name: lines whose record has none. */
export interface Filters {
  readonly branch: string | null;
  readonly product: string | null;
  readonly customer: string | null;
  /** A component that lines lie on, and its kind. */
  readonly kind: string | null;
  readonly component: string | null;
  /** Lines of key customers. */
  readonly key: YesNo | null;
  /** Of interruptions. */
  readonly class: 'momentary' | 'outage' | null;
  /** Interruptions that planned works explain. */
  readonly planned: YesNo | null;
}

export interface Scope extends Filters {
  readonly period: Period;
  readonly from: number | null;
  readonly to: number | null;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Filters, and with them what goes along from page to page. */
const FILTERS = [
  'branch',
  'product',
  'customer',
  'kind',
  'component',
  'key',
  'class',
  'planned',
] as const satisfies (keyof Filters)[];
const KEPT = new Set<string>([...FILTERS, 'period', 'from', 'to', 'zone']);

const oneOf = <Word extends string>(text: string | undefined, all: readonly Word[]): Word | null =>
  all.find((word) => word === text) ?? null;

/** A time of a query; null where it says none. */
export function timeOf(text: string | undefined): number | null {
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** The scope that a query says; what it does not say, or says wrong, is usual. */
export function scopeOf(query: Query, usual: Period = '24h'): Scope {
  const from = timeOf(query['from']);
  const to = timeOf(query['to']);
  const { kind, component } = query;
  const both = kind !== undefined && component !== undefined;
  const fixed = from !== null && to !== null && from < to;
  return {
    period: oneOf(query['period'], Object.keys(PERIODS) as Period[]) ?? usual,
    from: fixed ? from : null,
    to: fixed ? to : null,
    branch: query['branch'] ?? null,
    product: query['product'] ?? null,
    customer: query['customer'] ?? null,
    kind: both ? kind : null,
    component: both ? component : null,
    key: oneOf(query['key'], ['yes', 'no']),
    class: oneOf(query['class'], ['momentary', 'outage']),
    planned: oneOf(query['planned'], ['yes', 'no']),
  };
}

/** From and to of a scope now, whole milliseconds. */
export function spanOf({ period, from, to }: Scope): Span {
  if (from !== null && to !== null) return { from, to };
  const edge = Math.ceil(edgeMs());
  const length = PERIODS[period];
  if (length !== null) return { from: Math.max(0, edge - length), to: edge };
  const start = period === 'today' ? startOfDayMs(edge) : startOfMonthMs(edge);
  return { from: Math.floor(start), to: edge };
}

/** The part of a query that goes along to another page. */
export const carried = (query: Query): QueryParts =>
  Object.fromEntries(Object.entries(query).filter(([key]) => KEPT.has(key)));

/** The filters of a query that takes them all away. */
export const noFilters = (): QueryParts => Object.fromEntries(FILTERS.map((name) => [name, null]));

/** The filters alone, as a query of the page or of the API. */
export function filterQuery(scope: Filters): QueryParts {
  return Object.fromEntries(FILTERS.map((name) => [name, scope[name]]));
}
