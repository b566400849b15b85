// Control records through the pipeline: a reset ends what was open, once, whatever is restarted; a
// changed configuration is written when it applies, with its effects.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/config/limits.js';
import { DEFAULT_RULES } from '../../src/config/rules.js';
import { DEFAULT_CAPACITIES } from '../../src/kernel/kernel.js';
import type { Configured } from '../../src/pipeline/configured.js';
import type { LogFrame } from '../../src/pipeline/fold.js';
import { Pipeline } from '../../src/pipeline/pipeline.js';
import { Directory } from '../../src/store/directory.js';
import { selectRows } from '../../src/store/sql.js';
import { type Store, openStore } from '../../src/store/store.js';
import { temporaryFolder, usesServices } from './service-fixture.js';

const NAME = { cluster: 'c', topic: 't', partition: 0 };

usesServices();

interface Opened {
  readonly store: Store;
  readonly pipeline: Pipeline;
}

async function open(folder: string, configured: Configured): Promise<Opened> {
  const store = await openStore(join(folder, 'flapline.duckdb'));
  const directory = new Directory();
  await directory.load(store.writer);
  const pipeline = await Pipeline.open(store, directory, {
    ...configured,
    snapshotFolder: join(folder, 'snapshots'),
    snapshotEveryMs: 3_600_000,
    onNote: () => undefined,
    kernelOptions: {
      capacities: { ...DEFAULT_CAPACITIES, lines: 64, keyBytes: 4_096, inboxBytes: 65_536 },
      limits: DEFAULT_LIMITS,
      emitStarts: true,
      zone: [],
    },
  });
  await pipeline.addPartition(NAME);
  return { store, pipeline };
}

async function close({ store, pipeline }: Opened): Promise<void> {
  await pipeline.close();
  store.close();
}

/** A record an offset: the line goes down and up in turn, 30 s apart. */
function frames(from: number, until: number, line = 'x'): LogFrame[] {
  return Array.from({ length: until - from }, (_, i) => {
    const offset = from + i;
    const time = 1_000_000_000_000 + offset * 30_000;
    const state = offset % 2 === 0 ? 'down' : 'up';
    const value = Buffer.from(JSON.stringify({ line, time, state }));
    return { offset, timestamp: time, key: null, value };
  });
}

const EPISODES = 'select line, at_ms, end_ms, interruptions from episodes order by all';
const CONTROL = 'select position, seq, kind, payload from control order by position, seq';

async function feed({ pipeline }: Opened, records: readonly LogFrame[]): Promise<void> {
  await pipeline.partitions.get(0)!.feed(records);
}

