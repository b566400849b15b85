// Event times as SPEC section 3 reads them: a JSON number as JSON.parse reads it (the nearest double),
// or RFC 3339. Results are whole epoch ms, 0 <= t < 2^53, or null.

const TIME_LIMIT = 2 ** 53;
const DAY_MS = 86_400_000;
const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))?$/;

/** A JSON number's text, cut to whole ms toward zero. */
export function timeOfNumber(text: string): number | null {
  const value = Math.trunc(JSON.parse(text) as number);
  return value >= 0 && value < TIME_LIMIT ? Math.abs(value) : null;
}

/**
 * RFC 3339: "t", "z" and a space for "T" are accepted; second 60 is second 0 of the next minute; the
 * fraction is cut to ms. Without an offset it is read in `timeZone`, or refused when there is none.
 */
export function timeOfText(text: string, timeZone?: string): number | null {
  const match = RFC3339.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const [fraction = '', zulu, sign, offsetHour, offsetMinute] = match.slice(7);
  // No offset brings a year before 1969 past the epoch (and Date.UTC reads year 99 as 1999).
  if (year < 1969 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 60) return null;
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const local = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  let time = local;
  if (sign !== undefined) {
    const [hours, minutes] = [Number(offsetHour), Number(offsetMinute)];
    if (hours > 23 || minutes > 59) return null;
    time = local - (sign === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000;
  } else if (zulu === undefined) {
    if (timeZone === undefined) return null;
    time = instantOf(local, timeZone);
  }
  return time >= 0 ? time : null;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Of a local time that comes twice the first is meant; in a gap the offset before it holds. */
function instantOf(local: number, timeZone: string): number {
  const before = local - offsetOf(local - DAY_MS, timeZone);
  const after = local - offsetOf(local + DAY_MS, timeZone);
  const real = [before, after].filter((time) => time + offsetOf(time, timeZone) === local);
  return real.length > 0 ? Math.min(...real) : before;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Local time - UTC in ms at an instant. */
function offsetOf(time: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  const seconds = Math.floor(time / 1000) * 1000;
  const parts = Object.fromEntries(
    format.formatToParts(seconds).map(({ type, value }) => [type, Number(value)]),
  );
  const { year, month, day, hour, minute, second } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - seconds;
}
