// rekey through Kafka, on the embedded broker (flow only: it keeps no transactional offsets): what is
// written is keyed and placed by line, with the input's times, and ends where the input ended.

import { expect, it } from 'vitest';

import { aliasLines } from '../../src/pipeline/rekeyed.js';
import { EMBEDDED_PARTITIONS } from '../../src/source/embedded.js';
import { partitionOf } from '../../src/source/placement.js';
import { FROM_START, read, topicOf, useBroker, withLog, type Entry } from './helpers.js';
import { rekeyed } from './rekey-topic.js';

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
  const { topic, counts, notes } = await rekeyed(from, aliases);
  expect(counts).toEqual({ read: RECORDS, written: RECORDS + RECORDS / 50, rejected: 0 });
  expect(notes).toEqual([]);
  await withLog(topic, async (log) => {
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
