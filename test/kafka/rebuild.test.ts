// A service whose store was damaged while it was away: the store is put aside and rebuilt, what Kafka still
// holds is read again, and the views are those of a service to which nothing happened.

import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ServiceOptions } from '../../src/app.js';
import { backupsIn, writeBackup } from '../../src/store/backup.js';
import { openStore } from '../../src/store/store.js';
import {
  type Said,
  rowsOf,
  start,
  temporaryFolder,
  untilRead,
  viewsOf,
} from '../host/service-fixture.js';
import { expectEachOnce, newTopic, reading, usesTopics } from './recovering.js';
import type { FilledTopic, TopicRecord } from './topic.js';

usesTopics();

const T = 1_164_900_000_000;

/** Interruptions of forty lines, from a minute on. */
function traffic(fromMinute: number, minutes: number): TopicRecord[] {
  return Array.from({ length: minutes * 40 }, (_, i) => {
    const line = `line ${i % 20}`;
    const time = T + 60_000 * (fromMinute + Math.floor(i / 40)) + 1_000 * (i % 40);
    const state = Math.floor(i / 20) % 2 === 0 ? 'down' : 'up';
    return { key: line, value: Buffer.from(JSON.stringify({ line, time, state })) };
  });
}

async function run(
  topic: FilledTopic,
  folder: string,
  replaced: Partial<ServiceOptions> = {},
): Promise<string[]> {
  const said: Said = { notes: [], failures: [] };
  const service = await start(reading(topic, folder, replaced, said));
  await untilRead(service, topic.ends);
  await service.stop();
  expect(said.failures).toEqual([]);
  return said.notes;
}

async function backUp(folder: string): Promise<void> {
  const store = await openStore(join(folder, 'flapline.duckdb'));
  const connection = await store.instance.connect();
  await writeBackup(connection, join(folder, 'backups'), Date.now());
  connection.closeSync();
  store.close();
}

const damage = (file: string): void => truncateSync(file, readFileSync(file).length >> 1);

describe('a damaged store of a service', () => {
  it('is made of the backup and of what Kafka still holds, row for row', async () => {
    const topic = await newTopic();
    const folder = temporaryFolder();
    await topic.add(traffic(0, 10));
    await run(topic, folder);
    await backUp(folder);
    await topic.add(traffic(10, 10));
    await run(topic, folder);
    const views = await viewsOf(folder);
    expect(views['interruptions']!.length).toBe(400);
    damage(join(folder, 'flapline.duckdb'));
    const notes = await run(topic, folder);
    expect(notes.join('\n')).toContain('restored from');
    expect(await viewsOf(folder)).toEqual(views);
    await expectEachOnce(folder);
  });

  it('without a backup is read again from the start of the log', async () => {
    const topic = await newTopic();
    const folder = temporaryFolder();
    await topic.add(traffic(0, 10));
    await run(topic, folder);
    const views = await viewsOf(folder);
    writeFileSync(join(folder, 'flapline.duckdb'), 'no database at all, and not even long');
    const notes = await run(topic, folder);
    expect(notes.join('\n')).toContain('was put aside as');
    expect(await viewsOf(folder)).toEqual(views);
  });

  it('tells as a gap what neither the backup nor Kafka holds', async () => {
    const first = await newTopic();
    const folder = temporaryFolder();
    await first.add(traffic(0, 10));
    await run(first, folder);
    await backUp(folder);
    await first.stop();
    damage(join(folder, 'flapline.duckdb'));
    const second = await newTopic();
    await second.add(traffic(30, 10));
    await run(second, folder);
    await expectEachOnce(folder);
    const gaps = await rowsOf<{ reason: string; n: number }>(
      folder,
      'select reason, count(*) as n from coverage_gaps where line is null group by all',
    );
    expect(gaps).toEqual([{ reason: 'positions lost', n: expect.any(Number) as number }]);
    const [{ n }] = await rowsOf<{ n: number }>(folder, 'select count(*) as n from interruptions');
    expect(n).toBe(400);
  });

  it('is backed up by the service itself, at its hour', async () => {
    const topic = await newTopic();
    const folder = temporaryFolder();
    await topic.add(traffic(0, 2));
    // A backup of two days ago: one that fell into the time without a service is made up for.
    await run(topic, folder);
    const store = await openStore(join(folder, 'flapline.duckdb'));
    const connection = await store.instance.connect();
    await writeBackup(connection, join(folder, 'backups'), Date.now() - 2 * 86_400_000);
    connection.closeSync();
    store.close();
    await run(topic, folder, { backup: { hour: 3, keep: 1 } });
    expect(backupsIn(join(folder, 'backups'))).toHaveLength(1);
    rmSync(join(folder, 'flapline.duckdb'));
    const notes = await run(topic, folder);
    expect(notes.join('\n')).not.toContain('restored from');
  });
});
