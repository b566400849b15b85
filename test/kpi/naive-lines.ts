// KPIs of the interruptions of one line after the other, counted plainly as SPEC section 2 says.

import type { Interruption, Row, World } from './naive-files.js';
import {
  dayOf,
  dayStart,
  type Figures,
  groupsOf,
  type Month,
  type Variant,
} from './naive-tally.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WINDOW = 30 * DAY;
const VARIANTS: readonly Variant[] = ['gross', 'planned', 'net'];

const isIn = (one: Interruption, variant: Variant): boolean =>
  variant === 'gross' || (variant === 'planned') === (one.plannedUntil !== null);

const shared = (from: number, until: number, month: Month): number =>
  Math.max(0, Math.min(until, month.end) - Math.max(from, month.from));

/** The windows of planned works by line, those that touch joined. */
export function windowsOf(world: World): Map<string, [number, number][]> {
  const members = new Map<string, string[]>();
  for (const { component, kind, line } of world.components) {
    const key = `${kind}|${component}`;
    const own = members.get(key);
    if (own) own.push(line!);
    else members.set(key, [line!]);
  }
  const windows = new Map<string, [number, number][]>();
  for (const work of world.works) {
    if (work['status'] === 'cancelled') continue;
    const window = [
      Date.parse(work['start']!) - 5 * MINUTE,
      Date.parse(work['end']!) + 5 * MINUTE,
    ] as [number, number];
    for (const line of members.get(`${work['kind']}|${work['component']}`) ?? []) {
      const own = windows.get(line);
      if (own) own.push(window);
      else windows.set(line, [window]);
    }
  }
  for (const [line, own] of windows) {
    const joined: [number, number][] = [];
    for (const [from, to] of own.toSorted((a, b) => a[0] - b[0])) {
      const last = joined.at(-1);
      if (last && from <= last[1]) last[1] = Math.max(last[1], to);
      else joined.push([from, to]);
    }
    windows.set(line, joined);
  }
  return windows;
}

/** Since when key customers are enrolled for notices. */
export function enrolmentsOf(world: World): Map<string, number> {
  const enrolled = world.customers.filter((one) => one['key'] === 'true' && one['enrolled_at']);
  return new Map(enrolled.map((one) => [one['customer']!, Date.parse(one['enrolled_at']!)]));
}

/** All KPIs of one line's interruptions, in the order of their starts. */
export function countLine(
  figures: Figures,
  world: World,
  months: readonly Month[],
  line: Row,
  own: readonly Interruption[],
  enrolledMs: number | undefined,
): void {
  const groups = groupsOf(line);
  const untilOf = (one: Interruption): number => one.end ?? world.lastMs;
  const isOutage = (one: Interruption): boolean => untilOf(one) - one.start >= MINUTE;
  const episodes = flapping(own, world.lastMs);
  for (const month of months) {
    const observed = shared(world.firstMs, world.lastMs + 1, month);
    const lineMonths = (month.end - month.from) / (month.to - month.from);
    for (const variant of VARIANTS) {
      const started = own.filter(
        (one) => one.start >= month.from && one.start < month.end && isIn(one, variant),
      );
      const momentary = started.filter((one) => !isOutage(one)).length;
      const ended = started.filter((one) => one.end !== null);
      let down = 0;
      for (const one of own) {
        if (one.plannedUntil === null) {
          if (variant !== 'planned') down += shared(one.start, untilOf(one), month);
          continue;
        }
        const planned = Math.min(one.plannedUntil, untilOf(one));
        if (variant !== 'net') down += shared(one.start, planned, month);
        if (variant !== 'planned') down += shared(planned, untilOf(one), month);
      }
      const put = (kpi: string, numerator: number, denominator = 0): void =>
        figures.addVariant(kpi, month, groups, variant, numerator, denominator);
      put('momentary', momentary);
      put('momentary_per_line_month', momentary, lineMonths);
      for (const n of [1, 5, 10, 30, 60]) put(`cemi_${n}`, momentary >= n ? 1 : 0, 1);
      put('outages', started.length - momentary);
      put('availability', observed - down, observed);
      const length = ended.reduce((sum, one) => sum + one.end! - one.start, 0);
      put('mttr', length, ended.length);
      put('mtbf', observed - down, started.length);
    }
    if (isChronic(own, episodes, isOutage, untilOf, Math.min(world.lastMs, month.end - 1))) {
      figures.add('chronic_lines', month, groups, 1);
    }
  }
  for (const variant of VARIANTS) {
    countSeconds(figures, months, groups, variant, periodsOf(own, variant, untilOf));
    const outages = own.filter((one) => isOutage(one) && isIn(one, variant));
    const faults = countFaults(figures, months, groups, variant, outages, untilOf);
    if (variant !== 'net' || enrolledMs === undefined) continue;
    // No notice was sent of a simulated year.
    for (const { month, start } of faults) {
      if (start >= enrolledMs) figures.add('proactive_notification', month, groups, 0, 1);
    }
  }
}

/** Down time as periods: planned is what lies before the end of the window. */
function periodsOf(
  own: readonly Interruption[],
  variant: Variant,
  untilOf: (one: Interruption) => number,
): [number, number][] {
  return own.flatMap((one): [number, number][] => {
    const until = untilOf(one);
    if (variant === 'gross') return [[one.start, until]];
    if (one.plannedUntil === null) return variant === 'net' ? [[one.start, until]] : [];
    if (variant === 'planned') return [[one.start, Math.min(until, one.plannedUntil)]];
    return until > one.plannedUntil ? [[one.plannedUntil, until]] : [];
  });
}

