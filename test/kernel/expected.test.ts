// The kernel against data/expected: the same findings from one piece, from pieces of any size, and
// from records of one or of many events; in a kernel that has to grow and to drain on the way.

import { expect, it } from 'vitest';
import * as L from '../../assembly/layout.js';
import { type Choose, pick, seededChoose } from '../judge/choose.js';
import { expectSameFindings } from '../judge/multiset.js';
import { EXPECTED_SETS, describeShared, expectedEvents, expectedFindings } from '../shared.js';
import { linesOf } from '../shared.js';
import { KernelRun, onBothBuilds } from './run.js';

const CASES = onBothBuilds(EXPECTED_SETS.map((set) => ({ set })));
const SMALL_PIECES = { inboxBytes: 4096, findings: 50, events: 100 };

/** Reads at the end of the input, and compares. */
async function expectFindings(run: KernelRun, set: string): Promise<void> {
  await run.read(run.kernel.control[L.CTL_EFFECTIVE_MS]);
  expect(run.rejects).toEqual([]);
  expect(run.drains).toBeGreaterThan(3);
  expectSameFindings(run.findings, expectedFindings(set), ['cause']);
}

/** Pieces of all sizes, so that objects are cut anywhere and some pieces exceed the inbox. */
function piecesOf(bytes: Uint8Array, choose: Choose): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < bytes.length;) {
    const size = pick(choose, [1, 2, 50, 1 + choose(1000), 1 + choose(10_000)]);
    pieces.push(bytes.subarray(from, from + size));
    from += size;
  }
  return pieces;
}

describeShared('data/expected', () => {
  it.each(CASES)('$set from one piece ($build)', async ({ set, checked }) => {
    const run = new KernelRun({ checked, capacities: { findings: 500, events: 1000 } });
    await run.stream([expectedEvents(set)]);
    await expectFindings(run, set);
  });

  it.each(CASES)('$set from random pieces ($build)', async ({ set, checked }) => {
    const run = new KernelRun({ checked, capacities: SMALL_PIECES });
    await run.stream(piecesOf(expectedEvents(set), seededChoose(set.length)));
    await expectFindings(run, set);
  });

  it.each(CASES)('$set from records of one event ($build)', async ({ set, checked }) => {
    const run = new KernelRun({ checked, capacities: { frames: 300, inboxBytes: 100_000 } });
    await run.frames(linesOf(expectedEvents(set)).map((line) => Buffer.from(line)));
    await expectFindings(run, set);
  });

  it.each(CASES)('$set from records of many events ($build)', async ({ set, checked }) => {
    const run = new KernelRun({ checked, capacities: { inboxBytes: 50_000 } });
    const lines = linesOf(expectedEvents(set));
    const records: Buffer[] = [];
    for (let from = 0; from < lines.length; from += 100) {
      const group = lines.slice(from, from + 100);
      const isArray = (from / 100) % 2 === 1;
      records.push(Buffer.from(isArray ? `[${group.join(',')}]` : group.join('\n')));
    }
    await run.frames(records);
    await expectFindings(run, set);
  });
});
