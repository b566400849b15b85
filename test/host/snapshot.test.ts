// Snapshot files: what is written is restored byte for byte, in kernels of other sizes too; each check
// that fails says which; and a state goes on under other rules as SPEC section 5 says.

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.js';
import { FlaplineError } from '../../src/config/errors.js';
import { DEFAULT_RULES, type Rules, ruleWords } from '../../src/config/rules.js';
import { sectionsOf, stateOf } from '../../src/kernel/grow.js';
import { DEFAULT_CAPACITIES, Kernel, type KernelOptions } from '../../src/kernel/kernel.js';
import type { RuleIds } from '../../src/kernel/rules.js';
import { DEFAULT_LIMITS } from '../../src/config/limits.js';
import {
  readSnapshot,
  restoreKernel,
  withRules,
  snapshotOf,
  writeSnapshot,
} from '../../src/kernel/snapshot.js';
import { type Finding, findingsOf } from '../../src/pipeline/findings.js';
import { Fold } from '../../src/pipeline/fold.js';

const T = 1_164_900_000_000;
const AT = { cluster: 'c', topic: 't', partition: 3, log: 2, position: 77 };
const STORE_MADE_MS = 1_234_567;
const SMALL = { ...DEFAULT_CAPACITIES, lines: 64, keyBytes: 4096, alarms: 64, inboxBytes: 65_536 };

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'flapline-snapshot-'));
  file = join(folder, 'a.snapshot');
});
afterAll(() => rmSync(folder, { recursive: true }));

const flapIds = (flap: readonly number[]): RuleIds => ({ flap, detectors: [] });

function optionsOf(rules: Rules, replaced: Partial<KernelOptions> = {}): KernelOptions {
  return {
    rules,
    ruleIds: flapIds(rules.flap.map((_, i) => i + 1)),
    capacities: SMALL,
    limits: DEFAULT_LIMITS,
    emitStarts: false,
    zone: [],
    checked: true,
    ...replaced,
  };
}

/** A fold whose findings are kept; rules are named by their ids. */
function folding(kernel: Kernel, words: readonly string[]): { fold: Fold; found: Finding[] } {
  const found: Finding[] = [];
  const fold = new Fold(kernel, {
    takeFindings(current) {
      const view = {
        ruleOf: (id: number) => ({ detector: 'window', words: words[id - 1] }),
        atMs: 0,
      };
      found.push(...findingsOf(current, view));
    },
    takeRejects(rejects) {
      throw new Error(rejects[0].reason);
    },
  });
  return { fold, found };
}

/** Interruptions of a second each that start at these seconds. */
function startsAt(line: string, seconds: readonly number[]): string {
  const event = (ms: number, state: string): string =>
    JSON.stringify({ line, time: T + ms, state, alarm: 'LOS', cause: 'dig' });
  return seconds
    .map((s) => `${event(s * 1_000, 'down')}${'\n'}${event(s * 1_000 + 500, 'up')}\n`)
    .join('');
}

async function apply(fold: Fold, text: string): Promise<void> {
  await fold.streamPiece(Buffer.from(text));
  await fold.drain();
}

/** A kernel with lines in every state: calm, down, flapping, flapping and down. */
async function someKernel(rules = DEFAULT_RULES, capacities = SMALL): Promise<Kernel> {
  const { fold } = folding(new Kernel(optionsOf(rules, { capacities })), rules.flap.map(ruleWords));
  await apply(fold, startsAt('calm 线', [0, 1_000]) + startsAt('flapping', [0, 1, 2, 3, 4]));
  for (let i = 0; i < 40; i++) await apply(fold, startsAt(`line ${i}`, [i]));
  await apply(fold, `{"line":"flapping","time":${T + 9_000},"state":"down","alarm":"LOF"}\n`);
  await apply(fold, `{"line":"down","time":${T + 9_000},"state":"down"}\n`);
  return fold.kernel;
}

const bytesOf = (kernel: Kernel): string[] =>
  sectionsOf(kernel).map((section) => Buffer.from(section).toString('base64'));

