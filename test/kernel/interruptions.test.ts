// Edges of SPEC section 2 around interruptions: mergeGap at exactly g, classes at exactly 60 s of the
// corrected duration, staleness at exactly staleAfter, aliases that end. Every case is judged by the
// kernel (both builds) and by the twin, and both must say what is written here.

import { describe, expect, it } from 'vitest';
import type { Rules } from '../model.js';
import { Both, type Short } from './both.js';
import { BUILDS } from './run.js';

function found(start: number, end: number | null, more: object = {}): object {
  return { kind: 'interruption', line: 'L', start, end, class: 'momentary', n: 1, ...more };
}

describe.each(BUILDS)('mergeGap ($build)', ({ checked }) => {
  const make = (rules: Partial<Rules> = {}): Both =>
    new Both(checked, { mergeGapMs: 1000, ...rules });

  it('joins at a gap of exactly g, and no longer', async () => {
    const both = make();
    await both.apply([0, 'down'], [10, 'up'], [1010, 'down'], [1020, 'up'], [2021, 'down']);
    expect(both.findings).toEqual([found(0, 1020)]);
    await both.apply([2022, 'up'], [9999, 'up']);
    expect(both.findings.slice(1)).toEqual([found(2021, 2022, { n: 2 })]);
  });

  it('stores an end behind the gap only, whatever the event is', async () => {
    const both = make();
    await both.apply([0, 'down'], [10, 'up'], [1010, 'up']);
    expect(both.findings).toEqual([]);
    await both.apply([1011, 'up']);
    expect(both.findings).toEqual([found(0, 10)]);
    expect(both.run.spans).toEqual([{ line: 'L', n: 1, first: 0, last: 0 }]);
  });

  it('reads as ended when c > end + g, before that as open', async () => {
    const both = make();
    await both.apply([0, 'down'], [10, 'up']);
    expect(await both.read(1010)).toEqual([found(0, null)]);
    expect(await both.read(1011)).toEqual([found(0, 10)]);
    expect(await both.read(1010)).toEqual([found(0, null)]);
  });

  it('makes of joined edges neither starts nor transitions', async () => {
    const both = make({ starts: true, quietMs: 5000 });
    const edges = [0, 100, 200, 300, 400].flatMap((t): Short[] => [
      [t, 'down'],
      [t + 50, 'up'],
    ]);
    await both.apply(...edges, [9999, 'up']);
    expect(both.findings).toEqual([
      { kind: 'interruption-start', line: 'L', start: 0, n: 1 },
      found(0, 450),
    ]);
  });

  it('ends an episode by the last transition that is one', async () => {
    const both = make({ quietMs: 5000 });
    await both.apply(
      ...[0, 2000, 4000, 6000].flatMap((t): Short[] => [
        [t, 'down'],
        [t + 50, 'up'],
      ]),
    );
    expect(await both.read(11_050 - 1)).toEqual([found(6000, 6050, { n: 4 })]);
    const end = {
      kind: 'flap-end',
      line: 'L',
      at: 11_050,
      start: 6000,
      since: 0,
      rule: '4 in 10m',
      interruptions: 4,
      detector: 'window',
    };
    expect(await both.read(11_050)).toEqual([found(6000, 6050, { n: 4 }), end]);
    // Joined at 6,100 and down past 11,000: without a transition since 6,000.
    await both.apply([6100, 'down'], [12_000, 'up']);
    expect(both.findings.at(-1)).toEqual({ ...end, at: 11_000 });
  });

  it('takes the cause of the first raise that has one, joined ones too', async () => {
    const both = make();
    await both.apply([0, 'down'], [10, 'up'], [20, 'down', 'A', 'card'], [30, 'up', '*']);
    await both.apply([5000, 'up']);
    expect(both.findings).toEqual([found(0, 30, { cause: 'card' })]);
  });

  it('joins zero gaps alone when g is 0', async () => {
    const both = make({ mergeGapMs: 0 });
    await both.apply([0, 'down'], [10, 'up'], [10, 'down'], [20, 'up'], [21, 'down']);
    expect(both.findings).toEqual([found(0, 20)]);
  });

  it('lets late events join, at the line’s last effective time', async () => {
    const both = make();
    await both.apply([0, 'down'], [5000, 'up'], [100, 'down'], [200, 'up'], [9000, 'up']);
    expect(both.findings).toEqual([found(0, 5000)]);
  });

  it('stores what waits at the next event once other rules join no more', async () => {
    const both = make();
    await both.apply([0, 'down'], [10, 'up']);
    both.changeRules({ mergeGapMs: null });
    expect(await both.read(10)).toEqual([found(0, 10)]);
    await both.apply([10, 'down']);
    expect(both.findings).toEqual([found(0, 10)]);
  });
});

