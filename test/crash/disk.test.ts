// Faults of the disk under a running `flapline run` on a real Kafka: the store's disk full and freed, its
// log cut short. Afterwards the documented views equal those of a run that met no fault.

import { statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, usesServices } from '../host/service-fixture.js';
import { describeKafka } from '../kafka/broker/describe.js';
import { traffic } from '../kafka/traffic.js';
import { canMount, smallDisk } from '../small-disk.js';
import { fillTopic } from './filled.js';
import { usesLives } from './life.js';
import { begin, expectAsWhole, readAll } from './whole.js';

const PARTITIONS = 4;
const SEED = 20_061_130;
const TEST_MS = 300_000;
/** Left on the full disk: less than the findings of the records take. */
const LEFT_BYTES = 16_384;
const SNAPSHOTS = ['--snapshot-every', '100ms'];

usesServices();
usesLives();

describeKafka('one node', 1, (cluster) => {
  describe.skipIf(!canMount())("and the store's disk full", () => {
    it.each([
      ['freed', false],
      ['freed after a kill -9', true],
    ])(
      'then %s: it is told, nothing is lost',
      async (_, isKilled) => {
        const disk = smallDisk(96 << 20)!;
        try {
          const filled = await fillTopic(cluster(), `full-${isKilled}`, PARTITIONS);
          const records = traffic(SEED + 10, 1_500);
          await filled.add(records.slice(0, 300));
          const life = begin(cluster(), filled, disk.folder, SNAPSHOTS);
          await life.untilRead(filled.ends);
          disk.fill(LEFT_BYTES);
          await filled.add(records.slice(300));
          await life.until('it says so', async () => {
            const { storeProblem } = await life.status();
            return storeProblem?.includes('no space left') ?? false;
          });
          expect((await fetch(`${await life.live()}readyz`)).status).toBe(503);
          if (isKilled) await life.kill();
          disk.free();
          if (isKilled) await readAll(cluster(), filled, disk.folder);
          else {
            await life.untilRead(filled.ends);
            await life.stop();
            expect(life.said.match(/reading stops/g)).toHaveLength(1);
          }
          await filled.close();
          await expectAsWhole(cluster(), filled, disk.folder);
        } finally {
          disk.unmount();
        }
      },
      TEST_MS,
    );
  });

  it(
    'and the log of the store cut short after a kill -9: what it held is read again',
    async () => {
      const filled = await fillTopic(cluster(), 'cut', PARTITIONS);
      const folder = temporaryFolder();
      const records = traffic(SEED + 11, 1_200);
      const log = join(folder, 'flapline.duckdb.wal');
      for (const [i, share] of [0.9, 0.5, 0.1].entries()) {
        await filled.add(records.slice(400 * i, 400 * (i + 1)));
        const life = begin(cluster(), filled, folder, SNAPSHOTS);
        await life.untilRead(filled.ends);
        await life.until('something is stored', () => Promise.resolve(statSync(log).size > 10_000));
        await life.kill();
        truncateSync(log, Math.floor(statSync(log).size * share));
      }
      await readAll(cluster(), filled, folder);
      await filled.close();
      await expectAsWhole(cluster(), filled, folder);
    },
    TEST_MS,
  );
});