describe('a snapshot', () => {
  it('is restored byte for byte, whatever the sizes of the kernel', async () => {
    const kernel = await someKernel();
    await writeSnapshot(file, snapshotOf(kernel, AT, STORE_MADE_MS));
    expect(readdirSync(folder)).toEqual(['a.snapshot']);
    const snapshot = readSnapshot(file);
    expect(snapshot.header).toMatchObject({ at: AT, storeCreatedMs: STORE_MADE_MS });
    expect(snapshot.header).toMatchObject({ rules: DEFAULT_RULES, ruleIds: flapIds([1, 2]) });
    const tiny = { ...SMALL, lines: 4, keyBytes: 64, names: 4, nameBytes: 64, alarms: 2 };
    for (const capacities of [SMALL, tiny, DEFAULT_CAPACITIES]) {
      const restored = restoreKernel(snapshot, optionsOf(DEFAULT_RULES, { capacities }));
      expect(bytesOf(restored)).toEqual(bytesOf(kernel));
      expect([...stateOf(restored)]).toEqual([...stateOf(kernel)]);
    }
  });

  it('goes on as if it had never been written', async () => {
    const words = DEFAULT_RULES.flap.map(ruleWords);
    const kernel = await someKernel();
    await writeSnapshot(file, snapshotOf(kernel, AT, STORE_MADE_MS));
    const rest = `{"line":"down","time":${T + 99_000},"state":"up"}\n${startsAt('calm 线', [1_100, 1_200, 1_300])}`;
    const whole = folding(kernel, words);
    const restored = folding(restoreKernel(readSnapshot(file), optionsOf(DEFAULT_RULES)), words);
    // A stream's position is not part of the state: the restored one begins at 0.
    for (const { fold } of [whole, restored]) await apply(fold, rest);
    expect(restored.found).toEqual(whole.found);
    expect(restored.found.map(({ kind }) => kind)).toContain('flap-start');
  });

  it('is refused with a coded error when a limit is below it', async () => {
    const kernel = await someKernel();
    await writeSnapshot(file, snapshotOf(kernel, AT, STORE_MADE_MS));
    const limits = { ...DEFAULT_LIMITS, linesMax: 8 };
    const restore = (): Kernel =>
      restoreKernel(readSnapshot(file), optionsOf(DEFAULT_RULES, { limits }));
    expect(restore).toThrowError(
      expect.objectContaining({
        code: 'BAD_CONFIG',
        message: 'linesMax (8) is below what the state holds, 43: raise it',
      }),
    );
  });

  it('is replaced whole or not at all', async () => {
    const kernel = await someKernel();
    await writeSnapshot(file, snapshotOf(kernel, AT, STORE_MADE_MS));
    await writeSnapshot(file, snapshotOf(kernel, { ...AT, position: 78 }, STORE_MADE_MS));
    expect(readdirSync(folder)).toEqual(['a.snapshot']);
    expect(readSnapshot(file).header.at.position).toBe(78);
    const nowhere = join(folder, 'absent', 'a.snapshot');
    const image = snapshotOf(kernel, AT, STORE_MADE_MS);
    await expect(writeSnapshot(nowhere, image)).rejects.toThrow('ENOENT');
  });
});

/** What reading a file with these bytes fails with. */
function failureOf(bytes: Buffer): string {
  const broken = join(folder, 'broken.snapshot');
  writeFileSync(broken, bytes);
  try {
    readSnapshot(broken);
  } catch (error) {
    expect(error).toBeInstanceOf(FlaplineError);
    expect(error).toMatchObject({ code: 'SNAPSHOT_UNREADABLE', exitCode: 74 });
    expect((error as Error).message).toContain(broken);
    return (error as Error).message;
  } finally {
    rmSync(broken);
  }
  return 'no failure';
}

describe('each failed check has its own error', () => {
  const PREFIX = 16;
  let good: Buffer;
  beforeAll(async () => {
    await writeSnapshot(file, snapshotOf(await someKernel(), AT, STORE_MADE_MS));
    good = readFileSync(file);
  });
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const copy = Buffer.from(good);
    change(copy);
    return copy;
  };

  const withLayout = (layout: number): Buffer =>
    changed((bytes) => {
      const before = `"layout":${L.LAYOUT_VERSION},`;
      const after = `"layout":${layout},`;
      expect(before).toHaveLength(after.length);
      bytes.write(after, bytes.indexOf(before));
      bytes.writeUInt32LE(crc32(bytes.subarray(PREFIX)), 12);
    });

  it('absent', () => {
    expect(() => readSnapshot(join(folder, 'absent'))).toThrow(/absent: cannot be read .*ENOENT/);
  });
  it('empty, or not ours', () => {
    expect(failureOf(Buffer.alloc(0))).toContain('no snapshot (magic)');
    expect(failureOf(Buffer.from('{"line":"a","time":0,"state":"up"}'))).toContain('(magic)');
    expect(failureOf(changed((bytes) => bytes.fill('x', 0, 1)))).toContain('(magic)');
  });
  it('cut in the header', () => {
    expect(failureOf(good.subarray(0, PREFIX + 10))).toContain('cut short (header)');
  });
  it('cut or changed behind it', () => {
    expect(failureOf(good.subarray(0, good.length - 1))).toContain('(checksum)');
    expect(failureOf(Buffer.concat([good, Buffer.of(0)]))).toContain('(checksum)');
    for (const at of [PREFIX, PREFIX + 50, Math.floor(good.length / 2), good.length - 1]) {
      expect(failureOf(changed((bytes) => bytes.writeUInt8(bytes[at] ^ 1, at)))).toContain(
        '(checksum)',
      );
    }
  });
  it('another layout, but not an older one that means the same', () => {
    for (const other of [L.LAYOUT_VERSION + 1, L.LAYOUT_VERSION_READ - 1]) {
      const failure = failureOf(withLayout(other));
      expect(failure).toMatch(/has layout \d+, this program reads \d+/);
    }
    expect(failureOf(withLayout(L.LAYOUT_VERSION_READ))).toBe('no failure');
  });
});

