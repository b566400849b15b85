// At a limit: an object is rejected with its reason, nothing traps, nothing is lost, and everything
// else goes on. Each limit of the kernel has its test here.

import { describe, expect, it } from 'vitest';
import * as L from '../../assembly/layout.js';
import { FlaplineError } from '../../src/config/errors.js';
import { DEFAULT_CAPACITIES, Kernel } from '../../src/kernel/kernel.js';
import { DEFAULT_LIMITS } from '../../src/config/limits.js';
import type { Step } from '../judge/scenario.js';
import type { ModelEvent } from '../model.js';
import { BUILDS, KernelRun, kernelOptions } from './run.js';

const LINES_MAX = 'one line or key more than linesMax or keyBytesMax allows';
const NAMES_MAX = 'one alarm or cause more than namesMax allows';
const ALARMS_MAX = 'one active alarm more than alarmsMax or alarmsPerLineMax allows';
const TOO_LONG = 'longer than the inbox: raise objectBytesMax';
const TRUNCATED = 'the text ends inside an object or array';

function event(line: string, time: number, more: Partial<ModelEvent> = {}): ModelEvent {
  return { line, time, state: 'down', ...more };
}

function raise(line: string, time: number, alarm: string): ModelEvent {
  return event(line, time, { alarm });
}

/** An event with a member of arrays and objects in turn, `pairs` of them. */
function nested(pairs: number): string {
  const value = '[{"x":'.repeat(pairs) + '0' + '}]'.repeat(pairs);
  return `{"line":"A","time":1,"state":"down","x":${value}}`;
}

function textOf(events: readonly object[]): Uint8Array {
  return Buffer.from(events.map((each) => `${JSON.stringify(each)}\n`).join(''));
}

/** Lines with the number of their interruptions, as the open state tells. */
function countsOf(run: KernelRun): Record<string, number> {
  run.takeOpen();
  return Object.fromEntries([...run.open].map(([line, { n }]) => [line, n]));
}

function reasonsOf(run: KernelRun): string[] {
  return run.rejects.map(({ reason }) => reason);
}

describe.each(BUILDS)('rows of rejects ($build)', ({ checked }) => {
  it('are taken before more are refused than there are rows for', async () => {
    const events = Array.from({ length: L.REJECTS_CAPACITY }, (_, i) => event(`N${i}`, i));
    const capacities = { inboxBytes: 1 << 17, events: 4096, findings: 64 };
    const run = new KernelRun({ checked, capacities, limits: { linesMax: 1 } });
    const text = Buffer.concat([
      textOf([event('A', 0), ...events]),
      Buffer.from('{"line":"A"}\n'.repeat(3)),
    ]);
    await run.stream([text]);
    expect(run.rejects).toHaveLength(L.REJECTS_CAPACITY + 3);
    expect(reasonsOf(run).filter((reason) => reason === LINES_MAX)).toHaveLength(
      L.REJECTS_CAPACITY,
    );
    expect(run.kernel.control[L.CTL_REJECTED]).toBe(L.REJECTS_CAPACITY + 3);
  });

  it('hold an object once, though its line is refused too', async () => {
    const run = new KernelRun({ checked, limits: { linesMax: 1 } });
    await run.stream([Buffer.from('{"line":"A","time":1,"state":"up"}\n{"line":"B","time":1}\n')]);
    expect(reasonsOf(run)).toEqual(['no "state"']);
  });

  it('do not depend on pieces where names fill what they may', async () => {
    const text = textOf(Array.from({ length: 100 }, (_, i) => event(`line ${i}`, i)));
    const capacities = { lines: 8, keyBytes: 4096, inboxBytes: 1 << 14 };
    const run = new KernelRun({ checked, capacities, limits: { keyBytesMax: 4096 } });
    await run.stream([text]);
    expect(reasonsOf(run)).toEqual([]);
    expect(run.fold.linesSeen).toBe(100);
  });
});

