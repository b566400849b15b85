// Months of the configured zone: their names, edges and order.

import { FlaplineError } from '../config/errors.js';
import { offsetAt, parseMoment } from '../config/zone.js';
import type { Period } from '../store/period-parts.js';

/** A calendar month such as 2007-03, and its edges in the zone. */
export interface Month extends Period {
  readonly month: string;
  readonly timeZone: string;
}

/** The month that many months later (or earlier). */
export function addMonths(month: string, months: number): string {
  const [year, ordinal] = month.split('-').map(Number);
  const at = year * 12 + (ordinal - 1) + months;
  return `${String(Math.floor(at / 12)).padStart(4, '0')}-${String((at % 12) + 1).padStart(2, '0')}`;
}

/** The month of a name. Throws USAGE when it is none. */
export function monthOf(month: string, timeZone: string): Month {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) {
    throw new FlaplineError('USAGE', `'${month}' is no month: write it as 2007-03`);
  }
  const edge = (name: string): number => parseMoment(name, timeZone, 'month');
  return { month, timeZone, fromMs: edge(month), toMs: edge(addMonths(month, 1)) };
}

/** The name of the month that an instant lies in. */
export function monthAt(atMs: number, timeZone: string): string {
  return new Date(atMs + offsetAt(timeZone, atMs)).toISOString().slice(0, 7);
}

/** The months from the first to the last, both included. */
export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = [];
  for (let at = first; at <= last; at = addMonths(at, 1)) months.push(at);
  return months;
}
