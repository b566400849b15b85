// rekey through Kafka, on the embedded broker (flow only: it keeps no transactional offsets): what is
// written is keyed and placed by line, with the input's times, and ends where the input ended.

import { expect, it } from 'vitest';

import { DEFAULT_LIMITS } from '../../src/config/limits.js';
import { Decoder } from '../../src/pipeline/decoder.js';
import { Rekey } from '../../src/pipeline/rekey.js';
import { aliasLines } from '../../src/pipeline/rekeyed.js';
import { EMBEDDED_PARTITIONS } from '../../src/source/embedded.js';
import { partitionOf } from '../../src/source/placement.js';
import { openTransactions } from '../../src/source/transactions.js';
import {
  brokers,
  FROM_START,
  PATIENCE_MS,
  read,
  topicOf,
  useBroker,
  withLog,
  type Entry,
} from './helpers.js';

const AT = 1_164_900_000_000;
const RECORDS = 3_000;

useBroker();

it('writes a topic again, keyed by line', async () => {
  const input = Array.from({ length: RECORDS }, (_, i): Entry => {
    const event = { line: `port-${i % 50}`, time: AT + i, state: i % 2 === 0 ? 'down' : 'up' };
    return [`host-${i % 3}`, Buffer.from(JSON.stringify(event)), AT + 2 * i];
  });
  const from = await topicOf(input);
  const aliases = aliasLines([
    ['port-7', 'line-a'],
    ['port-7', 'line-b'],
  ]);
  const place = { brokers: brokers(), topic: `${from}-by-line`, name: 'rekey-test', from };
  const notes: string[] = [];
  const out = await openTransactions({ ...place, onNote: (text) => notes.push(text) });
  try {
    await withLog(from, async (log) => {
      const decoder = new Decoder({ limits: DEFAULT_LIMITS, zone: [] });
      const counts = await new Rekey({
        log,
        decoder,
        aliases,
        out,
        onNote: (text) => notes.push(text),
        onProgress: () => undefined,
      }).run(AbortSignal.timeout(PATIENCE_MS), true);
      expect(counts).toEqual({ read: RECORDS, written: RECORDS + RECORDS / 50, rejected: 0 });
    });
  } finally {
    await out.close();
  }
  expect(notes).toEqual([]);
  await withLog(place.topic, async (log) => {
    await log.assign(FROM_START);
    const written = await read(log, RECORDS + RECORDS / 50);
    const lines = new Set<string>();
    for (const { key, value, partition, timestamp } of written) {
      const event = JSON.parse(String(value)) as { line: string; time: number; key?: string };
      lines.add(event.line);
      expect(String(key)).toBe(event.line);
      expect(partition).toBe(partitionOf(key!, EMBEDDED_PARTITIONS));
      expect(timestamp).toBe(AT + 2 * (event.time - AT));
      expect(event.key).toBe(event.line.startsWith('line-') ? 'port-7' : undefined);
    }
    expect(written).toHaveLength(RECORDS + RECORDS / 50);
    expect(lines.size).toBe(51);
  });
});
