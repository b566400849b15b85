// What rekey writes gives the same findings without aliases as its input gives with them: names,
// fan-out, clears of every alarm, rejected objects that name their line and those that do not.

import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/config/limits.js';
import { Decoder } from '../../src/pipeline/decoder.js';
import type { LogFrame } from '../../src/pipeline/fold.js';
import { aliasLines, rekeyed } from '../../src/pipeline/rekeyed.js';
import { pick, seededChoose } from '../judge/choose.js';
import { expectSameFindings } from '../judge/multiset.js';
import { KernelRun } from '../kernel/run.js';

const AT = 1_164_900_000_000;
const ALIASES = [
  ['port-1', 'line-a'],
  ['port-1', 'line-b'],
  ['port-2', 'line-b'],
  ['port-2', 'port-2'],
  ['port-1', 'line-a'],
  ['端口-3', '线路-丙'],
] as const;
const BROKEN = ['{"line":"line-a","time":', '[{"line":"port-1"', 'null', '"text"', '{}', '[[]]'];

/** Objects of all sorts as records of one or several. */
function frames(seed: number, count: number): LogFrame[] {
  const choose = seededChoose(seed);
  const names = ['port-1', 'port-2', '端口-3', 'line-a', 'line-d', 'q"\\\n'];
  let timeMs = AT;
  const object = (): string => {
    timeMs += pick(choose, [0, 1, 700, 30_000, 60_000, 400_000]) - pick(choose, [0, 0, 500]);
    const bad = pick(choose, [
      {},
      {},
      {},
      {},
      {},
      { state: 'odd' },
      { time: 'noon' },
      { cause: 7 },
    ]);
    return JSON.stringify({
      line: pick(choose, names),
      time: timeMs,
      state: pick(choose, ['down', 'up']),
      ...pick(choose, [
        {},
        {},
        {},
        {},
        { alarm: 'LOS' },
        { alarm: 'AIS', cause: 'card' },
        { alarm: '*' },
      ]),
      ...pick(choose, [{}, {}, { key: 'port-1' }]),
      ...bad,
    });
  };
  return Array.from({ length: count }, (_, offset) => {
    const objects = Array.from({ length: pick(choose, [1, 1, 2, 5]) }, object);
    const text = [...objects, ...pick(choose, [[], [], [], [pick(choose, BROKEN)]])].join('\n');
    const value = pick(choose, [text, text, text, null]);
    return {
      offset,
      timestamp: AT + offset,
      key: Buffer.from(`k${offset}`),
      value: value === null ? null : Buffer.from(value),
    };
  });
}

async function written(records: readonly LogFrame[]) {
  const decoder = new Decoder({ limits: DEFAULT_LIMITS, zone: [] });
  return [...rekeyed(records, await decoder.decode(records), aliasLines(ALIASES))];
}

describe('what rekey writes', () => {
  it.each([1, 2, 3, 4, 5])('gives the findings of its input, seed %i', async (seed) => {
    const input = frames(seed, 1_500);
    const output = await written(input);
    const before = new KernelRun({ checked: true, aliases: ALIASES });
    await before.frames(input.map(({ value }) => value));
    const after = new KernelRun({ checked: true });
    await after.frames(output.map(({ value }) => Buffer.from(value)));
    expect(before.findings.length).toBeGreaterThan(100);
    expectSameFindings(after.findings, before.findings, ['cause']);
    expect(before.unknown.length).toBeGreaterThan(5);
    const named = ({ line, from, until }: (typeof before.unknown)[number]): string =>
      JSON.stringify([line, from, until]);
    expect(after.unknown.map(named).toSorted()).toEqual(before.unknown.map(named).toSorted());
  });

  it('keeps the time, keys by line and joins what one record says of a line', async () => {
    const event = { line: 'port-1', time: AT, state: 'down', alarm: 'LOS', cause: 'cut' };
    const clear = { ...event, state: 'up', time: AT + 5 };
    const value = Buffer.from(JSON.stringify([event, clear]));
    const output = await written([{ offset: 7, timestamp: AT + 9, key: null, value }]);
    expect(output.map(({ key, timestamp }) => [key, timestamp])).toEqual([
      ['line-a', AT + 9],
      ['line-b', AT + 9],
    ]);
    expect(output[1]!.value.split('\n').map((text) => JSON.parse(text) as object)).toEqual([
      { ...event, line: 'line-b', key: 'port-1' },
      { ...clear, line: 'line-b', key: 'port-1' },
    ]);
  });

  it('passes on what it cannot read as one object with the reason, no larger than a sample', async () => {
    const value = Buffer.from(`{"line":"${'x'.repeat(5_000)}"}`);
    const [only, ...others] = await written([
      { offset: 3, timestamp: AT, key: Buffer.from('k'), value },
    ]);
    expect(others).toEqual([]);
    expect(String(only!.key)).toBe('k');
    const { rejected, place, sample } = JSON.parse(only!.value) as Record<string, string>;
    expect(rejected).toBe('"line" must have 1 byte to 256 bytes');
    expect(place).toMatch(/^offset 3, line 1, byte \d+ of the object$/);
    expect(Buffer.byteLength(sample!)).toBeLessThanOrEqual(256);
  });
});
