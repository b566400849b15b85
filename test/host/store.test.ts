// The store's file: every way in which it cannot be opened has its own code and names the file;
// migrations run once; what is written in chunks, and the names' ids, are there after a reopen.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.js';
import { FlaplineError } from '../../src/config/errors.js';
import { DEFAULT_RULES } from '../../src/config/rules.js';
import { DEFAULT_CAPACITIES, Kernel } from '../../src/kernel/kernel.js';
import { DEFAULT_LIMITS } from '../../src/config/limits.js';
import { TableAppender } from '../../src/store/chunks.js';
import { StoreWriter } from '../../src/store/commit.js';
import { Directory } from '../../src/store/directory.js';
import { REJECTED_ROWS } from '../../src/store/rejected.js';
import { SCHEMA_VERSION } from '../../src/store/schema.js';
import { selectRows, streamIntegers } from '../../src/store/sql.js';
import { type Store, openStore, storeError } from '../../src/store/store.js';
import { startChild, usesChildren } from './service-child.js';
import { serviceOptions, temporaryFolder, usesServices } from './service-fixture.js';

usesServices();
usesChildren();

/** The error of a store that cannot be opened; it names the file. */
async function refused(file: string): Promise<FlaplineError> {
  const error = await openStore(file).then(
    (store) => {
      store.close();
      throw new Error(`${file} was opened`);
    },
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(FlaplineError);
  expect((error as FlaplineError).message).toContain(file);
  expect((error as FlaplineError).exitCode).toBe(74);
  return error as FlaplineError;
}

const fileIn = (folder: string): string => join(folder, 'flapline.duckdb');

async function withStore<T>(file: string, body: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(file);
  try {
    return await body(store);
  } finally {
    store.close();
  }
}

describe('a store that cannot be opened', () => {
  it('because its folder is missing', async () => {
    const error = await refused(join(temporaryFolder(), 'absent', 'a.duckdb'));
    expect(error).toMatchObject({ code: 'STORE_UNWRITABLE' });
    expect(error.message).toContain('does not exist');
  });

  it('because it is a folder', async () => {
    const file = fileIn(temporaryFolder());
    mkdirSync(file);
    const error = await refused(file);
    expect(error).toMatchObject({ code: 'STORE_UNWRITABLE' });
    expect(error.message).toContain('is a folder');
  });

  it('because it is no database, or a damaged one', async () => {
    const file = fileIn(temporaryFolder());
    writeFileSync(file, 'line,time,state\n'.repeat(1_000));
    expect(await refused(file)).toMatchObject({ code: 'STORE_LAYOUT' });
  });

  it('because a newer program wrote it', async () => {
    const file = fileIn(temporaryFolder());
    await withStore(file, async ({ writer }) => {
      await writer.run(`update meta set schema_version = ${SCHEMA_VERSION + 1}`);
    });
    const error = await refused(file);
    expect(error).toMatchObject({ code: 'STORE_LAYOUT' });
    expect(error.message).toContain(`schema version ${SCHEMA_VERSION + 1}`);
  });

  it('because this process has it open, by whatever name; once closed it opens', async () => {
    const folder = temporaryFolder();
    const file = fileIn(folder);
    await withStore(file, async () => {
      expect(await refused(file)).toMatchObject({ code: 'STORE_LOCKED' });
      const other = join(folder, 'link.duckdb');
      symlinkSync(file, other);
      expect(await refused(other)).toMatchObject({ code: 'STORE_LOCKED' });
    });
    await withStore(file, async () => {});
  });

  it('because another process holds it', async () => {
    const folder = temporaryFolder();
    const child = await startChild(serviceOptions(folder));
    const error = await refused(fileIn(folder));
    expect(error).toMatchObject({ code: 'STORE_LOCKED' });
    expect(error.message).toContain('--url');
    await child.kill();
    await withStore(fileIn(folder), async () => {});
  });

  it.skipIf(process.getuid?.() === 0)('because it may not be written', async () => {
    const folder = temporaryFolder();
    await withStore(fileIn(folder), async () => {});
    execFileSync('chmod', ['a-w', fileIn(folder)]);
    expect(await refused(fileIn(folder))).toMatchObject({ code: 'STORE_UNWRITABLE' });
  });

  it('because there is no space left (as DuckDB says it)', () => {
    const error = storeError(new Error('IO Error: Could not write: No space left on device'), 'f');
    expect(error).toMatchObject({ code: 'STORE_UNWRITABLE' });
    expect(error.message).toContain('store f: no space left: free some');
  });
});

describe('a store that is opened again', () => {
  it('is not migrated again, and stays the same store', async () => {
    const file = fileIn(temporaryFolder());
    const made = await withStore(file, async (store) => store.createdMs);
    const before = statSync(file).size;
    await withStore(file, async (store) => {
      expect(store.createdMs).toBe(made);
      const meta = await selectRows(store.writer, 'select schema_version, created_ms from meta');
      expect(meta).toEqual([{ schema_version: SCHEMA_VERSION, created_ms: made }]);
    });
    expect(statSync(file).size).toBe(before);
    expect(statSync(`${file}.wal`, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('is the whole store after a copy of its file alone: nothing waits in a log', async () => {
    const folder = temporaryFolder();
    await withStore(fileIn(folder), async ({ writer }) => {
      // Tables and views are checkpointed as soon as they are made.
      const copy = join(folder, 'copy.duckdb');
      copyFileSync(fileIn(folder), copy);
      await withStore(copy, async (copied) => {
        const views = `select count(*)::integer as n from duckdb_views() where not internal`;
        expect(await selectRows(copied.writer, views)).toEqual(await selectRows(writer, views));
      });
    });
  });
});

describe('chunks', () => {
  it('of more than a vector of rows arrive in order, constants beside them', async () => {
    await withStore(':memory:', async ({ writer }) => {
      await writer.run('create table t (a integer, b bigint, c boolean, d integer)');
      const table = await TableAppender.open(writer, 't', [
        'integer',
        'bigint',
        'boolean',
        'integer',
      ]);
      const rows = 5_001;
      const memory = new ArrayBuffer(rows * 13 + 8);
      const b = new BigInt64Array(memory, 0, rows);
      const a = new Int32Array(memory, rows * 8, rows);
      const c = new Uint8Array(memory, rows * 12, rows);
      for (let i = 0; i < rows; i++) {
        b[i] = BigInt(i) * 1_000_000_000_000n;
        a[i] = i - 7;
        c[i] = i % 2;
      }
      for (let times = 0; times < 2; times++) {
        table.append(memory, rows, [
          { at: rows * 8 },
          { at: 0 },
          { at: rows * 12 },
          { constant: -3 },
        ]);
      }
      table.flush();
      table.close();
      const found = await selectRows(
        writer,
        `select count(*)::integer as n, count(distinct a)::integer as different,
           bool_and(b = (a + 7) * 1000000000000 and c = ((a + 7) % 2 = 1) and d = -3) as right,
           bool_and(a = rowid % ${rows} - 7) as ordered from t`,
      );
      expect(found).toEqual([{ n: 2 * rows, different: rows, right: true, ordered: true }]);
    });
  });
});

/** Names of every length and script that UTF-8 has; each is different. */
function names(count: number): string[] {
  const parts = ['GZ-DDN-', '广州电路', '🛰️', 'ñandú ', `'"\\`, 'x'.repeat(200)];
  return Array.from({ length: count }, (_, i) => `${parts[i % parts.length]}${i}`);
}

async function openDirectory(store: Store): Promise<Directory> {
  const directory = new Directory();
  await directory.load(store.writer);
  return directory;
}

function idsOf(directory: Directory, lines: readonly string[]): number[] {
  return lines.map((line) => directory.idOf(L.DICTIONARY_KEYS, Buffer.from(line)));
}

describe('names', () => {
  it('keep their ids over reopening, more than a vector of them, in any script', async () => {
    const file = fileIn(temporaryFolder());
    const all = names(5_000);
    let first: number[] = [];
    for (const share of [3_000, 3_000, 5_000]) {
      await withStore(file, async (store) => {
        const directory = await openDirectory(store);
        const ids = idsOf(directory, all.slice(0, share));
        expect(ids.slice(0, first.length)).toEqual(first);
        first = ids;
        const writer = await StoreWriter.open(store, directory);
        await writer.commit([]);
        writer.close();
      });
    }
    expect(new Set(first).size).toBe(5_000);
    await withStore(file, async ({ writer }) => {
      const rows = await selectRows<{ line_id: number; line: string }>(
        writer,
        'select line_id, line from line order by line_id',
      );
      expect(rows.map(({ line }) => line)).toEqual(all);
      expect(rows.map(({ line_id }) => line_id)).toEqual(first);
    });
  });
});

describe('integers', () => {
  it('come as they are, null as -1, over more than a vector of them', async () => {
    await withStore(fileIn(temporaryFolder()), async ({ writer }) => {
      const seen: bigint[][] = [[], []];
      await streamIntegers(
        writer,
        `select i * 3000000000 as a, if(i % 7 = 3, null, -i)::bigint as b from range(5000) t(i) order by i`,
        {},
        (columns, count) => {
          for (const [i, column] of columns.entries()) seen[i].push(...column.subarray(0, count));
        },
      );
      const all = Array.from({ length: 5_000 }, (_, i) => BigInt(i));
      expect(seen[0]).toEqual(all.map((i) => i * 3_000_000_000n));
      expect(seen[1]).toEqual(all.map((i) => (i % 7n === 3n ? -1n : -i)));
    });
  });
});

/** Rejects of one offset each, or several of one. */
const rejectsAt = (offsets: readonly number[]) =>
  offsets.map((position) => ({ position, reason: 'no state', place: 'line 1', sample: '{}' }));

/** The offsets kept of a log of rejects, committed after these many rejects, each time anew opened. */
async function keptOffsets(offsets: readonly number[], cuts: readonly number[]): Promise<number[]> {
  const file = fileIn(temporaryFolder());
  const name = { cluster: 'c', topic: 't', partition: 0, partitionId: 1, log: 0 };
  let from = 0;
  for (const cut of [...cuts, offsets.length]) {
    await withStore(file, async (store) => {
      const writer = await StoreWriter.open(store, await openDirectory(store));
      const log = { ...name, lastTimestampMs: null, lastHash: null };
      await writer.loadRejects({ ...log, position: from === 0 ? 0 : offsets[from - 1] + 1 });
      writer.takeRejects(rejectsAt(offsets.slice(from, cut)), 1, 0);
      const position = cut === 0 ? 0 : offsets[cut - 1] + 1;
      await writer.commit([{ kernel: smallKernel(), log: { ...log, position } }]);
      writer.close();
    });
    from = cut;
  }
  let kept: number[] = [];
  await withStore(file, async ({ writer }) => {
    const rows = await selectRows<{ position: number }>(
      writer,
      'select position from rejected order by position',
    );
    kept = rows.map(({ position }) => position);
  });
  return kept;
}

const smallKernel = (): Kernel =>
  new Kernel({
    rules: DEFAULT_RULES,
    ruleIds: { flap: [1, 2], detectors: [] },
    capacities: { ...DEFAULT_CAPACITIES, lines: 64, inboxBytes: 4_096 },
    limits: DEFAULT_LIMITS,
    emitStarts: false,
    zone: [],
  });

describe('rejected rows', () => {
  const { perRecordMax, perBlockMax, blockOffsets, blocksKept } = REJECTED_ROWS;
  const step = 50;
  const offsets = Array.from({ length: (perBlockMax + 200) * 2 }, (_, i) => i * step);

  it('are the first of a record and of a block of offsets, however they are committed', async () => {
    const many = [...Array<number>(perRecordMax + 5).fill(7), ...offsets.slice(1)];
    const whole = await keptOffsets(many, []);
    expect(whole.filter((offset) => offset === 7)).toHaveLength(perRecordMax);
    expect(whole.filter((offset) => offset < blockOffsets)).toHaveLength(perBlockMax);
    expect(whole.length).toBeGreaterThan(perBlockMax);
    expect(await keptOffsets(many, [perRecordMax + 5, 700, 1_100, 2_050])).toEqual(whole);
  });

  it('of blocks long read past are removed', async () => {
    const sparse = Array.from({ length: blocksKept + 5 }, (_, block) => block * blockOffsets);
    const kept = sparse.slice(-blocksKept);
    expect(await keptOffsets(sparse, [])).toEqual(kept);
    expect(await keptOffsets(sparse, [3, 9])).toEqual(kept);
  });
});
