// Seeded alarm traffic with everything that matters to recovery: flapping and calm lines, several
// alarms a line, clears of all alarms, duplicates, late events, several events a record, and records
// or events that are rejected.

import { type Choose, pick, rarely, seededChoose } from '../judge/choose.js';
import type { TopicRecord } from './topic.js';

const LINES = 80;
/** Lines that get half of all events: they flap. */
const BUSY_LINES = 6;
const STEP_MS_MAX = 9_000;
const LATE_MS_MAX = 120_000;
const T = 1_164_900_000_000;

/** A line's name; some are not ASCII. */
function nameOf(index: number): string {
  return index % 7 === 0 ? `线路-${index}` : `line-${index}`;
}

function eventOf(choose: Choose, line: string, ms: number): string {
  const state = rarely(choose, 150) ? 'sideways' : pick(choose, ['down', 'up']);
  const alarm = pick(choose, [undefined, 'LOS', 'LOF', state === 'up' ? '*' : 'AIS']);
  const cause = rarely(choose, 4) ? pick(choose, ['dig', 'power']) : undefined;
  const time = ms - (rarely(choose, 20) ? choose(LATE_MS_MAX) : 0);
  return JSON.stringify({ line, time, state, alarm, cause });
}

/** `count` records of a seed, each keyed by its line; the same for the same seed. */
export function traffic(seed: number, count: number): TopicRecord[] {
  const choose = seededChoose(seed);
  let ms = T;
  return Array.from({ length: count }, () => {
    ms += choose(STEP_MS_MAX);
    const key = nameOf(choose(2) === 0 ? choose(BUSY_LINES) : choose(LINES));
    if (rarely(choose, 300)) return { key, value: null };
    const events = Array.from({ length: rarely(choose, 5) ? 1 + choose(6) : 1 }, (_, i) =>
      eventOf(choose, key, ms + 1_000 * i),
    );
    const broken = rarely(choose, 200) ? ' {"line": ' : '';
    const text = choose(2) === 0 ? events.join(' ') : `[${events.join(',')}]`;
    return { key, value: Buffer.from(text + broken) };
  });
}
