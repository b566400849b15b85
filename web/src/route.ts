// The address of a view: everything a view shows follows from the part behind `#`, so that a
// view can be sent to a colleague and Back undoes a zoom. Times are epoch milliseconds.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const RANGES = { '6h': 6 * HOUR, '24h': DAY, '3d': 3 * DAY, '7d': 7 * DAY } as const;
export const LINE_RANGES = {
  '1h': HOUR,
  '6h': 6 * HOUR,
  '24h': DAY,
  '7d': 7 * DAY,
  '30d': 30 * DAY,
} as const;
export const PERIODS = ['today', '24h', '7d', '30d', 'month', 'custom'] as const;

export type By = 'branch' | 'product';
export type Range = keyof typeof RANGES;
export type LineRange = keyof typeof LINE_RANGES;
export type Period = (typeof PERIODS)[number];

export type Route =
  | { view: 'wall'; by: By; range: Range }
  | { view: 'cell'; by: By; name: string; time: number }
  | { view: 'line'; line: string; range: LineRange; from: number | null; to: number | null }
  | {
      view: 'worst';
      period: Period;
      from: number | null;
      to: number | null;
      branch: string;
      product: string;
    }
  | { view: 'flapping' }
  | { view: 'targets' };

const member = <Key extends string>(text: string | null, keys: readonly Key[], other: Key): Key =>
  keys.find((key) => key === text) ?? other;

function timeOf(text: string | null): number | null {
  const value = text === null || text === '' ? Number.NaN : Number(text);
  return Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The view that a location hash names; what it does not say, or says wrong, is the default. */
export function parseRoute(hash: string): Route {
  const body = hash.replace(/^#\/?/, '');
  const mark = body.indexOf('?');
  const path = mark < 0 ? body : body.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : body.slice(mark + 1));
  const by = member(query.get('by'), ['branch', 'product'], 'branch');
  const from = timeOf(query.get('from'));
  const to = timeOf(query.get('to'));
  const ordered = from !== null && to !== null && from < to;
  if (path.startsWith('line/')) {
    const range = member(query.get('range'), Object.keys(LINE_RANGES) as LineRange[], '24h');
    const span = ordered ? { from, to } : { from: null, to: null };
    return { view: 'line', line: decode(path.slice('line/'.length)), range, ...span };
  }
  if (path === 'cell') {
    const time = timeOf(query.get('t'));
    if (time !== null) return { view: 'cell', by, name: query.get('name') ?? '', time };
  }
  if (path === 'worst') {
    const period = member(query.get('period'), PERIODS, '24h');
    const names = { branch: query.get('branch') ?? '', product: query.get('product') ?? '' };
    const span = ordered ? { from, to } : { from: null, to: null };
    return { view: 'worst', period, ...span, ...names };
  }
  if (path === 'flapping') return { view: 'flapping' };
  if (path === 'targets') return { view: 'targets' };
  const range = member(query.get('range'), Object.keys(RANGES) as Range[], '24h');
  return { view: 'wall', by, range };
}

function queryOf(values: Record<string, string | number | null>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== null && value !== '') query.set(key, String(value));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** The hash that parseRoute reads back as this view. */
export function hrefOf(route: Route): string {
  switch (route.view) {
    case 'wall':
      return `#/${queryOf({ by: route.by, range: route.range })}`;
    case 'cell':
      return `#/cell${queryOf({ by: route.by, name: route.name, t: route.time })}`;
    case 'line': {
      const span = { from: route.from, to: route.to };
      const query = route.from === null ? { range: route.range } : span;
      return `#/line/${encodeURIComponent(route.line)}${queryOf(query)}`;
    }
    case 'worst': {
      const { period, from, to, branch, product } = route;
      return `#/worst${queryOf({ period, from, to, branch, product })}`;
    }
    case 'flapping':
      return '#/flapping';
    case 'targets':
      return '#/targets';
  }
}

/** The address of a line's timeline, over a span or over its last 24 h. */
export function lineHref(line: string, from: number | null = null, to: number | null = null) {
  return hrefOf({ view: 'line', line, range: '24h', from, to });
}
