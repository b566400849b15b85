// Time zones by their IANA names: the table of offsets that the kernel reads local times by, and
// times as people write and read them. Of a local time that comes twice the first is meant; in a
// gap the offset before it holds.

import { ZONE_ENTRIES_MAX } from '../../assembly/layout.js';
import { FlaplineError } from './errors.js';

/** An offset of a zone: it holds from `fromLocalMs` (local clock) on. */
export interface ZoneOffset {
  readonly fromLocalMs: number;
  readonly offsetMs: number;
}

/** Where months and days are cut unless configured (SPEC section 2). */
export const DEFAULT_TIME_ZONE = 'Asia/Shanghai';

const FIRST_MS = Date.UTC(1970, 0, 1);
const LAST_MS = Date.UTC(2100, 0, 1);
const DAY_MS = 86_400_000;
/** No zone has changed its offset twice within this time since 1970. */
const STEP_MS = 7 * DAY_MS;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
    return format;
  } catch (error) {
    throw new FlaplineError(
      'BAD_CONFIG',
      `time zone '${zone}' is unknown: use an IANA name such as Asia/Shanghai, or UTC`,
      { cause: error },
    );
  }
}

/** Local time - UTC, in ms, at an instant. Throws BAD_CONFIG for an unknown zone. */
export function offsetAt(zone: string, atMs: number): number {
  const seconds = Math.floor(atMs / 1000) * 1000;
  const text = formatOf(zone).format(seconds);
  const match = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/.exec(text);
  if (!match) throw new RangeError(`no date and time: ${text}`);
  const [month, day, year, hour, minute, second] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) - seconds;
}

const QUARTER_MS = 900_000;
/** Offsets that are kept of days, and of quarters of an hour. */
const OFFSETS_MAX = 100_000;

/** offsetAt at the begin of pieces of time of one length, kept. */
function offsetsEvery(zone: string, pieceMs: number): (piece: number) => number {
  const known = new Map<number, number>();
  return (piece) => {
    let offsetMs = known.get(piece);
    if (offsetMs === undefined) {
      offsetMs = offsetAt(zone, piece * pieceMs);
      if (known.size >= OFFSETS_MAX) known.clear();
      known.set(piece, offsetMs);
    }
    return offsetMs;
  };
}

/**
 * offsetAt of one zone for many instants since 1973: it is looked up once a day, and on days whose ends
 * differ once a quarter of an hour, at which zones have changed their offsets since.
 */
export function offsetsOf(zone: string): (atMs: number) => number {
  const ofDay = offsetsEvery(zone, DAY_MS);
  const ofQuarter = offsetsEvery(zone, QUARTER_MS);
  return (atMs) => {
    const day = Math.floor(atMs / DAY_MS);
    const offsetMs = ofDay(day);
    return offsetMs === ofDay(day + 1) ? offsetMs : ofQuarter(Math.floor(atMs / QUARTER_MS));
  };
}

/** The first instant of (fromMs, toMs] at which another offset holds than at fromMs. */
function transitionIn(zone: string, fromMs: number, toMs: number): number {
  const before = offsetAt(zone, fromMs);
  let [low, high] = [fromMs, toMs];
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (offsetAt(zone, middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** A zone's offsets from 1970 to 2100 for the kernel. Throws BAD_CONFIG for an unknown zone. */
export function zoneOffsets(zone: string): ZoneOffset[] {
  let offsetMs = offsetAt(zone, FIRST_MS);
  const entries: ZoneOffset[] = [{ fromLocalMs: FIRST_MS - DAY_MS, offsetMs }];
  for (let at = FIRST_MS; at < LAST_MS; at += STEP_MS) {
    if (offsetAt(zone, at + STEP_MS) === offsetMs) continue;
    const transition = transitionIn(zone, at, at + STEP_MS);
    const next = offsetAt(zone, transition);
    entries.push({ fromLocalMs: transition + Math.max(offsetMs, next), offsetMs: next });
    offsetMs = next;
  }
  if (entries.length > ZONE_ENTRIES_MAX) {
    throw new FlaplineError(
      'BAD_CONFIG',
      `time zone '${zone}' changes its offset more than ${ZONE_ENTRIES_MAX} times: use another`,
    );
  }
  return entries;
}

/** The instant of a local time given as if it were UTC. */
function instantOf(zone: string, localMs: number): number {
  const before = localMs - offsetAt(zone, localMs - DAY_MS);
  const after = localMs - offsetAt(zone, localMs + DAY_MS);
  const real = [before, after].filter((at) => at + offsetAt(zone, at) === localMs);
  return real.length > 0 ? Math.min(...real) : before;
}

/** When the local month of an instant begins, and the month after it. */
export function monthAround(atMs: number, zone: string): [number, number] {
  const local = new Date(atMs + offsetAt(zone, atMs));
  const begin = (month: number): number =>
    instantOf(zone, Date.UTC(local.getUTCFullYear(), month, 1));
  return [begin(local.getUTCMonth()), begin(local.getUTCMonth() + 1)];
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/** RFC 3339 in the zone, with its offset and, where there are any, its ms. */
export function timeText(atMs: number, zone: string): string {
  const offsetMs = offsetAt(zone, atMs);
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  const offset = `${offsetMs < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60), 2)}:${pad(minutes % 60, 2)}`;
  const local = new Date(atMs + offsetMs).toISOString();
  return `${atMs % 1000 === 0 ? local.slice(0, 19) : local.slice(0, 23)}${offset}`;
}

const MOMENT =
  /^(\d{4})-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?)?$/i;

/**
 * Reads a time that a person wrote: epoch ms, RFC 3339, or a local time, day or month of the zone
 * (its beginning). Throws BAD_CONFIG naming `what`.
 */
export function parseMoment(text: string, zone: string, what: string): number {
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  const match = MOMENT.exec(text.trim());
  const at = match ? momentOf(match, zone) : Number.NaN;
  if (Number.isNaN(at) || at < 0) {
    throw new FlaplineError(
      'BAD_CONFIG',
      `${what}: '${text}' is no time; write 2006-11, 2006-11-30, 2006-11-30T23:20:00+08:00 ` +
        'or epoch milliseconds',
    );
  }
  return at;
}

function momentOf(match: RegExpExecArray, zone: string): number {
  const [year, month, day, hour, minute, second] = match
    .slice(1, 7)
    .map((part, i) => Number(part ?? (i < 3 ? 1 : 0)));
  const ms = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const local = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  const back = new Date(local);
  if (back.getUTCMonth() !== month - 1 || back.getUTCDate() !== day) return Number.NaN;
  if (hour > 23 || minute > 59 || second > 59) return Number.NaN;
  const offset = match[8];
  if (offset === undefined) return instantOf(zone, local);
  if (offset.toUpperCase() === 'Z') return local;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(4, 6))];
  if (hours > 23 || minutes > 59) return Number.NaN;
  return local - (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
