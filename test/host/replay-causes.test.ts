// Root causes of a replay: from files through the kernel to the findings of SPEC section 3, read at the
// replay's reading time; works in their window; and the shared judge on a generated network.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CauseFinding } from '../../src/cause/finding.js';
import { DEFAULT_RULES } from '../../src/config/rules.js';
import { replay } from '../../src/pipeline/replay.js';
import { readRecordFile, readRecordText } from '../../src/records/read.js';
import { burstNetwork } from '../cause/networks.js';
import { describeShared, sharedPath } from '../shared.js';

const folder = mkdtempSync(join(tmpdir(), 'flapline-causes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OPTIONS = { timeZone: 'Asia/Shanghai' };
const { csv, starts, burstMs, hit } = burstNetwork();

/** Replays starts of 5 s each, and one last event. */
async function causesOf(lastMs: number, works = ''): Promise<CauseFinding[]> {
  const file = join(folder, 'events.ndjson');
  const events = starts.flatMap(([line, time]) => [
    { line, time, state: 'down' },
    { line, time: time + 5_000, state: 'up' },
  ]);
  events.push({ line: 'elsewhere', time: lastMs, state: 'down' });
  writeFileSync(file, events.map((event) => JSON.stringify(event)).join('\n'));
  const found: CauseFinding[] = [];
  const kinds = new Set<string>();
  await replay({
    files: [file],
    sort: true,
    rules: DEFAULT_RULES,
    starts: false,
    zone: [],
    records: [
      readRecordText('components', 'components.csv', csv, OPTIONS),
      ...(works ? [readRecordText('works', 'works.csv', works, OPTIONS)] : []),
    ],
    onFindings: async (findings) => findings.forEach(({ kind }) => kinds.add(kind)),
    onCauses: async (causes) => void found.push(...causes),
  });
  expect(kinds).toContain('interruption');
  expect(kinds).not.toContain('interruption-start');
  return found;
}

describe('causes of a replay', () => {
  it('name the card, with its evidence', async () => {
    const [cause, ...others] = await causesOf(burstMs + 600_000);
    expect(others).toEqual([]);
    expect(cause).toMatchObject({
      kind: 'cause',
      id: `${cause!.at}/${hit[0]}/1`,
      components: [{ kind: 'card', name: 'c3-1' }],
      lines: hit.length,
      works: [],
    });
    expect(cause!.until - cause!.at).toBeLessThan(12_000);
    expect(cause!.expected).toBeLessThan(0.1);
    expect(cause!.confidence).toBeGreaterThan(0.9);
  });

  it('are for the record once the reading time is 60 s past their end', async () => {
    const [{ until }] = (await causesOf(burstMs + 600_000)) as [CauseFinding];
    expect(await causesOf(until + 60_000)).toEqual([]);
    expect(await causesOf(until + 60_001)).toHaveLength(1);
  });

  it('name a planned work in its window, and not outside it', async () => {
    const header = 'work,start,end,status,kind,component';
    const work = (fromMs: number): string =>
      `${header}\nW1,${fromMs},${fromMs + 60_000},planned,card,c3-1`;
    const [inside] = await causesOf(burstMs + 600_000, work(burstMs - 30_000));
    expect(inside!.works).toEqual(['W1']);
    expect(inside!.components[0]).toEqual({ kind: 'work', name: 'W1' });
    expect(inside!.components).toContainEqual({ kind: 'card', name: 'c3-1' });
    const [outside] = await causesOf(burstMs + 600_000, work(burstMs + 3_600_000));
    expect(outside!.works).toEqual([]);
    expect(outside!.components).toEqual([{ kind: 'card', name: 'c3-1' }]);
  });
});

describeShared('causes of a generated network', () => {
  it('are those that were planted, says score.py', async () => {
    const generate = [
      sharedPath('causes', 'generate.py'),
      folder,
      '--seed',
      '21',
      '--bursts',
      '12',
    ];
    execFileSync('python3', generate);
    const found: CauseFinding[] = [];
    await replay({
      files: [join(folder, 'events.ndjson')],
      sort: false,
      rules: DEFAULT_RULES,
      starts: false,
      zone: [],
      records: [await readRecordFile('components', join(folder, 'components.csv'), OPTIONS)],
      onCauses: async (causes) => void found.push(...causes),
    });
    const file = join(folder, 'findings.ndjson');
    writeFileSync(file, found.map((cause) => JSON.stringify(cause)).join('\n'));
    const truth = join(folder, 'truth.json');
    const words = execFileSync('python3', [sharedPath('causes', 'score.py'), truth, file], {
      encoding: 'utf8',
    });
    expect(words).toMatch(/^planted 12, /);
    expect(Number(/F1 (\S+)/.exec(words)![1])).toBeGreaterThanOrEqual(0.9);
  }, 120_000);
});