describe.each(BUILDS)('lines and names ($build)', ({ checked }) => {
  const five = ['A', 'B', 'C', 'D', 'A'].map((line, i) => event(line, i));

  it.each([
    ['the capacity', { lines: 3 }],
    ['less than the first capacity', { lines: 8 }],
    ['more than the first capacity', { lines: 2 }],
  ])('linesMax is %s', async (_, capacities) => {
    const run = new KernelRun({ checked, capacities, limits: { linesMax: 3 } });
    await run.stream([textOf(five)]);
    expect(reasonsOf(run)).toEqual([LINES_MAX]);
    expect(run.rejects[0].position).toBe(textOf(five.slice(0, 3)).length);
    expect(countsOf(run)).toEqual({ A: 1, B: 1, C: 1 });
    expect(run.kernel.control[L.CTL_DUPLICATES]).toBe(1);
  });

  it('linesMax holds when something else grows', async () => {
    const limits = { linesMax: 4 };
    const run = new KernelRun({ checked, capacities: { lines: 4, alarms: 1 }, limits });
    const lines = ['A', 'B', 'C', 'D'];
    const named = lines.flatMap((line) => [...'vwxyz'].map((alarm) => event(line, 1, { alarm })));
    for (const each of named) await run.stream([textOf([each])]);
    await run.stream([textOf([event('E', 2), event('F', 3), ...five.slice(0, 4)])]);
    expect(reasonsOf(run)).toEqual([LINES_MAX, LINES_MAX]);
    expect(countsOf(run)).toEqual({ A: 1, B: 1, C: 1, D: 1 });
  });

  it('keyBytesMax', async () => {
    const limits = { keyBytesMax: 2000 };
    const run = new KernelRun({ checked, capacities: { keyBytes: 600 }, limits });
    const lines = Array.from({ length: 12 }, (_, i) => String(i).padEnd(250, '-'));
    await run.stream([textOf([...lines, lines[0]].map((line) => event(line, 1)))]);
    expect(reasonsOf(run)).toEqual(Array(5).fill(LINES_MAX));
    expect(Object.keys(countsOf(run)).length).toBe(7);
  });

  it('a key too many leaves its line unknown', async () => {
    const run = new KernelRun({ checked, capacities: { lines: 2 }, limits: { linesMax: 2 } });
    const events = [event('A', 1, { key: 'k' }), event('A', 2, { key: 'k2' }), event('A', 5)];
    await run.stream([textOf(events)]);
    expect(reasonsOf(run)).toEqual([LINES_MAX]);
    expect(run.unknown).toEqual([{ line: 'A', from: 1, until: 5, stale: false }]);
  });

  it.each([
    ['alarms', 'alarm'],
    ['causes', 'cause'],
  ] as const)('namesMax of %s', async (_, field) => {
    const run = new KernelRun({ checked, capacities: { names: 2 }, limits: { namesMax: 4 } });
    const named = ['a', 'b', 'c', 'd', 'e', 'a'].map((name, i) => event('A', i, { [field]: name }));
    await run.stream([textOf(named)]);
    // `*` is a name too, always there.
    const most = field === 'alarm' ? 3 : 4;
    expect(reasonsOf(run)).toEqual(Array(5 - most).fill(NAMES_MAX));
    expect(run.kernel.control[L.CTL_EVENTS_APPLIED]).toBe(most + 1);
    expect(run.unknown).toEqual([{ line: 'A', from: most - 1, until: 5, stale: false }]);
  });
});

