// Local time of the simulated network: Asia/Shanghai, which has been UTC+8 without summer time
// since 1992. Invariant: months and hours are cut in local time; all instants are epoch
// milliseconds, UTC.

import { FlaplineError } from '../config/errors.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** A twelfth of 365.25 days: the month of rates such as 10.44 interruptions per line-month. */
export const MEAN_MONTH_MS = 30.4375 * DAY_MS;

export const TIME_ZONE = 'Asia/Shanghai';
const LOCAL_OFFSET_MS = 8 * HOUR_MS;
const EARLIEST_MS = Date.UTC(1992, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);

/** Refuses a time for which the fixed offset is wrong, or which is none. */
export function checkTime(timeMs: number, what: string): void {
  if (Number.isInteger(timeMs) && timeMs >= EARLIEST_MS && timeMs < LATEST_MS) return;
  throw new FlaplineError(
    'USAGE',
    `${what} is ${timeMs}: give whole epoch milliseconds from 1992 to 2199 (the simulated ` +
      `network lives in ${TIME_ZONE} at UTC+8)`,
  );
}

/** The local calendar month, counted from January 1970 = 0. */
export function monthOf(timeMs: number): number {
  const local = new Date(timeMs + LOCAL_OFFSET_MS);
  return (local.getUTCFullYear() - 1970) * 12 + local.getUTCMonth();
}

export function monthStartMs(month: number): number {
  return Date.UTC(1970, month, 1) - LOCAL_OFFSET_MS;
}

/** "2006-11" */
export function monthName(month: number): string {
  return new Date(Date.UTC(1970, month, 1)).toISOString().slice(0, 7);
}

/** The same local day and time, months later; a day that month lacks runs into the next. */
export function addMonths(timeMs: number, months: number): number {
  const local = new Date(timeMs + LOCAL_OFFSET_MS);
  return local.setUTCMonth(local.getUTCMonth() + months) - LOCAL_OFFSET_MS;
}

/** 0 to 23 */
export function localHour(timeMs: number): number {
  return new Date(timeMs + LOCAL_OFFSET_MS).getUTCHours();
}

/** 0 = Sunday to 6 = Saturday */
export function localWeekday(timeMs: number): number {
  return new Date(timeMs + LOCAL_OFFSET_MS).getUTCDay();
}

/** RFC 3339 in local time with its offset, whole seconds: "2006-11-30T23:20:00+08:00" */
export function localTime(timeMs: number): string {
  return `${new Date(timeMs + LOCAL_OFFSET_MS).toISOString().slice(0, 19)}+08:00`;
}
