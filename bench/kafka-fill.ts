// Topics of the kafka bench: the seeded events of workload.ts, keyed by line, one a record or many. A
// record of many holds lines of one partition only, so that a line keeps its partition in both.

import { call } from '../src/source/client.js';
import { type LineProducer, openProducer } from '../src/source/producer.js';
import { openTransactional } from '../src/source/transactions.js';
import { partitionOf } from '../src/source/placement.js';
import { drawEvents, lineName } from './workload.js';

export const PARTITIONS = 4;
const FLUSH_MS = 60_000;

/** What is produced. */
export interface Filling {
  readonly brokers: string;
  readonly topic: string;
  readonly events: number;
  readonly lines: number;
  readonly perRecord: number;
  readonly seed: number;
  /** Added to all times; 0 unless given. */
  readonly shiftMs?: number;
}

/** One native event. */
export function eventText(line: string, time: number, isDown: boolean): string {
  const state = isDown ? '"down","severity":"CRITICAL"' : '"up","severity":"CLEARED"';
  return `{"line":"${line}","time":${time},"state":${state},"source":"nms-07"}`;
}

interface Drawn {
  readonly line: number;
  readonly timeMs: number;
  readonly isDown: boolean;
}

const CHUNK = 200_000;

const QUEUE = {
  'queue.buffering.max.messages': 200_000,
  'queue.buffering.max.kbytes': 131_072,
};
/** How long a topic may be held, ms. */
const HELD_MS_MAX = 600_000;

/** Produces a topic; the records it then holds. */
export async function fill(filling: Filling): Promise<number> {
  const { brokers, topic } = filling;
  const producer = await openProducer({ brokers, topic, settings: QUEUE });
  const records = await produceAll(filling, producer);
  await producer.close();
  return records;
}

/** A topic whose records are seen by readers of committed ones only when they are let go. */
export interface HeldTopic {
  readonly records: number;
  release(): Promise<void>;
}

/** Produces a topic in one transaction that is left open. */
export async function fillHeld(filling: Filling): Promise<HeldTopic> {
  const { brokers, topic } = filling;
  const settings = { ...QUEUE, 'transaction.timeout.ms': HELD_MS_MAX };
  const out = await openTransactional({ brokers, topic, settings }, `fill-${topic}`);
  await call<void>((done) => out.client.beginTransaction(done as never));
  const records = await produceAll(filling, out.producer);
  return {
    records,
    async release() {
      await call<void>((done) => out.client.commitTransaction(FLUSH_MS, done as never));
      await out.producer.close();
    },
  };
}

async function produceAll(filling: Filling, producer: LineProducer): Promise<number> {
  const { events, lines, perRecord, seed, shiftMs = 0 } = filling;
  const drawn: Drawn[] = [];
  drawEvents({ events, lines, seed }, (line, timeMs, isDown) =>
    drawn.push({ line, timeMs: timeMs + shiftMs, isDown }),
  );
  const names = Array.from({ length: lines }, (_, i) => lineName(i));
  const places = names.map((name) => partitionOf(Buffer.from(name), PARTITIONS));
  const waiting: string[][] = Array.from({ length: PARTITIONS }, () => []);
  const keys: string[] = Array.from({ length: PARTITIONS }, () => '');
  let records = 0;
  const send = async (place: number): Promise<void> => {
    const texts = waiting[place]!.splice(0);
    if (texts.length === 0) return;
    await producer.produce(keys[place]!, Buffer.from(texts.join('\n'), 'latin1'));
    records++;
    if (records % CHUNK === 0) await producer.flush(FLUSH_MS);
  };
  for (const { line, timeMs, isDown } of drawn) {
    const place = places[line]!;
    const texts = waiting[place]!;
    if (texts.length === 0) keys[place] = names[line]!;
    texts.push(eventText(names[line]!, timeMs, isDown));
    if (texts.length === perRecord) await send(place);
  }
  for (let place = 0; place < PARTITIONS; place++) await send(place);
  await producer.flush(FLUSH_MS);
  if (producer.counts.failed > 0) throw new Error(String(producer.counts.lastError));
  return records;
}