/** ES and UAS: ten touched seconds in a row begin unavailable time, ten that are not end it. */
function countSeconds(
  figures: Figures,
  months: readonly Month[],
  groups: readonly string[],
  variant: Variant,
  periods: readonly [number, number][],
): void {
  const runs: [number, number][] = [];
  for (const [start, until] of periods) {
    const from = Math.floor(start / 1000);
    const to = Math.max(from + 1, Math.ceil(until / 1000));
    const last = runs.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else runs.push([from, to]);
  }
  const unavailable: [number, number][] = [];
  let since: number | null = null;
  let lastTo = Number.NEGATIVE_INFINITY;
  for (const [from, to] of runs) {
    if (since !== null && from - lastTo >= 10) {
      unavailable.push([since, lastTo]);
      since = null;
    }
    if (since === null && to - from >= 10) since = from;
    lastTo = to;
  }
  if (since !== null) unavailable.push([since, lastTo]);
  const put = (kpi: string, all: readonly [number, number][]): void => {
    for (const [from, to] of all) {
      for (const month of months) {
        const last = Math.min(to, Math.floor(month.end / 1000));
        const seconds = last - Math.max(from, month.from / 1000);
        if (seconds > 0) figures.addVariant(kpi, month, groups, variant, seconds);
      }
    }
  };
  put('errored_seconds', runs);
  put('unavailable_seconds', unavailable);
}

function countFaults(
  figures: Figures,
  months: readonly Month[],
  groups: readonly string[],
  variant: Variant,
  outages: readonly Interruption[],
  untilOf: (one: Interruption) => number,
): { month: Month; start: number }[] {
  const counted: { month: Month; start: number }[] = [];
  const faults: { start: number; end: number; cause: string | null }[] = [];
  for (const one of outages) {
    const last = faults.at(-1);
    if (last && one.start - last.end <= 4 * HOUR) {
      last.end = Math.max(last.end, untilOf(one));
      last.cause ??= one.cause;
    } else faults.push({ start: one.start, end: untilOf(one), cause: one.cause });
  }
  faults.forEach((fault, i) => {
    const month = months.find(({ from, end }) => fault.start >= from && fault.start < end);
    if (!month) return;
    counted.push({ month, start: fault.start });
    const before = faults[i - 1];
    const repeats = before !== undefined && fault.start - before.end <= WINDOW;
    const same = repeats && fault.cause !== null && fault.cause === before.cause;
    const put = (kpi: string, holds: boolean): void =>
      figures.addVariant(kpi, month, groups, variant, holds ? 1 : 0, 1);
    put('repeat_fault_rate', repeats);
    put('repeat_fault_rate_same_cause', same);
    put('unknown_cause_share', fault.cause === null);
  });
  return counted;
}

/** Episodes of 4 in 10m, then 5 in 1h, that end 30 minutes after the last transition. */
function flapping(own: readonly Interruption[], lastMs: number): [number, number][] {
  const episodes: [number, number][] = [];
  let starts: number[] = [];
  let at: number | null = null;
  let lastTransition = 0;
  const endBefore = (time: number): void => {
    if (at === null || time < lastTransition + 30 * MINUTE) return;
    episodes.push([at, lastTransition + 30 * MINUTE]);
    at = null;
    starts = [];
  };
  for (const { start, end } of own) {
    endBefore(start);
    starts.push(start);
    lastTransition = start;
    const within = (k: number, w: number): boolean => {
      const first = starts.at(-k);
      return first !== undefined && start - first <= w;
    };
    if (at === null && (within(4, 10 * MINUTE) || within(5, HOUR))) at = start;
    if (end === null) continue;
    endBefore(end);
    lastTransition = end;
  }
  endBefore(lastMs);
  if (at !== null) episodes.push([at, lastMs + 1]);
  return episodes;
}

/** Whether some time within the 30 days up to c fulfils one of the conditions. */
function isChronic(
  all: readonly Interruption[],
  episodes: readonly [number, number][],
  isOutage: (one: Interruption) => boolean,
  untilOf: (one: Interruption) => number,
  c: number,
): boolean {
  const own = all.filter((one) => one.start <= c && untilOf(one) > c - 2 * WINDOW);
  if (own.length === 0) return false;
  const stays = own.map((one) => [one.start, Math.min(untilOf(one), c)] as const);
  const days = episodes.flatMap(([from, until]) => {
    const last = Math.min(until - 1, c);
    const found: [number, number][] = [];
    for (let day = dayOf(from); day <= dayOf(last); day++) {
      found.push([Math.max(from, dayStart(day)), Math.min(last, dayStart(day + 1) - 1)]);
    }
    return found.filter(([a, b]) => a <= b && b > c - 2 * WINDOW);
  });
  if (own.filter(isOutage).length < 4 && own.length < 60 && days.length < 3) {
    const down = stays.reduce((sum, [from, until]) => sum + until - from, 0);
    if (down <= DAY) return false;
  }
  const times = [c, c - WINDOW + 1];
  for (const [from, until] of stays) times.push(from, until, from + WINDOW);
  for (const [first] of days) times.push(first);
  return times.some((t) => {
    if (t <= c - WINDOW || t > c) return false;
    const counted = own.filter(({ start }) => start > t - WINDOW && start <= t);
    const outages = counted.filter(isOutage).length;
    if (outages > 3 || counted.length - outages >= 60) return true;
    const flappingDays = new Set(
      days.filter(([a, b]) => a <= t && b > t - WINDOW).map(([a]) => dayOf(a)),
    );
    if (flappingDays.size >= 3) return true;
    const down = stays.reduce(
      (sum, [from, until]) => sum + Math.max(0, Math.min(until, t) - Math.max(from, t - WINDOW)),
      0,
    );
    return down > DAY;
  });
}
