// maxSkew (SPEC section 5): an event further ahead of its record's own time is rejected, its line is
// unknown to its next event, and the reason says by how much.

import { describe, expect, it } from 'vitest';
import { skewWords } from '../../src/kernel/skew.js';
import { BUILDS, KernelRun } from './run.js';

const SKEW_MS = 300_000;
const RECORD_MS = 1_164_900_000_000;
const HOUR_MS = 3_600_000;

async function foldRecords(
  run: KernelRun,
  records: readonly [timestampMs: number, ...times: number[]][],
): Promise<void> {
  const frames = records.map(([timestampMs, ...times], offset) => {
    const events = times.map((time) => {
      return { line: 'L', time, state: 'down', alarm: `at ${time}`, cause: 'any' };
    });
    return {
      offset,
      timestamp: timestampMs,
      key: null,
      value: Buffer.from(JSON.stringify(events)),
    };
  });
  await run.fold.frames(frames, 0, frames.length);
  await run.fold.drain();
}

describe.each(BUILDS)('maxSkew ($build)', ({ checked }) => {
  it('lets an event be exactly so far ahead', async () => {
    const run = new KernelRun({ checked });
    await foldRecords(run, [[RECORD_MS, RECORD_MS + SKEW_MS, RECORD_MS + SKEW_MS + 1]]);
    expect(run.rejects).toMatchObject([
      { position: 0, reason: 'source clock ahead by 5 min: raise maxSkew if that is right' },
    ]);
    expect(run.rejects[0].sample).toContain(String(RECORD_MS + SKEW_MS + 1));
    await run.read(RECORD_MS + SKEW_MS);
    expect(run.findings).toMatchObject([{ start: RECORD_MS + SKEW_MS, end: null }]);
  });

  it('rejects the event alone, and its line is unknown to its next event', async () => {
    const run = new KernelRun({ checked });
    const ahead = RECORD_MS + 8 * HOUR_MS;
    await foldRecords(run, [[RECORD_MS, RECORD_MS, ahead, RECORD_MS + 7]]);
    expect(run.rejects).toMatchObject([
      { reason: 'source clock ahead by 8 h: a time zone?', place: 'line 1, byte 0 of the object' },
    ]);
    expect(run.unknown).toEqual([
      { line: 'L', from: RECORD_MS, until: RECORD_MS + 7, stale: false },
    ]);
  });

  it('goes by each record’s own time, and asks nothing of one without', async () => {
    const run = new KernelRun({ checked });
    const day = 24 * HOUR_MS;
    const event = RECORD_MS + day;
    await foldRecords(run, [
      [RECORD_MS, event],
      [RECORD_MS + day, event],
      [-1, event + day],
      [0, event + 2 * day],
    ]);
    expect(run.rejects.map(({ position }) => position)).toEqual([0]);
  });

  it('asks nothing of a file', async () => {
    const run = new KernelRun({ checked });
    await foldRecords(run, [[RECORD_MS, RECORD_MS]]);
    await run.stream([Buffer.from(`{"line":"L","time":${2 * RECORD_MS},"state":"down"}`)]);
    expect(run.rejects).toEqual([]);
  });

  it('is off when it is null', async () => {
    const run = new KernelRun({ checked, maxSkewMs: null });
    await foldRecords(run, [[RECORD_MS, 2 * RECORD_MS]]);
    expect(run.rejects).toEqual([]);
  });
});

describe('the words', () => {
  it.each([
    [8 * HOUR_MS, 'source clock ahead by 8 h: a time zone?'],
    [8 * HOUR_MS - 250_000, 'source clock ahead by 8 h: a time zone?'],
    [5.5 * HOUR_MS + 1, 'source clock ahead by 5 h 30 min: a time zone?'],
    [8 * HOUR_MS - 400_000, 'source clock ahead by 7 h 53 min: raise maxSkew if that is right'],
    [400_000, 'source clock ahead by 6 min 40 s: raise maxSkew if that is right'],
    [1, 'source clock ahead by 1 ms: raise maxSkew if that is right'],
    [50 * HOUR_MS, 'source clock ahead by 2 d 2 h: raise maxSkew if that is right'],
  ])('%d ms', (ms, words) => {
    expect(skewWords(ms)).toBe(words);
  });
});