describe.each(BUILDS)('corrected durations ($build)', ({ checked }) => {
  it('decide the class at exactly 60 s, and are told where they differ', async () => {
    const both = new Both(checked, { correctionMs: 7500 });
    await both.apply([0, 'down'], [67_499, 'up'], [100_000, 'down'], [167_500, 'up']);
    await both.apply([200_000, 'down'], [202_000, 'up'], [900_000, 'down'], [900_000, 'up']);
    expect(both.findings).toEqual([
      found(0, 67_499, { correctedMs: 59_999 }),
      found(100_000, 167_500, { n: 2, class: 'outage', correctedMs: 60_000 }),
      found(200_000, 202_000, { n: 3, correctedMs: 0 }),
      found(900_000, 900_000, { n: 4 }),
    ]);
  });

  it('while open read as an outage from 60 s + correction on', async () => {
    const both = new Both(checked, { correctionMs: 7500 });
    await both.apply([0, 'down']);
    expect(await both.read(67_499)).toEqual([found(0, null)]);
    expect(await both.read(67_500)).toEqual([found(0, null, { class: 'outage' })]);
  });

  it('may be longer than reported', async () => {
    const both = new Both(checked, { correctionMs: -500 });
    await both.apply([0, 'down'], [59_500, 'up']);
    expect(both.findings).toEqual([found(0, 59_500, { class: 'outage', correctedMs: 60_000 })]);
  });
});

describe.each(BUILDS)('staleness ($build)', ({ checked }) => {
  const make = (): Both => new Both(checked, { staleAfterMs: 1000 });

  it('reads as unknown beyond staleAfter, and never silently long', async () => {
    const both = make();
    await both.apply([0, 'down']);
    expect(await both.read(1000)).toEqual([found(0, null)]);
    expect(await both.read(1001)).toEqual([found(0, null, { uncertain: true })]);
    expect(await both.read(1e9)).toEqual([found(0, null, { uncertain: true })]);
  });

  it('makes an interruption uncertain that is cleared beyond it', async () => {
    const both = make();
    await both.apply([0, 'down'], [1000, 'up'], [2000, 'down'], [3001, 'up']);
    expect(both.findings).toEqual([found(0, 1000), found(2000, 3001, { n: 2, uncertain: true })]);
    expect(both.run.unknown).toEqual([{ line: 'L', from: 3000, until: 3001, stale: true }]);
  });

  it('is put off by a raise that changes nothing', async () => {
    const both = make();
    await both.apply([0, 'down'], [900, 'down'], [1900, 'up']);
    expect(both.findings).toEqual([found(0, 1900)]);
    expect(both.run.unknown).toEqual([]);
  });

  it('ends at a raise: what was unknown stays so in the coverage only', async () => {
    const both = make();
    await both.apply([0, 'down'], [5000, 'down'], [5500, 'up']);
    expect(both.findings).toEqual([found(0, 5500)]);
    expect(both.run.unknown).toEqual([{ line: 'L', from: 1000, until: 5000, stale: true }]);
  });

  it('is that of the newest raise among the active alarms', async () => {
    const both = make();
    await both.apply([0, 'down', 'A'], [800, 'down', 'B'], [1500, 'up', 'A'], [1700, 'up', 'B']);
    await both.apply(
      [5000, 'down', 'A'],
      [5800, 'down', 'B'],
      [5900, 'up', 'B'],
      [6100, 'up', 'A'],
    );
    expect(both.findings).toEqual([found(0, 1700), found(5000, 6100, { n: 2, uncertain: true })]);
  });

  it('counts from the interruption’s start for alarms older than the rule', async () => {
    const both = new Both(checked, {});
    await both.apply([0, 'down'], [500, 'down', 'A'], [600, 'down']);
    both.changeRules({ staleAfterMs: 1000 });
    expect(await both.read(1000)).toEqual([found(0, null)]);
    expect(await both.read(1001)).toEqual([found(0, null, { uncertain: true })]);
    await both.apply([900, 'down'], [1800, 'up', 'A'], [1900, 'up']);
    expect(both.findings).toEqual([found(0, 1900)]);
  });

  it('leaves an uncertain part in what is joined to it', async () => {
    const both = new Both(checked, { staleAfterMs: 1000, mergeGapMs: 100 });
    await both.apply([0, 'down'], [2000, 'up'], [2100, 'down'], [2200, 'up'], [9000, 'up']);
    expect(both.findings).toEqual([found(0, 2200, { uncertain: true })]);
  });
});