describe.each(BUILDS)('active alarms ($build)', ({ checked }) => {
  it('alarmsPerLineMax', async () => {
    const run = new KernelRun({ checked, limits: { alarmsPerLineMax: 3 } });
    const events = [
      ...['a', 'b', 'c', 'd', 'b'].map((alarm, i) => raise('A', i + 1, alarm)),
      raise('B', 3, 'd'),
      event('A', 6, { alarm: 'a', state: 'up' }),
      raise('A', 7, 'd'),
      event('A', 8, { alarm: '*', state: 'up' }),
    ];
    await run.stream([textOf(events)]);
    expect(reasonsOf(run)).toEqual([ALARMS_MAX]);
    expect(run.rejects[0].position).toBe(textOf(events.slice(0, 3)).length);
    expect(run.unknown).toEqual([{ line: 'A', from: 3, until: 5, stale: false }]);
    expect(run.findings).toEqual([
      { kind: 'interruption', line: 'A', start: 1, end: 8, class: 'momentary', n: 1 },
    ]);
    expect(run.kernel.control[L.CTL_ALARMS_ACTIVE]).toBe(1);
  });

  it.each([
    ['the capacity', 4],
    ['less than the first capacity', 9],
    ['more than the first capacity', 2],
  ])('alarmsMax is %s', async (_, alarms) => {
    const run = new KernelRun({ checked, capacities: { alarms }, limits: { alarmsMax: 4 } });
    const lines = ['A', 'B', 'C', 'D', 'E', 'F'];
    const raises = lines.map((line, i) => raise(line, i, 'x'));
    const clear = event('A', 10, { alarm: 'x', state: 'up' });
    await run.stream([textOf([...raises, clear, raise('F', 11, 'x'), event('E', 12)])]);
    expect(reasonsOf(run)).toEqual([ALARMS_MAX, ALARMS_MAX]);
    expect(countsOf(run)).toEqual({ A: 1, B: 1, C: 1, D: 1, E: 1, F: 1 });
    expect(run.unknown).toEqual([
      { line: 'F', from: -1, until: 11, stale: false },
      { line: 'E', from: -1, until: 12, stale: false },
    ]);
  });

  it('rejects of both stages come in the order of the log', async () => {
    const run = new KernelRun({ checked, limits: { alarmsPerLineMax: 1 } });
    await run.stream([textOf([raise('A', 1, 'a'), raise('A', 2, 'b'), { line: 'A' }, {}])]);
    const positions = run.rejects.map(({ position }) => position);
    expect(positions.length).toBe(3);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  });

  it('more rejects than the columns take, from either stage', async () => {
    const count = 2 * L.REJECTS_CAPACITY + 7;
    const run = new KernelRun({
      checked,
      limits: { alarmsPerLineMax: 1 },
      capacities: { events: 3 * L.REJECTS_CAPACITY, inboxBytes: 1 << 20 },
    });
    const refused = Array.from({ length: count }, (_, i) => raise('A', i, i % 9 === 0 ? 'x' : 'y'));
    await run.stream([textOf(refused)]);
    expect(run.rejects.length).toBe(refused.filter(({ alarm }) => alarm === 'y').length);
    await run.stream([Buffer.from('[] ]\n'.repeat(count))]);
    await run.frames(Array<null>(count).fill(null));
    expect(run.rejects.length).toBe(run.kernel.control[L.CTL_REJECTED]);
    expect(reasonsOf(run).filter((reason) => reason !== ALARMS_MAX).length).toBe(2 * count);
  });
});

