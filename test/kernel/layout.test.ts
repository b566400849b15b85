// The constants of assembly/layout.ts against the kernel's own records: the order of the fields of
// its @unmanaged classes, what it really writes where, and the rows that tables' columns add up to.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.js';
import { MAPPING_BYTES_MAX, MAPPING_REGION_BYTES } from '../../assembly/mapping-layout.js';
import type { Step } from '../judge/scenario.js';
import { BUILDS, KernelRun } from './run.js';

const SIZES: Readonly<Record<string, number>> = {
  i64: 8,
  f64: 8,
  u32: 4,
  i32: 4,
  usize: 4,
  u16: 2,
  u8: 1,
};
const CONSTANTS: Readonly<Record<string, number>> = L;

/** The fields of an @unmanaged class with the offsets that AssemblyScript gives them. */
function fieldsOf(file: string, name: string): { offsets: Map<string, number>; size: number } {
  const source = readFileSync(new URL(`../../assembly/${file}`, import.meta.url), 'utf8');
  const body = new RegExp(`@unmanaged\\n(?:export )?class ${name} \\{([^}]*)\\}`).exec(source)![1];
  const offsets = new Map<string, number>();
  let [end, alignment] = [0, 1];
  for (const [, field, type] of body.matchAll(/^ {2}(\w+): (\w+);$/gm)) {
    const bytes = SIZES[type];
    alignment = Math.max(alignment, bytes);
    const offset = Math.ceil(end / bytes) * bytes;
    offsets.set(field, offset);
    end = offset + bytes;
  }
  return { offsets, size: Math.ceil(end / alignment) * alignment };
}

/** An event of one alarm of line A. */
function event(time: number, state: 'down' | 'up', cause?: string): Step {
  return { kind: 'event', event: { line: 'A', time, state, alarm: 'LOS', cause } };
}

/** 44032 -> 44,032 */
function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

/** outageEnd -> OUTAGE_END */
function upperSnake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