const rulesOf = (...flap: readonly (readonly [number, number])[]): Rules => ({
  ...DEFAULT_RULES,
  flap: flap.map(([starts, seconds]) => ({ starts, windowMs: seconds * 1_000 })),
});

/** Flap findings of a line whose starts come before and after a change of rules. */
async function changedRules(
  from: Rules,
  before: readonly number[],
  to: Rules,
  after: readonly number[],
): Promise<Finding[]> {
  const words = [...from.flap, ...to.flap].map(ruleWords);
  const first = folding(new Kernel(optionsOf(from)), words);
  await apply(first.fold, startsAt('a', before));
  const ids = to.flap.map((_, i) => from.flap.length + i + 1);
  const second = folding(withRules(first.fold.kernel, to, flapIds(ids)), words);
  await apply(second.fold, startsAt('a', after));
  return [...first.found, ...second.found].filter(({ kind }) => kind.startsWith('flap'));
}

describe('other rules', () => {
  it('of more starts are judged on the starts kept so far', async () => {
    const found = await changedRules(
      rulesOf([3, 10]),
      [0, 100, 200],
      rulesOf([5, 1_000]),
      [300, 400],
    );
    expect(found).toMatchObject([
      { kind: 'flap-start', rule: '5 in 1000s', since: T, at: T + 400_000 },
    ]);
  });

  it('of fewer starts are judged at the next start, not at the change', async () => {
    const found = await changedRules(
      rulesOf([20, 10_000]),
      [0, 10, 20, 30, 40, 50, 60],
      rulesOf([3, 30]),
      [70],
    );
    expect(found).toMatchObject([{ kind: 'flap-start', rule: '3 in 30s', since: T + 50_000 }]);
  });

  it('of fewer starts and then of more again know no more than was kept', async () => {
    const wide = rulesOf([20, 10_000]);
    const first = folding(new Kernel(optionsOf(wide)), ['20 in 10000s']);
    await apply(first.fold, startsAt('a', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    const narrow = withRules(first.fold.kernel, rulesOf([2, 1]), flapIds([2]));
    const again = folding(withRules(narrow, rulesOf([6, 10_000]), flapIds([3])), [
      '',
      '',
      '6 in 10000s',
    ]);
    await apply(again.fold, startsAt('a', [20]));
    expect(again.found.filter(({ kind }) => kind === 'flap-start')).toEqual([]);
  });

  it('leave an open episode its start and its rule, whatever the room for starts', async () => {
    const wide = rulesOf([4, 600], [64, 3_600]);
    const narrow = rulesOf([2, 1]);
    for (const [from, to] of [
      [wide, narrow],
      [rulesOf([4, 600]), wide],
    ] as const) {
      const found = await changedRules(from, [0, 1, 2, 3], to, [10, 5_000]);
      expect(found[0]).toMatchObject({ kind: 'flap-start', rule: '4 in 10m', at: T + 3_000 });
      expect(found[1]).toMatchObject({ kind: 'flap-end', rule: '4 in 10m', interruptions: 5 });
    }
  });

  it('keep every other byte of the state', async () => {
    const kernel = await someKernel();
    const there = withRules(kernel, rulesOf([30, 600]), flapIds([3]));
    const back = withRules(there, DEFAULT_RULES, flapIds([1, 2]));
    expect(bytesOf(back)).toEqual(bytesOf(kernel));
    expect(bytesOf(there)[L.SECTION_STARTS]).not.toEqual(bytesOf(kernel)[L.SECTION_STARTS]);
  });
});
