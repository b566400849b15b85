// Lines whose keys lie on several partitions: counted in the status, told with what to do, named by a
// view, and gone once rekey has written the topic again.

import { expect, it } from 'vitest';
import type { Status } from '../../src/api/contract.js';
import { EMBEDDED_PARTITIONS } from '../../src/source/embedded.js';
import { partitionOf } from '../../src/source/placement.js';
import {
  type Said,
  ask,
  rowsOf,
  serviceOptions,
  start,
  temporaryFolder,
  until,
  usesServices,
} from '../host/service-fixture.js';
import { brokers, topicOf, useBroker, type Entry } from './helpers.js';
import { rekeyed } from './rekey-topic.js';

const AT = 1_164_900_000_000;
const HOSTS = 8;
const EVENTS = 120;

useBroker();
usesServices();

/** Alarms keyed by the host that tells them: lines a and b are told by all hosts, c by one. */
function entries(): Entry[] {
  return Array.from({ length: EVENTS }, (_, i): Entry => {
    const line = ['a', 'b', 'c'][i % 3];
    const host = line === 'c' ? 0 : i % HOSTS;
    const event = { line, time: AT + i * 1_000, state: i % 2 === 0 ? 'down' : 'up' };
    return [`host-${host}`, Buffer.from(JSON.stringify(event)), AT + i * 1_000];
  });
}

const isCounted = ({ linesOnSeveralPartitions: lines }: Status): boolean => lines === 2;
const isMended = ({ linesOnSeveralPartitions: lines, events }: Status): boolean =>
  lines === 0 && events > EVENTS;

/** A service over a topic: what `met` gives of its status once it has read all, and its notes. */
async function serve(folder: string, topic: string, met: (status: Status) => boolean) {
  const said: Said = { notes: [], failures: [] };
  const kafka = { brokers: brokers(), topic, cluster: 'c', settings: {} };
  const service = await start(serviceOptions(folder, { kafka, commitEveryMs: 20 }, said));
  await until('all is read and it is so', async () => {
    const status = await ask<Status>(service, 'status');
    return status.partitions.every(({ position, end }) => position === end) && met(status);
  });
  await service.stop();
  expect(said.failures).toEqual([]);
  return said.notes.filter((note) => note.includes('on several partitions'));
}

it('are counted, told and named, until the topic is written again by line', async () => {
  const folder = temporaryFolder();
  const topic = await topicOf(entries());
  await serve(folder, topic, ({ lines }) => lines === 3);
  const partitions = [...Array(HOSTS).keys()].map((host) =>
    partitionOf(Buffer.from(`host-${host}`), EMBEDDED_PARTITIONS),
  );
  const all = [...new Set(partitions)].toSorted((one, other) => one - other).join(', ');
  const named = 'select line, topic, partitions from lines_on_several_partitions order by line';
  const split = ['a', 'b'].map((line) => ({ line, topic, partitions: all }));
  expect(await rowsOf(folder, named)).toEqual(split);
  const [note, ...more] = await serve(folder, topic, isCounted);
  expect(note).toContain(`2 lines have their keys on several partitions, such as a on ${all}`);
  expect(note).toContain('flapline rekey');
  expect(more).toEqual([]);

  const { topic: byLine } = await rekeyed(topic);
  expect(await serve(folder, byLine, isMended)).toEqual([]);
  expect(await serve(folder, byLine, isMended)).toEqual([]);
  // What the old topic gave stays under its name.
  expect(await rowsOf(folder, named)).toEqual(split);
});