describe('records', () => {
  it.each([
    ['lines.ts', 'Line', 'LINE', []],
    ['episode.ts', 'Episode', 'EPISODE', []],
    ['alarms.ts', 'Alarm', 'ALARM', []],
    ['history.ts', 'History', 'HISTORY', []],
    ['interruption.ts', 'Pending', 'PENDING', []],
    ['rules.ts', 'FlapRule', 'FLAP', []],
  ] as const)('%s: class %s is laid out as %s_...', (file, name, prefix, unnamed) => {
    const { offsets, size } = fieldsOf(file, name);
    expect(offsets.size).toBeGreaterThan(1);
    for (const [field, offset] of offsets) {
      if ((unnamed as readonly string[]).includes(field)) continue;
      expect(CONSTANTS[`${prefix}_${upperSnake(field)}`], field).toBe(offset);
    }
    expect(CONSTANTS[`${prefix}_SIZE`]).toBe(size);
  });

  const [ANY, DETECTOR] = ['', 'DETECTOR'];
  it.each([
    ['rules.ts', 'RuleSet', ANY, 'RULE'],
    ['hooks.ts', 'Detector', ANY, 'DETECTOR'],
    ['window.ts', 'WindowRules', DETECTOR, 'WINDOW'],
    ['window.ts', 'WindowState', ANY, 'WINDOW'],
    ['penalty.ts', 'PenaltyRules', DETECTOR, 'PENALTY'],
    ['penalty.ts', 'PenaltyState', ANY, 'PENALTY'],
    ['weighted.ts', 'WeightedRules', DETECTOR, 'WEIGHTED'],
    ['weighted.ts', 'WeightedState', ANY, 'WEIGHTED'],
    ['transient.ts', 'TransientRules', DETECTOR, 'TRANSIENT'],
    ['transient.ts', 'TransientState', ANY, 'TRANSIENT'],
  ])('%s: class %s begins with its head %s and goes on as %s_...', (file, name, head, prefix) => {
    const { offsets } = fieldsOf(file, name);
    expect(offsets.size).toBeGreaterThan(0);
    for (const [field, offset] of offsets) {
      const inHead = head !== ANY && offset < CONSTANTS[`${head}_COMMON`];
      expect(CONSTANTS[`${inHead ? head : prefix}_${upperSnake(field)}`], field).toBe(offset);
    }
  });

  it('a line’s record is one cache line', () => {
    expect(L.LINE_SIZE).toBe(64);
  });

  it.each(BUILDS)('the kernel writes a line where the constants say ($build)', async (build) => {
    const run = new KernelRun(build);
    const second = 1000;
    await run.columns([event(5, 'down'), event(100 * second, 'up')]);
    await run.columns([event(200 * second, 'down', 'card'), event(201 * second, 'down')], 2);
    run.takeOpen();
    const { sections } = run.copyState();
    const record = Buffer.from(sections[L.SECTION_LINES].subarray(L.LINE_SIZE));
    const long = (offset: number): number => Number(record.readBigInt64LE(offset));
    expect([L.LINE_EFFECTIVE, L.LINE_TRANSITION, L.LINE_START].map(long)).toEqual([
      201 * second,
      200 * second,
      200 * second,
    ]);
    expect([L.LINE_OUTAGE_END, L.LINE_FIRST].map(long)).toEqual([100 * second, 2]);
    const words = [L.LINE_N, L.LINE_ALARMS, L.LINE_CAUSE, L.LINE_STORE_ID, L.LINE_ALARM];
    expect(words.map((offset) => record.readUInt32LE(offset))).toEqual([2, 1, 1, 1, 2]);
    const flags = L.FLAG_SEEN | L.FLAG_DOWN | (2 << L.FLAG_STARTS_SHIFT);
    expect(record.readUInt32LE(L.LINE_FLAGS)).toBe(flags);
    const alarm = Buffer.from(sections[L.SECTION_ALARMS].subarray(L.ALARM_SIZE));
    const alarmWords = [L.ALARM_KEY, L.ALARM_NAME, L.ALARM_NEXT];
    expect(alarmWords.map((offset) => alarm.readUInt32LE(offset))).toEqual([1, 2, 0]);
  });

  it.each(BUILDS)(
    'the kernel writes an episode where the constants say ($build)',
    async (build) => {
      const run = new KernelRun(build);
      const steps = Array.from({ length: 12 }, (_, i) => {
        const state = i % 2 === 0 ? 'down' : 'up';
        return { kind: 'event', event: { line: 'A', time: 10 + i, state } } as const;
      });
      await run.columns(steps);
      const kept = run.copyState().sections[L.SECTION_STARTS];
      const episode = Buffer.from(kept.subarray(kept.length / 2));
      expect(Number(episode.readBigInt64LE(L.EPISODE_AT))).toBe(16);
      expect(Number(episode.readBigInt64LE(L.EPISODE_SINCE))).toBe(10);
      expect(episode.readUInt32LE(L.EPISODE_COUNT)).toBe(6);
      expect(episode.readUInt32LE(L.EPISODE_RULE)).toBe(1);
    },
  );
});

/** The columns of each table in their order, by the bytes of a value. */
const TABLES: [prefix: string, columns: [bytes: number, names: string][]][] = [
  [
    'FRAME',
    [
      [8, 'OFFSET TIME'],
      [4, 'START LENGTH'],
    ],
  ],
  [
    'EVENT',
    [
      [8, 'TIME POSITION'],
      [4, 'TARGET KEY ALARM CAUSE STATE'],
    ],
  ],
  [
    'REJECT',
    [
      [8, 'POSITION AHEAD'],
      [4, 'REASON AT FROM LINE FRAME'],
    ],
  ],
  [
    'FOUND',
    [
      [8, 'FROM UNTIL AT FIRST LAST'],
      [4, 'LINE N CAUSE ALARM RULE ORDINAL'],
    ],
  ],
  [
    'OPEN',
    [
      [8, 'EFFECTIVE TRANSITION START OUTAGE_END FIRST AT SINCE ENDS'],
      [8, 'OUTAGE_AFTER REPEAT ENDED LAST MERGE RAISED STALE_AFTER CORRECTION'],
      [4, 'LINE N CAUSE ALARM RULE COUNT'],
      [1, 'DOWN UNKNOWN EPISODE UNCERTAIN'],
    ],
  ],
  [
    'CHATTER',
    [
      [8, 'RAISED AT INVERSE'],
      [4, 'LINE KEY ALARM COUNT CHATTERED'],
    ],
  ],
  [
    'OPEN_EPISODE',
    [
      [8, 'AT SINCE ENDS'],
      [4, 'LINE RULE COUNT FORM'],
    ],
  ],
];