describe('a reset', () => {
  const configured = { rules: DEFAULT_RULES };

  it('ends the open episode at its place, and once, whatever is restarted', async () => {
    const folder = temporaryFolder();
    let opened = await open(folder, configured);
    await feed(opened, frames(0, 9));
    await opened.pipeline.commit(null);
    await opened.pipeline.snapshot();
    const places = await opened.pipeline.reset({ line: 'x', by: 'Li Wei', why: 'card changed' });
    expect(places).toEqual([{ partition: 0, log: 0, position: 9 }]);
    await opened.pipeline.commit(null);
    // The 4th start is at offset 6; the last effective time is that of offset 8.
    const [at, end] = [1_000_000_180_000, 1_000_000_240_000];
    const ended = { line: 'x', at_ms: at, end_ms: end, interruptions: 5 };
    expect(await selectRows(opened.store.writer, EPISODES)).toEqual([ended]);
    await close(opened);
    // The snapshot stands before the reset: it is applied again, silently.
    opened = await open(folder, configured);
    await opened.pipeline.commit(null);
    expect(await selectRows(opened.store.writer, EPISODES)).toEqual([ended]);
    // Its starts are forgotten: three more begin nothing, the fourth does.
    await feed(opened, frames(9, 15));
    await opened.pipeline.commit(null);
    expect(await selectRows(opened.store.writer, EPISODES)).toHaveLength(1);
    await feed(opened, frames(15, 17));
    await opened.pipeline.commit(null);
    expect(await selectRows(opened.store.writer, EPISODES)).toHaveLength(2);
    const views = await selectRows(opened.store.writer, EPISODES);
    await close(opened);
    // Without any snapshot the whole log is read again, the reset at its place.
    rmSync(join(folder, 'snapshots'), { recursive: true });
    opened = await open(folder, configured);
    await opened.pipeline.partitions.get(0)!.feed(frames(0, 17));
    await opened.pipeline.commit(null);
    expect(await selectRows(opened.store.writer, EPISODES)).toEqual(views);
    const marks = await selectRows(
      opened.store.writer,
      'select reset_by, reset_why, reset_recorded_at is not null as dated from episodes order by at_ms',
    );
    expect(marks).toEqual([
      { reset_by: 'Li Wei', reset_why: 'card changed', dated: true },
      { reset_by: null, reset_why: null, dated: false },
    ]);
    const records = await selectRows(
      opened.store.writer,
      `select position, seq, kind, line, who, why, payload is null as bare from control_records
       order by seq`,
    );
    expect(records).toEqual([
      { position: 0, seq: 0, kind: 'rules', line: null, who: null, why: null, bare: false },
      {
        position: 9,
        seq: 1,
        kind: 'reset',
        line: 'x',
        who: 'Li Wei',
        why: 'card changed',
        bare: true,
      },
    ]);
    const [, control] = await selectRows<{ payload: string }>(opened.store.writer, CONTROL);
    expect(control).toMatchObject({ position: 9, seq: 1, kind: 'reset' });
    expect(JSON.parse(control.payload)).toMatchObject({ by: 'Li Wei', why: 'card changed' });
    await close(opened);
  });

  it('of a line that was never seen is refused, and writes nothing', async () => {
    const folder = temporaryFolder();
    const opened = await open(folder, configured);
    await opened.pipeline.commit(null);
    await expect(
      opened.pipeline.reset({ line: 'nowhere', by: 'a', why: 'b' }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND', status: 404 });
    expect(await selectRows(opened.store.writer, CONTROL)).toHaveLength(1);
    await close(opened);
  });

  it('waits while what is stored is read again', async () => {
    const folder = temporaryFolder();
    let opened = await open(folder, configured);
    await feed(opened, frames(0, 9));
    await opened.pipeline.commit(null);
    await close(opened);
    opened = await open(folder, configured);
    await expect(opened.pipeline.reset({ line: 'x', by: 'a', why: 'b' })).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
    });
    await close(opened);
  });
});

describe('a changed configuration', () => {
  it('is written when it applies, not before what is stored has been read again', async () => {
    const folder = temporaryFolder();
    let opened = await open(folder, { rules: DEFAULT_RULES });
    await feed(opened, frames(0, 9));
    await opened.pipeline.commit(null);
    await close(opened);
    const aliases = [['key', 'x']] as const;
    const changed = { rules: { ...DEFAULT_RULES, quietMs: 60_000 }, aliases };
    opened = await open(folder, changed);
    await opened.pipeline.commit(null);
    expect(await selectRows(opened.store.writer, CONTROL)).toHaveLength(1);
    await feed(opened, frames(0, 9));
    await opened.pipeline.commit(null);
    const control = await selectRows<{ position: number; kind: string }>(
      opened.store.writer,
      CONTROL,
    );
    expect(control.map(({ position, kind }) => [position, kind])).toEqual([
      [0, 'rules'],
      [9, 'rules'],
      // The key ends to be a line of its own, then leads to another.
      [9, 'alias'],
      [9, 'alias'],
    ]);
    const { fold } = opened.pipeline.partitions.get(0)!;
    expect(fold.kernel.options.rules.quietMs).toBe(60_000);
    // The key leads to the line: one more start, of the same line.
    await feed(opened, frames(10, 11, 'key'));
    expect(fold.linesSeen).toBe(1);
    await opened.pipeline.commit(null);
    await close(opened);
    opened = await open(folder, changed);
    await feed(opened, [...frames(0, 9), ...frames(10, 11, 'key')]);
    expect(await selectRows(opened.store.writer, CONTROL)).toHaveLength(4);
    expect(opened.pipeline.partitions.get(0)!.fold.linesSeen).toBe(1);
    await close(opened);
  });
});