describe.each(BUILDS)('aliases that end ($build)', ({ checked }) => {
  const aliases: [string, string][] = [
    ['port', 'L'],
    ['port', 'M'],
    ['other', 'L'],
  ];

  it('clear their key’s alarms at the line’s last effective time, uncertain', async () => {
    const both = new Both(checked, {}, aliases);
    await both.apply({ line: 'port', time: 5, state: 'down' });
    await both.apply({ line: 'port', time: 5, state: 'down', alarm: 'A' });
    await both.apply({ line: 'other', time: 9, state: 'up' });
    await both.endAlias('port', 'L');
    expect(both.findings).toEqual([found(5, 9, { uncertain: true })]);
    expect(both.run.spans).toEqual([{ line: 'L', n: 1, first: 0, last: 77 }]);
    // M is down still, and the key leads to it alone.
    await both.apply({ line: 'port', time: 20, state: 'up', alarm: '*' });
    expect(both.findings.slice(1)).toEqual([{ ...found(5, 20), line: 'M' }]);
  });

  it('end nothing while another key’s alarm is active', async () => {
    const both = new Both(checked, {}, aliases);
    await both.apply({ line: 'port', time: 5, state: 'down' });
    await both.apply({ line: 'other', time: 6, state: 'down' });
    await both.endAlias('port', 'L');
    expect(both.findings).toEqual([]);
    await both.apply({ line: 'other', time: 8, state: 'up' });
    expect(both.findings).toEqual([found(5, 8)]);
  });

  it('leave a key without lines a line of its own, and their room to the next alias', async () => {
    const both = new Both(checked, {}, [['port', 'L']]);
    await both.endAlias('port', 'L');
    await both.apply(
      { line: 'port', time: 5, state: 'down' },
      { line: 'port', time: 6, state: 'up' },
    );
    expect(both.findings).toEqual([{ ...found(5, 6), line: 'port' }]);
    both.run.addAlias('port', 'M');
    both.model.addAlias('port', 'M');
    expect(both.run.copyState().sections[3].length).toBe(2 * 8);
    await both.apply({ line: 'port', time: 7, state: 'down' });
    expect(await both.read(7)).toEqual([{ ...found(7, null), line: 'M' }]);
  });

  it.each([true, false])('end a key as its own line (added first: %s)', async (first) => {
    const both = new Both(checked, {});
    const add = (): void => {
      both.run.addAlias('port', 'M');
      both.model.addAlias('port', 'M');
    };
    await both.apply({ line: 'port', time: 5, state: 'down' });
    if (first) add();
    await both.endAlias('port', 'port');
    if (!first) add();
    expect(both.findings).toEqual([{ ...found(5, 5, { uncertain: true }), line: 'port' }]);
    await both.apply({ line: 'port', time: 9, state: 'down' });
    expect(await both.read(9)).toEqual([{ ...found(9, null), line: 'M' }]);
  });

  it('wait under mergeGap like any end', async () => {
    const both = new Both(checked, { mergeGapMs: 100 }, aliases);
    await both.apply({ line: 'port', time: 5, state: 'down' });
    await both.endAlias('port', 'L');
    expect(await both.read(105)).toEqual([
      found(5, null, { uncertain: true }),
      { ...found(5, null), line: 'M' },
    ]);
    await both.apply({ line: 'other', time: 106, state: 'up' });
    expect(both.findings).toEqual([found(5, 5, { uncertain: true })]);
  });
});
