// A stream cut into pieces anywhere gives the same findings, the same rejects and, to the byte, the
// same state as the stream in one piece.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { damagedRecords, inPieces } from '../judge/generate.js';
import { scenarios, someRules } from '../judge/scenario.js';
import type { Rules } from '../model.js';
import { BUILDS, KernelRun, stepText } from './run.js';

const RUNS = { numRuns: 80, seed: 20061130 };

/** Streams whose lines flap, with damaged records strewn in. */
const streams: fc.Arbitrary<Uint8Array> = fc
  .tuple(scenarios(25), fc.array(damagedRecords, { maxLength: 6 }), fc.constantFrom('\n', ' ', ''))
  .map(([{ steps }, damaged, between]) => {
    const texts: Uint8Array[] = steps.map((step) => Buffer.from(stepText(step)));
    damaged.forEach((record, i) => texts.splice((i * 7) % (texts.length + 1), 0, record));
    return Buffer.concat(texts.flatMap((text) => [text, Buffer.from(between || '\n')]));
  });

/** Everything that a stream gives, but the samples of its rejects. */
async function outcomeOf(
  checked: boolean,
  inboxBytes: number,
  pieces: readonly Uint8Array[],
  rules: Partial<Rules> = {},
): Promise<unknown> {
  const run = new KernelRun({ checked, rules, capacities: { inboxBytes } });
  await run.stream(pieces);
  const rejects = run.rejects.map(({ position, place, reason }) => ({ position, place, reason }));
  return { findings: run.findings, unknown: run.unknown, rejects, ...run.copyState() };
}

describe('a stream cut anywhere is the same stream', () => {
  it.each(BUILDS)('$build', async ({ checked }) => {
    const property = fc.asyncProperty(
      inPieces(streams),
      fc.option(someRules, { nil: {} }),
      async ({ bytes, pieces }, rules) => {
        const whole = await outcomeOf(checked, 8192, [bytes], rules);
        expect(await outcomeOf(checked, 8192, pieces, rules)).toEqual(whole);
      },
    );
    await fc.assert(property, RUNS);
  });

  it.each(BUILDS)('with objects longer than the inbox ($build)', async ({ checked }) => {
    const property = fc.asyncProperty(inPieces(streams), async ({ bytes, pieces }) => {
      const whole = await outcomeOf(checked, 300, [bytes]);
      expect(await outcomeOf(checked, 300, pieces)).toEqual(whole);
    });
    await fc.assert(property, RUNS);
  });

  it.each(BUILDS)('cut at each of its bytes ($build)', async ({ checked }) => {
    const text =
      '\ufeff{"line":"A","time":1,"state":"down"} [\n{"line":"线","time":1e3,"state":"up"},\r\n' +
      '{"line":"B","time":"1970-01-01T00:00:00Z","state":"dow\\u006e"}]\n{"line":"A",}\n' +
      '{"line":"C"}\n{"line":"A","time":2,"state":"up"}\n{"line":"D';
    const bytes = Buffer.from(text);
    const whole = await outcomeOf(checked, 8192, [bytes]);
    for (let at = 0; at <= bytes.length; at++) {
      const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
      expect(await outcomeOf(checked, 8192, pieces)).toEqual(whole);
    }
  });
});

describe('the sample of a reject is the text at its place', () => {
  const good = '{"line":"L","time":1,"state":"down"}';
  const wrong = '{"line":"A","time":1,"state":"neither"}';

  it.each(BUILDS)('in a stream whose end is not yet read ($build)', async ({ checked }) => {
    const run = new KernelRun({ checked });
    await run.stream([Buffer.from(`${wrong}\n${good}\n{"line":"not the rejected`)], false);
    expect(run.rejects.map(({ sample }) => sample)).toEqual([wrong]);
  });

  it.each(BUILDS)('in records, cut at its bound ($build)', async ({ checked }) => {
    const run = new KernelRun({ checked });
    const long = wrong.replace('A', 'A'.repeat(250));
    await run.frames([Buffer.from(good), Buffer.from(`${good} ${long}`), Buffer.from('[1]'), null]);
    expect(run.rejects.map(({ sample }) => sample)).toEqual([long.slice(0, 256), '1]', '']);
  });
});