describe.each(BUILDS)('sizes ($build)', ({ checked }) => {
  const long = { ...event('A', 1), more: 'x'.repeat(400) };
  const capacities = { inboxBytes: 300 };

  it('an object longer than the inbox is rejected, and the next text line is read', async () => {
    const run = new KernelRun({ checked, capacities });
    await run.stream([textOf([event('A', 1), long, event('B', 2), {}])]);
    expect(reasonsOf(run)).toEqual([TOO_LONG, 'no "line"']);
    expect(run.rejects.map(({ position }) => position)).toEqual([
      textOf([event('A', 1)]).length,
      textOf([event('A', 1), long, event('B', 2)]).length,
    ]);
    expect(run.rejects[1].place).toMatch(/^line 4,/);
    expect(countsOf(run)).toEqual({ A: 1, B: 1 });
  });

  it('text lines inside it are counted', async () => {
    const run = new KernelRun({ checked, capacities });
    const spread = Buffer.from(`{"x":[\n\n\n${'1,'.repeat(200)}1]}\n`);
    await run.stream([Buffer.concat([spread, textOf([{}])])]);
    expect(reasonsOf(run)).toEqual([TOO_LONG, 'no "line"']);
    expect(run.rejects[1].place).toMatch(/^line 5,/);
  });

  it('an object that just fits is read', async () => {
    const run = new KernelRun({ checked, capacities });
    const empty = { ...event('A', 1), more: '' };
    const bytes = 300 - JSON.stringify(empty).length;
    for (const more of [bytes - 1, bytes]) {
      await run.stream([textOf([{ ...empty, more: 'x'.repeat(more) }])]);
    }
    expect(run.rejects).toEqual([]);
    expect(run.kernel.control[L.CTL_EVENTS_APPLIED]).toBe(2);
  });

  it('white space and skipped text may be longer than the inbox', async () => {
    const run = new KernelRun({ checked, capacities });
    const space = Buffer.from(' \n'.repeat(1000));
    const broken = Buffer.from(`]${'x'.repeat(2000)}\n`);
    await run.stream([space, textOf([event('A', 1)]), broken, textOf([event('B', 1)]), space]);
    expect(run.rejects.length).toBe(1);
    expect(countsOf(run)).toEqual({ A: 1, B: 1 });
  });

  it('a record longer than the inbox is rejected in its turn, and the next are read', async () => {
    const run = new KernelRun({ checked, capacities });
    const values = [event('A', 1), {}, long, event('B', 2), {}].map((each) => textOf([each]));
    await run.frames(values);
    expect(run.rejects.map(({ position }) => position)).toEqual([1, 2, 4]);
    expect(run.rejects[1].reason).toMatch(/a record of 4\d\d bytes does not fit the inbox of 300/);
    expect(run.kernel.control[L.CTL_REJECTED]).toBe(3);
    expect(countsOf(run)).toEqual({ A: 1, B: 1 });
  });

  it('records without a value are rejected, empty ones hold nothing', async () => {
    const run = new KernelRun({ checked });
    const good = textOf([event('A', 1)]);
    await run.frames([null, new Uint8Array(), good, Buffer.from(' \n'), null, good], 100);
    expect(run.rejects).toEqual([
      expect.objectContaining({ position: 100, reason: 'the record has no value', sample: '' }),
      expect.objectContaining({ position: 104, reason: 'the record has no value', sample: '' }),
    ]);
    expect(run.kernel.control[L.CTL_EVENTS_APPLIED]).toBe(2);
  });

  it(`${L.DEPTH_MAX} levels are read, one more is rejected at its bracket`, async () => {
    const run = new KernelRun({ checked });
    const half = (L.DEPTH_MAX - 2) / 2;
    const fits = nested(half).replace('0', '[]');
    const deeper = nested(half).replace('0', '[[]]');
    await run.stream([Buffer.from([fits, deeper, fits, `[${fits}]`, fits].join('\n'))]);
    const reason = `nested deeper than ${L.DEPTH_MAX} levels`;
    expect(reasonsOf(run)).toEqual([reason, reason]);
    expect(run.rejects[0].place).toBe(`line 2, byte ${deeper.indexOf('[[]]') + 1} of the object`);
    expect(run.kernel.control[L.CTL_EVENTS_APPLIED]).toBe(3);
  });

  it('a name of 256 bytes is read, of 257 rejected, however it is escaped', async () => {
    const run = new KernelRun({ checked });
    const names = ['x'.repeat(256), '线'.repeat(85), '\\u0041'.repeat(256), 'x'.repeat(257)];
    const longer = ['线'.repeat(86), '\\u0041'.repeat(257), '\\u7ebf'.repeat(86)];
    const texts = [...names, ...longer].map((name) => `{"line":"${name}","time":1,"state":"up"}`);
    await run.stream([Buffer.from(texts.join('\n'))]);
    expect(reasonsOf(run)).toEqual(Array(4).fill('"line" must have 1 byte to 256 bytes'));
    run.takeOpen();
    expect(run.lineIds).toEqual([names[0], names[1], 'A'.repeat(256)]);
  });
});

describe.each(BUILDS)('the entrances one after the other ($build)', ({ checked }) => {
  const text = textOf([event('A', 1), event('B', 2), event('A', 3, { state: 'up' })]);

  it('records after a stream', async () => {
    const run = new KernelRun({ checked });
    await run.stream([text, Buffer.from('{"line":')]);
    await run.frames([text, text]);
    expect(reasonsOf(run)).toEqual([TRUNCATED]);
    expect(countsOf(run)).toEqual({ A: 3, B: 1 });
  });

  it('a stream after records', async () => {
    const run = new KernelRun({ checked });
    await run.frames([text, Buffer.concat([text, Buffer.from(']')])]);
    await run.stream([text]);
    expect(run.rejects.length).toBe(1);
    expect(countsOf(run)).toEqual({ A: 3, B: 1 });
  });

  it('columns between records', async () => {
    const run = new KernelRun({ checked });
    const step: Step = { kind: 'event', event: event('C', 1) };
    await run.frames([text]);
    await run.columns([step]);
    await run.frames([text]);
    expect(countsOf(run)).toEqual({ A: 2, B: 1, C: 1 });
  });
});

describe.each(BUILDS)('memory ($build)', ({ checked }) => {
  it('a kernel that does not fit 4 GiB is refused with what to do', () => {
    const capacities = { ...DEFAULT_CAPACITIES, lines: 60_000_000 };
    const limits = { ...DEFAULT_LIMITS, linesMax: 60_000_000 };
    const make = (): Kernel => new Kernel({ ...kernelOptions({ checked }), capacities, limits });
    expect(make).toThrow(FlaplineError);
    expect(make).toThrow(/60000000 lines .* 4 GiB/);
  });
});
