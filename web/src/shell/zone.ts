// Wall-clock time in the network's time zone (SPEC section 2: days and months are cut in a
// configured zone). All times in and out are epoch milliseconds; the zone is the one the
// status names.

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

let zone = 'UTC';
/** The network's, as the status names it. */
let networkZone = 'UTC';
let asked = 'UTC';
let formatter = makeFormatter(zone);

function makeFormatter(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}

/**
 * Sets the network's zone, and the one that an address asks for instead: any IANA name. One that this
 * browser does not know leaves the former one.
 */
export function setZone(network: string, wanted: string | undefined): void {
  networkZone = network;
  const timeZone = wanted ?? network;
  if (timeZone === asked) return;
  asked = timeZone;
  try {
    formatter = makeFormatter(timeZone);
    zone = timeZone;
  } catch {
    console.warn(`time zone ${timeZone} is unknown to this browser; times are shown in ${zone}`);
  }
}

export function zoneName(): string {
  return zone;
}

/** Zones that times can be shown in: the network's, this browser's, UTC. */
export function zones(): string[] {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [...new Set([networkZone, own, 'UTC', zone])];
}

function partsOf(ms: number): Parts {
  const parts: Parts = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const part of formatter.formatToParts(ms)) {
    if (part.type in parts) parts[part.type as keyof Parts] = Number(part.value);
  }
  return parts;
}

/** Milliseconds by which the zone's wall clock is ahead of UTC at that instant. */
export function offsetMs(ms: number): number {
  const p = partsOf(ms);
  const wall = Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second);
  return wall - Math.floor(ms / 1000) * 1000;
}

function fromWall(wallMs: number): number {
  const guess = wallMs - offsetMs(wallMs);
  return wallMs - offsetMs(guess);
}

export function startOfDayMs(ms: number): number {
  const p = partsOf(ms);
  return fromWall(Date.UTC(p.year, p.month - 1, p.day));
}

export function startOfMonthMs(ms: number): number {
  const p = partsOf(ms);
  return fromWall(Date.UTC(p.year, p.month - 1, 1));
}

/** `2006-11-30T14:05` of a datetime-local field, read in the zone; null if it is no such text. */
export function parseLocal(text: string): number | null {
  const wall = Date.parse(`${text}Z`);
  return Number.isNaN(wall) ? null : fromWall(wall);
}

export function toLocalInput(ms: number): string {
  return new Date(ms + offsetMs(ms)).toISOString().slice(0, 16);
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `14:05` */
export function clock(ms: number): string {
  const p = partsOf(ms);
  return `${two(p.hour)}:${two(p.minute)}`;
}

/** `14:05:09` */
export function clockSeconds(ms: number): string {
  return `${clock(ms)}:${two(partsOf(ms).second)}`;
}

/** `11-30` */
export function monthDay(ms: number): string {
  const p = partsOf(ms);
  return `${two(p.month)}-${two(p.day)}`;
}

/** `2006-11-30 14:05:09` */
export function dateTime(ms: number): string {
  return `${partsOf(ms).year}-${monthDay(ms)} ${clockSeconds(ms)}`;
}

/** The clock alone within the day of `nowMs`, with month and day before it otherwise. */
export function clockNear(ms: number, nowMs: number): string {
  const sameDay = startOfDayMs(ms) === startOfDayMs(nowMs);
  return sameDay ? clockSeconds(ms) : `${monthDay(ms)} ${clockSeconds(ms)}`;
}
