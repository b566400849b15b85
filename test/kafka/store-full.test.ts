// The disk of the store full under a running service, and freed: it stops reading and says why, and
// goes on with nothing lost and nothing double.

import { describe, expect, it } from 'vitest';
import type { Status } from '../../src/api/contract.js';
import {
  type Said,
  ask,
  start,
  temporaryFolder,
  until,
  untilRead,
  viewsOf,
} from '../host/service-fixture.js';
import { canMount, smallDisk } from '../small-disk.js';
import { expectEachOnce, newTopic, readAll, reading, usesTopics } from './recovering.js';
import { traffic } from './traffic.js';

const RECORDS = 1_500;
/** Left on the full disk: less than the findings of the records take. */
const LEFT_BYTES = 16_384;

usesTopics();

describe.skipIf(!canMount())('a full disk', () => {
  it('stops the reading, is told, and when it is freed all goes on', async () => {
    const disk = smallDisk(96 << 20)!;
    try {
      const topic = await newTopic();
      const records = traffic(7, RECORDS);
      await topic.add(records.slice(0, 300));
      const said: Said = { notes: [], failures: [] };
      const service = await start(reading(topic, disk.folder, { snapshotEveryMs: 50 }, said));
      await untilRead(service, topic.ends);
      disk.fill(LEFT_BYTES);
      await topic.add(records.slice(300));
      const { storeProblem } = await until('the problem told', async () => {
        const status = await ask<Status>(service, 'status');
        return status.storeProblem !== null && status;
      });
      expect(storeProblem).toContain('no space left');
      const ready = await fetch(`${service.address}readyz`);
      expect(ready.status).toBe(503);
      expect(((await ready.json()) as { message: string }).message).toBe(storeProblem);
      expect((await fetch(`${service.address}healthz`)).status).toBe(200);
      expect(said.notes.filter((note) => note.includes('reading stops'))).toHaveLength(1);

      disk.free();
      await untilRead(service, topic.ends);
      await until('ready', async () => (await fetch(`${service.address}readyz`)).ok);
      await service.stop();
      expect(said.failures).toEqual([]);
      const whole = temporaryFolder();
      await readAll(topic, whole);
      expect(await viewsOf(disk.folder)).toEqual(await viewsOf(whole));
      await expectEachOnce(disk.folder);
    } finally {
      disk.unmount();
    }
  });
});
