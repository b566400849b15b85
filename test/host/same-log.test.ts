// Whether a log is still the one that was read, asked while it is read: a topic that was made again and
// has passed our position is found out, also by a service that began before the topic's first record.

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { hashOf } from '../../src/pipeline/partition.js';
import { SameLog } from '../../src/pipeline/same-log.js';
import type { LogRecord } from '../../src/source/log.js';
import { newLog, type LogState } from '../../src/store/progress.js';

const T = 1_164_900_000_000;
/** More than lies between two questions, ms. */
const LONG_MS = 6_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function record(word: string, offset: number): LogRecord {
  const value = Buffer.from(`${word} ${offset}`);
  return { partition: 0, offset, timestamp: T, key: null, value };
}

/** One partition of a topic that can be made again, and a run that has read and stored all of it. */
class Topic {
  private records: LogRecord[] = [];
  private state: LogState = newLog({ cluster: 'c', topic: 't', partition: 0 }, 1);
  private readonly sameLog = new SameLog({
    watermarks: () => Promise.resolve({ low: 0, high: this.records.length }),
    readOne: (_, offset) => Promise.resolve(this.records[offset] ?? null),
  });

  /** The log is this one now, and is read on from where the run stands. */
  become(word: string, count: number): void {
    this.records = Array.from({ length: count }, (_, offset) => record(word, offset));
    const last = this.records.at(-1)!;
    const told = { lastTimestampMs: last.timestamp, lastHash: hashOf(last) };
    this.state = { ...this.state, position: count, ...told };
  }

  /** Looks until a question was answered. */
  async isOther(): Promise<boolean> {
    this.look();
    vi.advanceTimersByTime(LONG_MS);
    this.look();
    await new Promise((resolve) => setImmediate(resolve));
    return this.sameLog.isOther;
  }

  /** Looks, and asks nothing. */
  look(): void {
    this.sameLog.look(new Map([[0, { log: this.state, storedLog: this.state }]]));
  }
}

it('a log that goes on is the same', async () => {
  const topic = new Topic();
  topic.look();
  for (const count of [10, 20, 30]) {
    topic.become('old', count);
    expect(await topic.isOther()).toBe(false);
  }
});

it('another log that has passed our position is another one', async () => {
  const topic = new Topic();
  topic.become('old', 10);
  expect(await topic.isOther()).toBe(false);
  topic.become('new', 25);
  expect(await topic.isOther()).toBe(true);
});

it('and it is known by the first record that was stored, before any question', async () => {
  const topic = new Topic();
  topic.look();
  topic.become('old', 10);
  topic.look();
  topic.become('new', 25);
  expect(await topic.isOther()).toBe(true);
});
