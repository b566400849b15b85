// Control records: each kind does its own thing and nothing else, in order; they are kept and read back
// as they were; a start with the same configuration adds none.

import { describe, expect, it } from 'vitest';
import { DEFAULT_RULES, type LineClass, type Rules } from '../../src/config/rules.js';
import { type ControlCalls, applyControl } from '../../src/pipeline/apply-control.js';
import { type Configured, configuredChanges, firstChanges } from '../../src/pipeline/configured.js';
import { classifier } from '../../src/records/line-classes.js';
import { bringInNow } from '../../src/records/import.js';
import type { RecordRow } from '../../src/records/values.js';
import {
  type ControlChange,
  type ControlRecord,
  aliasesInForce,
  nextSeq,
  readControl,
  rulesOfPayload,
  writeControl,
} from '../../src/store/control.js';
import { RuleBook } from '../../src/store/rule-book.js';
import { type Store, openStore } from '../../src/store/store.js';

const row = (line: string, more: RecordRow = {}): RecordRow => ({ line, ...more });

/** Puts records of lines into a store, in place of those before. */
async function recordLines(store: Store, rows: readonly RecordRow[]): Promise<void> {
  const records = { kind: 'lines' as const, source: 'test', rows, bad: [], badRows: [] };
  await bringInNow(store, [{ ...records, isIncomplete: false }], { fromMs: 1 });
}

const lineClass = (name: string, match: LineClass['match']): LineClass => ({
  name,
  match,
  rules: { ...DEFAULT_RULES, quietMs: 60_000 },
});

/** A fold that only says what it was asked for. */
function asked(): { said: string[]; calls: ControlCalls } {
  const said: string[] = [];
  const say = async (...words: unknown[]): Promise<void> => void said.push(words.join(' '));
  const calls: ControlCalls = {
    changeRules: (rules) => say('rules', rules.quietMs),
    resetLine: (line) => say('reset', line),
    setClass: (line, index) => say('class', line, index),
    addAlias: (key, line) => say('add', key, line),
    endAlias: (key, line) => say('end', key, line),
    setMapping: (text) => say('mapping', text),
  };
  return { said, calls };
}

const RESET: ControlChange = { kind: 'reset', line: 'x', by: 'Li', why: 'card', requestedMs: 5 };
const CHANGES: readonly ControlChange[] = [
  { kind: 'rules', rules: { ...DEFAULT_RULES, quietMs: 7 } },
  RESET,
  {
    kind: 'alias',
    end: [['k', 'a']],
    add: [
      ['k', 'b'],
      ['k', '线路'],
    ],
  },
  { kind: 'class', index: 2, name: 'vpn', lines: ['a', 'b'] },
  { kind: 'mapping', text: 'records: []' },
  { kind: 'mapping', text: null },
];

describe('a control record', () => {
  it('of each kind asks for its own, in order', async () => {
    const { said, calls } = asked();
    for (const change of CHANGES) await applyControl(change, calls);
    expect(said).toEqual([
      'rules 7',
      'reset x',
      'end k a',
      'add k b',
      'add k 线路',
      'class a 2',
      'class b 2',
      'mapping records: []',
      'mapping ',
    ]);
  });

  it('is read back as it was written, by log, position and order', async () => {
    const store = await openStore(':memory:');
    const records = CHANGES.map((change, i): ControlRecord => ({
      log: i < 2 ? 1 : 0,
      position: i % 2,
      seq: i,
      change,
    }));
    for (const record of records) await writeControl(store.writer, 3, record);
    await writeControl(store.writer, 4, { log: 0, position: 0, seq: 0, change: RESET });
    const ordered = records.toSorted(
      (a, b) => a.log - b.log || a.position - b.position || a.seq - b.seq,
    );
    expect(await readControl(store.writer, 3, { from: null })).toEqual(ordered);
    expect(await readControl(store.writer, 3, { from: { log: 1, position: 1 } })).toEqual([
      records[1],
    ]);
    expect(await nextSeq(store.writer, 3, 0)).toBe(6);
    expect(await nextSeq(store.writer, 3, 9)).toBe(0);
    store.close();
  });

  it('of rules from the first stores is complete, and checks no skew', () => {
    const { flap, quietMs, outageMs, repeatMs } = DEFAULT_RULES;
    const former = JSON.stringify({ flap, quietMs, outageMs, repeatMs });
    expect(rulesOfPayload(former)).toEqual({ ...DEFAULT_RULES, maxSkewMs: null });
  });
});

const rows = [row('a'), row('b', { bandwidth_kbps: 2048 })];

