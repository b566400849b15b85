// The pipeline without Kafka: records fed by hand, for what a log of the embedded broker cannot hold
// (records that are no longer there, records longer than the inbox) and for commits that fail.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RULES } from '../../src/config/rules.js';
import { DEFAULT_CAPACITIES } from '../../src/kernel/kernel.js';
import { DEFAULT_LIMITS } from '../../src/config/limits.js';
import type { LogFrame } from '../../src/pipeline/fold.js';
import { Pipeline } from '../../src/pipeline/pipeline.js';
import { Directory } from '../../src/store/directory.js';
import { openStore } from '../../src/store/store.js';
import { rowsOf, temporaryFolder, usesServices } from './service-fixture.js';

const T = 1_164_900_000_000;
const INBOX_BYTES = 65_536;
const NAME = { cluster: 'c', topic: 't', partition: 0 };

usesServices();

const frame = (offset: number, text: string): LogFrame => ({
  offset,
  timestamp: T,
  key: Buffer.from('a'),
  value: Buffer.from(text),
});
const change = (offset: number, state: string): LogFrame =>
  frame(offset, JSON.stringify({ line: 'a', time: T + offset * 1_000, state }));

/** Opens a folder's pipeline of one partition for `body`, and closes it without a commit. */
async function piping<T>(
  folder: string,
  body: (pipeline: Pipeline, run: Awaited<ReturnType<Pipeline['addPartition']>>) => Promise<T>,
): Promise<T> {
  const store = await openStore(join(folder, 'flapline.duckdb'));
  const directory = new Directory();
  await directory.load(store.writer);
  const pipeline = await Pipeline.open(store, directory, {
    rules: DEFAULT_RULES,
    snapshotFolder: join(folder, 'snapshots'),
    snapshotEveryMs: 60_000,
    onNote: () => {},
    kernelOptions: {
      capacities: { ...DEFAULT_CAPACITIES, lines: 64, inboxBytes: INBOX_BYTES },
      limits: DEFAULT_LIMITS,
      emitStarts: true,
      zone: [],
    },
  });
  try {
    return await body(pipeline, await pipeline.addPartition(NAME));
  } finally {
    await pipeline.close();
    store.close();
  }
}

describe('reading silently up to the commit', () => {
  it('ends there also when the log no longer holds the records before it', async () => {
    const folder = temporaryFolder();
    await piping(folder, async (pipeline, run) => {
      await run.feed([change(0, 'down'), change(1, 'up'), change(2, 'down'), frame(3, '[]')]);
      await pipeline.commit(null);
    });
    await piping(folder, async (pipeline, run) => {
      expect(run.silent).toBe(true);
      // Offset 3 was compacted away: the next record lies behind the commit.
      await run.feed([change(0, 'down'), change(1, 'up'), change(2, 'down')]);
      expect(run.silent).toBe(true);
      await run.feed([change(5, 'up')]);
      expect(run.silent).toBe(false);
      await pipeline.commit(null);
    });
    const rows = await rowsOf<{ n: number; end_ms: number }>(
      folder,
      'select n, end_ms from interruptions order by n',
    );
    expect(rows).toEqual([
      { n: 1, end_ms: T + 1_000 },
      { n: 2, end_ms: T + 5_000 },
    ]);
  });
});

describe('a record longer than the inbox', () => {
  it('is rejected in its turn, and once, also after a restart', async () => {
    const folder = temporaryFolder();
    const long = frame(2, ' '.repeat(INBOX_BYTES));
    const records = [change(0, 'down'), frame(1, '{'), long, change(3, 'up')];
    await piping(folder, async (pipeline, run) => {
      await run.feed(records);
      await pipeline.commit(null);
    });
    await piping(folder, async (pipeline, run) => {
      await run.feed(records);
      await run.feed([change(4, 'down')]);
      await pipeline.commit(null);
    });
    const rejected = await rowsOf<{ position: number; reason: string }>(
      folder,
      'select position, reason from rejected_records',
    );
    expect(rejected.map(({ position }) => position)).toEqual([1, 2]);
    expect(rejected[1].reason).toContain(`${INBOX_BYTES} bytes`);
    const progress = await rowsOf(folder, 'select position, events, rejected from progress_now');
    expect(progress).toEqual([{ position: 5, events: 3, rejected: 2 }]);
  });
});

describe('a commit that fails', () => {
  it('leaves nothing behind, and the store can be closed and opened again', async () => {
    const folder = temporaryFolder();
    await piping(folder, async (pipeline, run) => {
      await run.feed([change(0, 'down')]);
      await pipeline.commit(null);
      await run.feed([change(1, 'up')]);
      // In the transaction, so that it comes back with the rollback.
      pipeline.writer.order((connection) => connection.run('drop table progress'));
      await expect(pipeline.commit(null)).rejects.toMatchObject({ code: 'STORE_UNWRITABLE' });
    });
    await piping(folder, async (_, run) => {
      expect(run.silent).toBe(true);
      expect(run.committed).toBe(1);
    });
  });
});
