// How the cluster holds the topic: partitions, copies, what is kept. Judged from what a client may
// see; the topic's settings themselves are not asked for (node-rdkafka has no call for them).

import type { TopicLayout } from '../source/kafka.js';
import { amountWords } from '../kernel/skew.js';
import { type Check, fine } from './check.js';

/** Where a partition begins and ends, and the time of the first record that is kept. */
export interface PartitionSpan {
  readonly partition: number;
  readonly low: number;
  readonly high: number;
  /** null: it holds nothing, or its first record did not come. */
  readonly firstMs: number | null;
}

const DAY_MS = 86_400_000;
/** An outage of the service over a weekend loses nothing. */
const KEPT_MS_MIN = 3 * DAY_MS;

/** Partitions and copies. */
export function checkLayout({ brokers, partitions }: TopicLayout): Check {
  const subject = 'partitions';
  const text = `${partitions.length} on a cluster of ${brokers}`;
  const leaderless = partitions.filter(({ hasLeader }) => !hasLeader);
  if (leaderless.length > 0) {
    const which = leaderless.map(({ partition }) => partition).join(', ');
    return {
      subject,
      state: 'fault',
      code: 'BROKER_UNAVAILABLE',
      text: `${text}; nobody serves ${which}`,
      advice: 'start the brokers that hold them',
    };
  }
  const behind = partitions.filter(({ inSync, replicas }) => inSync < replicas);
  if (behind.length > 0) {
    return {
      subject,
      state: 'warning',
      text: `${text}; ${behind.length} lack a copy that is up to date`,
      advice: 'see to the brokers that are behind or away',
    };
  }
  const copies = Math.min(...partitions.map(({ replicas }) => replicas));
  if (copies > 1 || brokers === 1) return fine(subject, `${text}, copies: ${copies}`);
  return {
    subject,
    state: 'warning',
    text: `${text}, without a second copy`,
    advice: 'give the topic 3 copies (min.insync.replicas 2): a broker lost would lose alarms',
  };
}

/** How far back the topic reaches: that long the service may be away. */
export function checkKept(spans: readonly PartitionSpan[], nowMs: number): Check {
  const subject = 'kept';
  const records = spans.reduce((sum, { low, high }) => sum + high - low, 0);
  if (records === 0) {
    return {
      subject,
      state: 'note',
      text: 'the topic holds no record now',
      advice: 'have a source send one, then ask again: formats, keys and clocks were not looked at',
    };
  }
  const cut = spans.filter(({ low, firstMs }) => low > 0 && firstMs !== null);
  if (cut.length === 0) return fine(subject, `${records} records, everything since the beginning`);
  const keptMs = Math.min(...cut.map(({ firstMs }) => nowMs - firstMs!));
  const text = `${records} records, of the last ${amountWords(Math.max(0, keptMs))}`;
  if (keptMs >= KEPT_MS_MIN) return fine(subject, text);
  return {
    subject,
    state: 'warning',
    text,
    advice: `raise retention.ms to ${amountWords(KEPT_MS_MIN)} or more: while the service is away longer, alarms are lost`,
  };
}
