// Everything that decodes by a mapping, by name: each must give what is expected of a text.

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { compileMapping } from '../../src/mapping/compile.js';
import { presetFile } from '../../src/mapping/format.js';
import type { ModelEvent } from '../model.js';
import { zoneOffsets } from '../../src/config/zone.js';
import { Decoder, expectDecoded } from '../kernel/decoding.js';
import { tableDecode } from './table.js';
import { twinDecode } from './twin.js';
import type { MappedItem, MapOptions } from './values.js';

/**
 * Throws unless a text, read by a mapping's YAML words, gives the items; skipped ones in any place.
 */
export type MappingCheck = (
  words: string,
  bytes: Uint8Array,
  items: readonly MappedItem[],
  options?: MapOptions,
) => void;

/** Room for any text of these tests. */
const INBOX_BYTES = 1 << 17;
/** Every table stops and grows all the time. */
const SMALL_TABLES = { inboxBytes: INBOX_BYTES, lines: 2, names: 2, events: 2 };

/** The decoders. */
export const CHECKS: Readonly<Record<string, MappingCheck>> = {
  'the twin': (words, bytes, items, options = {}) => {
    expect(skippedLast(twinDecode(words, bytes, options))).toEqual(skippedLast(items));
  },
  'the kernel': checkKernel({ checked: false }),
  'the checked kernel, small': checkKernel({ checked: true, small: true }),
  'the compiled table': (words, bytes, items, options = {}) => {
    const { table } = compileMapping(words, 'test.yaml', false);
    expect(skippedLast(tableDecode(table, bytes, options))).toEqual(skippedLast(items));
  },
};

/** The check of a kernel: the text is one record, or a file; a small one stops and grows all the time. */
function checkKernel({
  checked,
  small = false,
}: {
  checked: boolean;
  small?: boolean;
}): MappingCheck {
  return (words, bytes, items, { file = false, timeZone } = {}) => {
    const decoder = new Decoder({
      checked,
      mapping: compileMapping(words, 'test.yaml', false),
      zone: timeZone === undefined ? [] : zoneOffsets(timeZone),
      capacities: small ? SMALL_TABLES : { inboxBytes: INBOX_BYTES, events: 500 },
    });
    const rows = file ? decoder.stream([bytes]) : decoder.frames([bytes]);
    const left = items.flatMap((item) => (item.kind === 'skipped' ? [] : [item]));
    expectDecoded(rows, left, file ? 'byte' : 0);
    expect(decoder.skipped).toBe(items.length - left.length);
  };
}

/** The items of one object that is the whole text: its events, and records that are no alarm. */
export function itemsOf(
  bytes: Uint8Array,
  events: readonly ModelEvent[],
  skipped: number,
): MappedItem[] {
  const text = Buffer.from(bytes).toString('utf8');
  const at = Buffer.byteLength(text) - Buffer.byteLength(text.trimStart());
  const place = { at, end: Buffer.byteLength(text.trimEnd()) };
  return [
    ...events.map((event) => ({ kind: 'event' as const, ...place, event })),
    ...Array.from({ length: skipped }, () => ({ kind: 'skipped' as const, ...place })),
  ];
}

/** The words of a preset. */
export function presetWords(name: string): string {
  return readFileSync(presetFile(name), 'utf8');
}

function skippedLast(items: readonly MappedItem[]): MappedItem[] {
  const skipped = items.filter(({ kind }) => kind === 'skipped');
  return [...items.filter(({ kind }) => kind !== 'skipped'), ...skipped];
}
