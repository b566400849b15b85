// Names in the kernel: every text of 1 to 256 bytes has one index and comes back as it was, while the
// dictionaries grow; and columns leave the kernel with the ids that the host gave.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.js';
import { grow } from '../../src/kernel/grow.js';
import { Kernel } from '../../src/kernel/kernel.js';
import { BUILDS, KernelRun, kernelOptions } from './run.js';

const RUNS = { numRuns: 40, seed: 20061130 };
const DICTIONARIES = [L.DICTIONARY_KEYS, L.DICTIONARY_ALARMS, L.DICTIONARY_CAUSES];

/** Texts that differ in one byte, in length, or only behind a shared beginning or end. */
const names: fc.Arbitrary<string> = fc
  .record({
    length: fc.integer({ min: 1, max: 256 }),
    at: fc.nat(255),
    fill: fc.constantFrom('a', 'b', '\u0000'),
    mark: fc.constantFrom('a', 'x', '\u0000'),
  })
  .map(({ length, at, fill, mark }) => {
    const text = fill.repeat(length);
    return text.slice(0, at % length) + mark + text.slice((at % length) + 1);
  });

describe.each(BUILDS)('dictionaries ($build)', ({ checked }) => {
  it('give each name one index, in the order of first use', () => {
    const property = fc.property(fc.array(names, { maxLength: 300, size: 'max' }), (all) => {
      let kernel = new Kernel(kernelOptions({ checked }));
      for (const dictionary of DICTIONARIES) {
        const expected = new Map<string, number>();
        if (dictionary === L.DICTIONARY_ALARMS) expected.set('*', L.ALARM_ALL);
        for (const name of all) {
          let index = kernel.intern(dictionary, name);
          while (index === 0) {
            kernel = grow(kernel);
            index = kernel.intern(dictionary, name);
          }
          if (!expected.has(name)) expected.set(name, expected.size + 1);
          if (index !== expected.get(name)) expect({ name, index }).toEqual(expected.get(name));
        }
        expect(kernel.nameCount(dictionary)).toBe(expected.size);
        const back = Array.from(expected.values(), (index) => kernel.name(dictionary, index));
        expect(back).toEqual([...expected.keys()]);
      }
    });
    fc.assert(property, RUNS);
  });
});

describe.each(BUILDS)('ids of the host ($build)', ({ checked }) => {
  it('stand in the columns in the place of indices', async () => {
    const run = new KernelRun({ checked, aliases: [['port', 'B']] });
    const { kernel } = run.fold;
    const at = { line: 'A', alarm: 'LOS', cause: 'card' };
    await run.columns([{ kind: 'event', event: { ...at, time: 1, state: 'down' } }]);
    const index = (dictionary: number, name: string): number => kernel.intern(dictionary, name);
    kernel.calls.setStoreId(L.DICTIONARY_KEYS, index(L.DICTIONARY_KEYS, 'A'), 77);
    kernel.calls.setStoreId(L.DICTIONARY_ALARMS, index(L.DICTIONARY_ALARMS, 'LOS'), 88);
    kernel.calls.setStoreId(L.DICTIONARY_CAUSES, index(L.DICTIONARY_CAUSES, 'card'), 99);
    kernel.calls.read(5, kernel.nameCount(L.DICTIONARY_KEYS));
    expect(kernel.foundCount(L.KIND_INTERRUPTION)).toBe(1);
    kernel.calls.resolve(L.KIND_INTERRUPTION);
    const columns = [L.FOUND_LINE, L.FOUND_ALARM, L.FOUND_CAUSE];
    const found = columns.map((column) => {
      return kernel.u32[kernel.foundColumn(L.KIND_INTERRUPTION, column) / 4];
    });
    expect(found).toEqual([77, 88, 99]);
    expect(kernel.calls.takeChanged()).toBe(1);
    const open = [L.OPEN_LINE, L.OPEN_ALARM, L.OPEN_CAUSE].map((column) => {
      return kernel.u32[kernel.openColumn(column) / 4];
    });
    expect(open).toEqual([77, 88, 99]);
  });
});