describe('classes of lines', () => {
  const classes = [
    lineClass('vpn', { product: ['VPN', 'IPLC'], international: ['true'] }),
    lineClass('fast', { bandwidth_kbps: ['2048'] }),
  ];

  it('go by all columns, the first class that matches', () => {
    const classify = classifier(classes);
    expect(classify(row('a', { product: 'IPLC', international: true, bandwidth_kbps: 2048 }))).toBe(
      1,
    );
    expect(classify(row('a', { product: 'IPLC', international: false }))).toBe(0);
    expect(classify(row('a', { product: 'IPLC' }))).toBe(0);
    expect(classify(row('a', { bandwidth_kbps: 2048 }))).toBe(2);
    expect(classifier([])(row('a'))).toBe(0);
  });

  it('become records of what changes only', async () => {
    const store = await openStore(':memory:');
    const configured = async (...next: LineClass[]): Promise<ControlChange[]> => {
      const wanted = { rules: { ...DEFAULT_RULES, classes: next } };
      const changes = await configuredChanges(store.writer, 1, wanted);
      const seq = await nextSeq(store.writer, 1, 0);
      for (const [i, change] of changes.entries()) {
        await writeControl(store.writer, 1, { log: 0, position: 0, seq: seq + i, change });
      }
      return changes.filter(({ kind }) => kind === 'class');
    };
    await recordLines(store, [
      row('a', { bandwidth_kbps: 2048 }),
      row('b', { product: 'VPN', international: true }),
      row("c'", { bandwidth_kbps: 2048 }),
      row('d'),
    ]);
    expect(await configured(...classes)).toEqual([
      { kind: 'class', index: 2, name: 'fast', lines: ['a', "c'"] },
      { kind: 'class', index: 1, name: 'vpn', lines: ['b'] },
    ]);
    expect(await configured(...classes)).toEqual([]);
    // A line that has left the records has no class any more.
    await recordLines(store, [row('a', { product: 'VPN', international: true })]);
    expect(await configured(...classes)).toEqual([
      { kind: 'class', index: 1, name: 'vpn', lines: ['a'] },
      { kind: 'class', index: 0, name: null, lines: ['b', "c'"] },
    ]);
    expect(await configured()).toEqual([{ kind: 'class', index: 0, name: null, lines: ['a'] }]);
    expect(await configured()).toEqual([]);
    store.close();
  });

  it('and aliases stand at the beginning of a fold without a store', () => {
    const wanted: Configured = { rules: { ...DEFAULT_RULES, classes }, aliases: [['k', 'a']] };
    expect(firstChanges(wanted, rows)).toEqual([
      { kind: 'alias', end: [], add: [['k', 'a']] },
      { kind: 'class', index: 2, name: 'fast', lines: ['b'] },
    ]);
  });
});

describe('aliases', () => {
  it('end and begin as the file changes; the others stay', async () => {
    const store = await openStore(':memory:');
    const configured = async (aliases: Configured['aliases']): Promise<ControlChange[]> => {
      const changes = await configuredChanges(store.writer, 1, { rules: DEFAULT_RULES, aliases });
      const seq = await nextSeq(store.writer, 1, 0);
      for (const [i, change] of changes.entries()) {
        await writeControl(store.writer, 1, { log: 0, position: 9, seq: seq + i, change });
      }
      return changes.filter(({ kind }) => kind === 'alias');
    };
    await configured([
      ['k', 'a'],
      ['k', 'b'],
    ]);
    expect(
      await configured([
        ['k', 'b'],
        ['k', 'c'],
      ]),
    ).toEqual([
      { kind: 'alias', end: [['k', 'a']], add: [] },
      { kind: 'alias', end: [], add: [['k', 'c']] },
    ]);
    expect(
      await configured([
        ['k', 'c'],
        ['k', 'b'],
      ]),
    ).toEqual([]);
    expect([...(await aliasesInForce(store.writer, 1)).values()]).toEqual([
      ['k', 'b'],
      ['k', 'c'],
    ]);
    store.close();
  });
});

describe('the book of rules', () => {
  it('gives an id to each detector and words, once', async () => {
    const store = await openStore(':memory:');
    const book = await RuleBook.load(store.writer);
    const detector = { shadow: false, classes: [] };
    const rules: Rules = {
      ...DEFAULT_RULES,
      classes: [{ ...lineClass('vpn', { product: ['x'] }) }],
      detectors: [
        {
          kind: 'window',
          name: 'strict',
          ...detector,
          flap: [
            { starts: 4, windowMs: 600_000 },
            { starts: 2, windowMs: 1_000 },
          ],
          quietMs: 1,
        },
        { kind: 'weighted', name: 'w', ...detector, form: 'icinga', high: 30, low: 25, quietMs: 1 },
      ],
    };
    // The class has the same words as lines without one: the same ids.
    const ids = { flap: [1, 2, 1, 2], detectors: [[3, 4], [5]] };
    expect(await book.store(store.writer, rules)).toEqual(ids);
    const again = await RuleBook.load(store.writer);
    expect(again.idsOf(rules)).toEqual({ ids, added: [] });
    expect(again.ruleOf(3)).toEqual({ detector: 'strict', words: '4 in 10m' });
    expect(again.ruleOf(5)).toEqual({ detector: 'w', words: 'weighted' });
    store.close();
  });
});
