// The clocks of the sources: how far events are ahead of, or behind, the time at which Kafka has their
// record. Ahead by more than maxSkew they would be rejected (SPEC section 5); behind is only late.

import { amountWords, skewWords } from '../kernel/skew.js';
import { type Check, fine, shareWords } from './check.js';

/** One event's clock: what it is counted under, and event time less record time in ms. */
export interface ClockReading {
  readonly source: string;
  readonly aheadMs: number;
}

const SUBJECT = 'clocks';
const SOURCES_SHOWN_MAX = 5;
const BEHIND_MS = 60 * 60_000;

/** Judges the clocks; `maxSkewMs` null = such events are taken. */
export function checkClocks(readings: readonly ClockReading[], maxSkewMs: number | null): Check {
  if (readings.length === 0) {
    return { subject: SUBJECT, state: 'note', text: 'no event with a record time', advice: null };
  }
  const limitMs = maxSkewMs ?? Infinity;
  const ahead = worstBySource(readings.filter(({ aheadMs }) => aheadMs > limitMs));
  if (ahead.length > 0) {
    const events = readings.filter(({ aheadMs }) => aheadMs > limitMs).length;
    const shown = ahead
      .slice(0, SOURCES_SHOWN_MAX)
      .map(({ source, aheadMs }) => `${source}: ${skewWords(aheadMs)}`);
    const more = ahead.length - shown.length;
    return {
      subject: SUBJECT,
      state: 'warning',
      text:
        `${shareWords(events, readings.length)} events more than ${amountWords(limitMs)} ahead of ` +
        `their record would be rejected: ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
      advice: 'set those clocks (NTP), or their time zone; or raise maxSkew if the times are right',
    };
  }
  const medianMs = median(readings.map(({ aheadMs }) => aheadMs));
  const behind = readings.filter(({ aheadMs }) => aheadMs < -BEHIND_MS).length;
  const side = medianMs > 0 ? 'ahead of' : 'behind';
  const typical = `events typically ${amountWords(Math.abs(medianMs))} ${side} their record`;
  if (behind > readings.length / 2) {
    return {
      subject: SUBJECT,
      state: 'note',
      text: `${typical}; ${shareWords(behind, readings.length)} more than an hour behind`,
      advice: 'a history that was loaded, a resync, or a time zone: see that it is meant so',
    };
  }
  return fine(SUBJECT, typical);
}

/** The largest reading of each source, largest first, then by name. */
function worstBySource(readings: readonly ClockReading[]): ClockReading[] {
  const worst = new Map<string, number>();
  for (const { source, aheadMs } of readings) {
    worst.set(source, Math.max(worst.get(source) ?? -Infinity, aheadMs));
  }
  return [...worst]
    .map(([source, aheadMs]) => ({ source, aheadMs }))
    .toSorted((a, b) => b.aheadMs - a.aheadMs || (a.source < b.source ? -1 : 1));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
