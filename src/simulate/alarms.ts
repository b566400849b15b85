// The alarms, severities and causes the simulated equipment sends, and the packed code that stands
// for one (alarm, cause, state) in the stream's buckets. Invariant: code < CODES.

import { PRODUCTS } from './province.js';
import type { Random } from './random.js';

/** Alarm identities with the severity of their raise. */
export const ALARMS = [
  { name: 'LOS', severity: 'critical' },
  { name: 'LOF', severity: 'major' },
  { name: 'AIS', severity: 'minor' },
  { name: 'RDI', severity: 'minor' },
  { name: 'LINK_DOWN', severity: 'critical' },
  { name: 'BFD_DOWN', severity: 'major' },
] as const;
const LOS = 0;
const LOF = 1;
const AIS = 2;
const RDI = 3;
const LINK_DOWN = 4;
const BFD_DOWN = 5;

/** Texts of `cause`; the first stands for none. */
export const CAUSES = [
  null,
  'power',
  'fiber cut',
  'card',
  'node software',
  'customer equipment',
  'configuration',
  'planned work',
] as const;
export type CauseText = NonNullable<(typeof CAUSES)[number]>;

/** The severity that a clear carries. */
const CLEARED = 'cleared';

/** Number of different codes. */
const CODES = ALARMS.length * CAUSES.length * 2;

export function packCode(alarm: number, cause: number, down: boolean): number {
  return (alarm * CAUSES.length + cause) * 2 + (down ? 1 : 0);
}

/** What a code says. */
export interface Meaning {
  readonly alarm: string;
  readonly cause: string | null;
  readonly down: boolean;
  readonly severity: string;
}

/** The meaning of every code, by code. */
export const MEANINGS: readonly Meaning[] = Array.from({ length: CODES }, (_, code) => {
  const alarm = ALARMS[Math.floor(code / 2 / CAUSES.length)];
  const down = code % 2 === 1;
  return {
    alarm: alarm.name,
    cause: CAUSES[Math.floor(code / 2) % CAUSES.length],
    down,
    severity: down ? alarm.severity : CLEARED,
  };
});

/** The index of a cause's text in CAUSES; 0 for none. */
export function causeIndex(cause: CauseText | null): number {
  return CAUSES.indexOf(cause);
}

/** The alarm that reports a fault of a line of this product. */
export function drawAlarm(product: number, random: Random): number {
  const u = random.next();
  if (PRODUCTS[product].packetAlarms) return u < 0.8 ? LINK_DOWN : u < 0.92 ? LOS : BFD_DOWN;
  return u < 0.55 ? LOS : u < 0.7 ? LOF : u < 0.93 ? AIS : RDI;
}

/** The second alarm of one fault: what the far end or the layer above raises after the first. */
export function followingAlarm(first: number): number {
  if (first === LINK_DOWN) return BFD_DOWN;
  if (first === BFD_DOWN) return LINK_DOWN;
  return first === AIS ? LOS : AIS;
}