describe('columns', () => {
  it.each(TABLES)('%s: a row is the sum of its columns', (prefix, groups) => {
    const columns = groups.flatMap(([bytes, names]) => {
      return names.split(' ').map((name) => ({ name, bytes }));
    });
    let end = 0;
    for (const { name, bytes } of columns) {
      expect(CONSTANTS[`${prefix}_${name}`], name).toBe(end);
      expect(end % bytes, `${name} is aligned for any capacity`).toBe(0);
      end += bytes;
    }
    const row = CONSTANTS[`${prefix}_ROW`];
    expect(row).toBeGreaterThanOrEqual(end);
    expect(row - end).toBeLessThan(4);
  });

  it.each(BUILDS)('every region begins at a cache line ($build)', (build) => {
    const { kernel } = new KernelRun({ ...build, capacities: { events: 17, findings: 13 } });
    for (let id = 0; id < L.REGIONS; id++) expect(kernel.region(id) % 64).toBe(0);
  });
});

describe('the memory map of assembly/README.md', () => {
  const text = readFileSync(new URL('../../assembly/README.md', import.meta.url), 'utf8');

  it.each([
    ['control', `${L.CTL_SLOTS} × 8`],
    ['scratch', grouped(L.SCRATCH_BYTES)],
    ['mapping', grouped(MAPPING_REGION_BYTES)],
    ['mapping', grouped(MAPPING_BYTES_MAX)],
    ['zone', `${grouped(L.ZONE_ENTRIES_MAX)} × 16`],
    ['rules', `${L.RULE_SETS} × ${L.RULE_SET_SIZE} + ${L.DETECTORS_MAX} × ${L.DETECTOR_SIZE}`],
    ['sections', `${L.SECTIONS} × ${L.SECTION_SIZE}`],
    ['frames', `F × ${L.FRAME_ROW}`],
    ['events', `E × ${L.EVENT_ROW}`],
    ['rejects', `${grouped(L.REJECTS_CAPACITY)} × ${L.REJECT_ROW}`],
    ['findings', `${L.KINDS} × R × ${L.FOUND_ROW}`],
    ['open', `${grouped(L.OPEN_CAPACITY)} × ${L.OPEN_ROW}`],
    ['open episodes', `${grouped(L.OPEN_CAPACITY)} × ${L.OPEN_EPISODE_ROW}`],
    ['lines', `(N + 1) × ${L.LINE_SIZE}`],
    ['alarms', `(A + 1) × ${L.ALARM_SIZE}`],
    ['aliases', `(B + 1) × ${L.ALIAS_SIZE}`],
    ['pending', `0 or ${L.PENDING_SIZE}`],
    ['histories', `0, ${L.HISTORY_RAISED_SIZE} or ${L.HISTORY_SIZE}`],
    ['chatter', `${grouped(L.CHATTER_CAPACITY)} × ${L.CHATTER_ROW}`],
  ])('%s: %s', (region, size) => {
    const row = new RegExp(`^ ├─ ${region}  .*$`, 'm').exec(text);
    expect(row?.[0]).toContain(size);
  });
});

describe('numbers of the control block', () => {
  it('do not share a slot', () => {
    const slots = Object.entries(CONSTANTS).filter(([name]) => name.startsWith('CTL_'));
    const spans = slots
      .filter(([name]) => !/_(STATE|STATE_END|BATCH_END|SLOTS)$/.test(name))
      .map(([name, slot]) => ({ name, slot }))
      .toSorted((a, b) => a.slot - b.slot);
    expect(new Set(spans.map(({ slot }) => slot)).size).toBe(spans.length);
    const end = (slot: number): number => spans.find((each) => each.slot > slot)!.slot;
    expect(end(L.CTL_FOUND) - L.CTL_FOUND).toBeGreaterThanOrEqual(L.KINDS);
    expect(L.CTL_STATE_END - L.CTL_NAMED).toBeGreaterThanOrEqual(L.DICTIONARIES);
    const options = spans.filter(({ slot }) => slot < L.CTL_STATE);
    expect(options.length).toBeGreaterThan(15);
    expect(spans.at(-1)!.slot).toBeLessThan(L.CTL_SLOTS);
  });
});
