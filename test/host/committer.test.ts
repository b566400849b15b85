// A store that does not take a batch: it is kept and written again, once, whatever the error meant.

import { describe, expect, it } from 'vitest';
import { FlaplineError } from '../../src/config/errors.js';
import { Committer, type CommitterOptions } from '../../src/pipeline/committer.js';
import type { LogFrame } from '../../src/pipeline/fold.js';
import { selectRows } from '../../src/store/sql.js';
import { canMount, smallDisk } from '../small-disk.js';
import { type Piping, openPiping } from './pipeline-fixture.js';
import { temporaryFolder, until, usesServices, viewsOf } from './service-fixture.js';

const T = 1_164_900_000_000;
const LINES = 400;

usesServices();

interface Committing extends Piping {
  readonly committer: Committer;
  readonly notes: string[];
}

/** Opens a folder's pipeline with a committer for `body`, and closes it without a commit. */
async function piping(
  folder: string,
  body: (parts: Committing) => Promise<void>,
  options: Partial<CommitterOptions> = {},
): Promise<void> {
  const notes: string[] = [];
  const onNote = (text: string): void => void notes.push(text);
  const capacities = { lines: 1_024, inboxBytes: 1 << 20 };
  const opened = await openPiping(folder, { capacities, onNote });
  const committer = new Committer(opened.pipeline.writer, {
    onNote,
    onStored: () => {},
    ...options,
  });
  try {
    await body({ ...opened, committer, notes });
  } finally {
    await opened.close();
  }
}

/** One record of one event of each line. */
function round(offset: number): LogFrame {
  const state = offset % 2 === 0 ? 'down' : 'up';
  const events = Array.from({ length: LINES }, (_, i) =>
    JSON.stringify({ line: `line-${i}`, time: T + offset * 1_000, state, alarm: `a${offset}` }),
  );
  const value = Buffer.from(`${events.join('\n')}${offset % 3 === 0 ? '\n{"line":' : ''}`);
  return { offset, timestamp: T, key: null, value };
}

async function feedAndCommit(parts: Committing, from: number, to: number): Promise<void> {
  const { pipeline, run, committer } = parts;
  for (let offset = from; offset < to; offset++) await run.feed([round(offset)]);
  committer.begin(await pipeline.seal());
  await committer.idle();
}

/** The views of a folder whose store took everything at once. */
async function untroubled(rounds: number): Promise<Record<string, string[]>> {
  const folder = temporaryFolder();
  await piping(folder, (parts) => feedAndCommit(parts, 0, rounds));
  return viewsOf(folder);
}

/** The batch is refused at first, and told so. */
async function refused({ pipeline, run, committer, notes }: Committing): Promise<void> {
  await run.feed([round(0)]);
  committer.begin(await pipeline.seal());
  await until('the problem', () => committer.problem);
  expect(committer).toMatchObject({ problem: 'no dead letters', problemOf: 'output' });
  await committer.idle();
  expect(committer).toMatchObject({ problem: null, problemOf: null, failedCommits: 2 });
  expect(notes.at(-1)).toBe('what is found is taken again');
}

/** Another connection's transaction is open during the first commit, and closed before the second. */
async function besideAnotherWriter(parts: Committing): Promise<void> {
  const other = await parts.pipeline.store.instance.connect();
  await other.run('create table noted (n integer)');
  await other.run('begin');
  await other.run('insert into noted values (1)');
  await feedAndCommit(parts, 0, 1);
  expect(parts.committer).toMatchObject({ checkpoints: 0, commits: 1, problem: null });
  await other.run('commit');
  await feedAndCommit(parts, 1, 2);
  expect(parts.committer).toMatchObject({ checkpoints: 1, commits: 2, problem: null });
  other.closeSync();
}

const FULL = 'IO Error: Could not write file "x.wal": No space left on device';

describe('a batch that the store does not take', () => {
  it('is told once, kept, and written again until it is stored, while the fold goes on', async () => {
    const folder = temporaryFolder();
    await piping(folder, async (parts) => {
      const { pipeline, run, committer, notes } = parts;
      await feedAndCommit(parts, 0, 2);
      await run.feed([round(2)]);
      let failures = 3;
      pipeline.writer.order(async () => {
        if (failures-- > 0) throw new Error(FULL);
      });
      committer.begin(await pipeline.seal());
      await until('the problem', () => committer.problem);
      expect(committer.problem).toContain('no space left');
      expect(committer.problemOf).toBe('store');
      expect(run.committed).toBe(2);
      await run.feed([round(3)]);
      await committer.idle();
      expect(committer).toMatchObject({ problem: null, failedCommits: 3, commits: 2 });
      expect(run.committed).toBe(3);
      await feedAndCommit(parts, 4, 6);
      expect(notes).toHaveLength(2);
      expect(notes[0]).toContain('reading stops');
    });
    expect(await viewsOf(folder)).toEqual(await untroubled(6));
  });

  it('is not written twice when its transaction was stored and said otherwise', async () => {
    const folder = temporaryFolder();
    await piping(folder, async (parts) => {
      const { writer } = parts.pipeline.store;
      const run = writer.run.bind(writer);
      let lies = 1;
      writer.run = async (statement, ...rest) => {
        const result = await run(statement, ...rest);
        if (statement === 'commit' && lies-- > 0) throw new Error(FULL);
        return result;
      };
      await feedAndCommit(parts, 0, 4);
      expect(parts.committer.failedCommits).toBe(1);
      writer.run = run;
      await feedAndCommit(parts, 4, 6);
    });
    expect(await viewsOf(folder)).toEqual(await untroubled(6));
  });

  it('is not taken for the fault of the store when the dead-letter topic takes nothing', async () => {
    let refusals = 2;
    const beforeWrite = async (): Promise<void> => {
      if (refusals-- > 0) throw new FlaplineError('BROKER_UNAVAILABLE', 'no dead letters');
    };
    await piping(temporaryFolder(), refused, { beforeWrite });
  });

  it('ends the writing when it is a defect, and says which', async () => {
    await piping(temporaryFolder(), async (parts) => {
      parts.pipeline.writer.order((connection) => connection.run('select nothing_such'));
      await expect(feedAndCommit(parts, 0, 1)).rejects.toThrow('nothing_such');
    });
  });
});

describe.skipIf(!canMount())('a full disk', () => {
  it('that another connection writes to meanwhile has its checkpoint later', async () => {
    await piping(temporaryFolder(), besideAnotherWriter, { checkpointBytes: 1 });
  });

  it('that a checkpoint meets has the store opened again, with nothing lost or double', async () => {
    const disk = smallDisk(64 << 20)!;
    try {
      let rounds = 2;
      const body = async (parts: Committing): Promise<void> => {
        const { pipeline, committer, run } = parts;
        await feedAndCommit(parts, 0, rounds);
        disk.fill(400_000);
        while (committer.problem === null) {
          await run.feed([round(rounds++)]);
          committer.begin(await pipeline.seal());
          await until('stored, or not', () => !committer.busy || committer.problem !== null);
        }
        disk.free();
        await committer.idle();
        expect(committer.problem).toBeNull();
        const [row] = await selectRows<{ n: number }>(
          pipeline.store.writer,
          'select position as n from progress_now',
        );
        expect(row!.n).toBe(rounds);
      };
      await piping(disk.folder, body, { checkpointBytes: 1 });
      expect(await viewsOf(disk.folder)).toEqual(await untroubled(rounds));
    } finally {
      disk.unmount();
    }
  });
});
