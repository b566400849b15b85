// The model itself: equal to every set of data/expected, and SPEC section 2 row by row.

import { describe, expect, it } from 'vitest';
import { differenceOf, expectSameFindings } from '../judge/multiset.js';
import { Model, type Finding, type ModelEvent } from '../model.js';
import { describeShared, expectedEvents, expectedFindings, linesOf } from '../shared.js';
import { EXPECTED_SETS } from '../shared.js';

describeShared('the model against data/expected', () => {
  it.each(EXPECTED_SETS)('%s', (set) => {
    const model = new Model();
    for (const line of linesOf(expectedEvents(set))) model.apply(JSON.parse(line) as ModelEvent);
    const expected = expectedFindings(set);
    expect(expected.length).toBeGreaterThan(1000);
    expectSameFindings([...model.findings, ...model.read()], expected);
  });
});

type Step = [time: number, state: 'down' | 'up', alarm?: string, cause?: string];

/** A model that has seen the steps on line L. */
function after(steps: readonly Step[], starts = false): Model {
  const model = new Model({ starts });
  for (const [time, state, alarm, cause] of steps) {
    model.apply({ line: 'L', time, state, alarm, cause });
  }
  return model;
}

function ofKind<Kind extends Finding['kind']>(
  findings: readonly Finding[],
  kind: Kind,
): Extract<Finding, { kind: Kind }>[] {
  return findings.filter(
    (finding): finding is Extract<Finding, { kind: Kind }> => finding.kind === kind,
  );
}

/** Momentary interruptions of 1 ms, one every `gap` ms from t = 0. */
function pulses(count: number, gap: number): Step[] {
  return Array.from({ length: count }, (_, i) => i * gap).flatMap((t): Step[] => [
    [t, 'down'],
    [t + 1, 'up'],
  ]);
}

const Q = 1_800_000;

describe('interruptions', () => {
  it('span from the first alarm to the last, and count from 1', () => {
    const model = after([
      [5, 'up'],
      [10, 'down', 'LOS'],
      [20, 'down', 'AIS'],
      [30, 'up', 'LOS'],
      [40, 'up', 'AIS'],
      [40, 'down'],
      [40, 'up'],
    ]);
    expect(model.findings).toEqual([
      { kind: 'interruption', line: 'L', start: 10, end: 40, class: 'momentary', n: 1 },
      { kind: 'interruption', line: 'L', start: 40, end: 40, class: 'momentary', n: 2 },
    ]);
    expect(model.duplicates).toBe(1);
  });

  it('are outages from 60,000 ms on, also while open', () => {
    const ends = [60_000 - 1, 60_000].map(
      (end) =>
        after([
          [0, 'down'],
          [end, 'up'],
        ]).findings[0],
    );
    expect(ends).toMatchObject([{ class: 'momentary' }, { class: 'outage' }]);
    const open = after([[0, 'down']]);
    expect(open.read(59_999)).toMatchObject([{ end: null, class: 'momentary' }]);
    expect(open.read(60_000)).toMatchObject([{ end: null, class: 'outage' }]);
    expect(open.read()).toMatchObject([{ end: null, class: 'momentary' }]);
  });

  it('take the cause of the first of their raises that has one', () => {
    const model = after([
      [0, 'down', 'A'],
      [1, 'down', 'A', 'a duplicate changes nothing'],
      [2, 'down', 'B', 'card'],
      [3, 'down', 'C', 'cable'],
      [4, 'up', '*'],
      [5, 'down'],
      [6, 'up', '', 'a clear has none'],
    ]);
    expect(ofKind(model.findings, 'interruption').map(({ cause }) => cause)).toEqual([
      'card',
      undefined,
    ]);
  });
});

describe('alarms', () => {
  it('named * are ordinary when raised; a clear named * clears all of its key', () => {
    const model = after([
      [0, 'down', '*'],
      [1, 'down', 'A'],
      [2, 'down'],
      [3, 'up'],
      [4, 'up', 'A'],
      [5, 'down', 'A'],
      [6, 'up', '*'],
      [7, 'up', '*'],
    ]);
    expect(model.findings).toMatchObject([{ start: 0, end: 6, n: 1 }]);
    expect(model.duplicates).toBe(1);
  });

  it('belong to their key: one key does not clear the alarms of another', () => {
    const model = new Model({}, [
      ['port', 'X'],
      ['port', 'Y'],
      ['other', 'X'],
      ['port', 'X'],
    ]);
    model.apply({ line: 'port', time: 0, state: 'down' });
    model.apply({ line: 'other', time: 1, state: 'down' });
    model.apply({ line: 'port', time: 2, state: 'up', alarm: '*' });
    model.apply({ line: 'X', time: 3, state: 'up' });
    expect(model.findings).toMatchObject([{ line: 'Y', start: 0, end: 2 }]);
    model.apply({ line: 'X', key: 'other', time: 4, state: 'up' });
    expect(model.findings.slice(1)).toMatchObject([{ line: 'X', start: 0, end: 4 }]);
    expect(model.lines.has('port')).toBe(false);
    expect(model.duplicates).toBe(1);
  });

  it('with a key of their own are not sent through aliases', () => {
    const model = new Model({ starts: true }, [['X', 'Z']]);
    model.apply({ line: 'X', key: 'port', time: 0, state: 'down' });
    expect(model.findings).toEqual([{ kind: 'interruption-start', line: 'X', start: 0, n: 1 }]);
  });
});

describe('effective time', () => {
  it('never runs back on a line, and is the line’s own', () => {
    const model = after([
      [100, 'up'],
      [50, 'down'],
      [70, 'up'],
      [200, 'down'],
      [150, 'up'],
    ]);
    model.apply({ line: 'M', time: 60, state: 'down' });
    expect(model.findings).toMatchObject([
      { start: 100, end: 100 },
      { start: 200, end: 200 },
    ]);
    expect(model.read()).toMatchObject([{ line: 'M', start: 60 }]);
    expect([model.late, model.maxEffective]).toEqual([3, 200]);
  });

  it('is raised by duplicates too', () => {
    const model = after([
      [0, 'down'],
      [500, 'down'],
      [100, 'up'],
    ]);
    expect(model.findings).toMatchObject([{ start: 0, end: 500 }]);
  });
});

describe('flapping', () => {
  it('starts when the K-th last start is at most W ago', () => {
    const just = after(pulses(4, 200_000));
    const start = { kind: 'flap-start', line: 'L', at: 600_000, since: 0, rule: '4 in 10m' };
    expect(ofKind(just.findings, 'flap-start')).toEqual([{ ...start, detector: 'window' }]);
    expect(ofKind(after(pulses(4, 200_001)).findings, 'flap-start')).toEqual([]);
    expect(ofKind(after(pulses(5, 900_000)).findings, 'flap-start')).toMatchObject([
      { at: 3_600_000, since: 0, rule: '5 in 1h' },
    ]);
    expect(ofKind(after(pulses(9, 900_001)).findings, 'flap-start')).toEqual([]);
  });

  it('ends Q after the last transition, judged before the event that shows it', () => {
    const flapping = pulses(6, 1000);
    const end = { at: 5001 + Q, start: 3000, since: 0, rule: '4 in 10m', interruptions: 6 };
    const before = after([...flapping, [5001 + Q - 1, 'up']]);
    expect(ofKind(before.findings, 'flap-end')).toEqual([]);
    expect(before.read(5001 + Q - 1)).toEqual([]);
    expect(before.read(5001 + Q)).toMatchObject([end]);
    const duplicate = after([...flapping, [5001 + Q, 'up']]);
    expect(ofKind(duplicate.findings, 'flap-end')).toMatchObject([end]);
    expect(duplicate.read(9e12)).toEqual([]);
  });

  it('that ended leaves no evidence for the next episode', () => {
    const again = [0, 1, 2, 3].map((i): Step[] => [
      [Q + 3001 + i, 'down'],
      [Q + 3001 + i, 'up'],
    ]);
    const model = after([...pulses(4, 1000), ...again.flat()]);
    expect(ofKind(model.findings, 'flap-start')).toMatchObject([
      { at: 3000, since: 0 },
      { at: Q + 3004, since: Q + 3001 },
    ]);
    expect(model.findings.findIndex(({ kind }) => kind === 'flap-end')).toBe(5);
  });

  it('ends while the line is down as well', () => {
    const model = after([...pulses(3, 1000), [3000, 'down']]);
    expect(model.read(3000 + Q).map(({ kind }) => kind)).toEqual(['interruption', 'flap-end']);
  });
});

describe('repeat faults', () => {
  const days30 = 30 * 24 * 3_600_000;

  it.each([
    [days30, 1],
    [days30 + 1, 0],
  ])('start at most 30 days after the previous outage: %i ms', (gap, count) => {
    const start = 60_000 + gap;
    const model = after([
      [0, 'down'],
      [60_000, 'up'],
      [70_000, 'down'],
      [70_001, 'up'],
      [start, 'down'],
    ]);
    expect(ofKind(model.read(start + 59_999), 'repeat-fault')).toEqual([]);
    expect(ofKind(model.read(start + 60_000), 'repeat-fault')).toHaveLength(count);
    model.apply({ line: 'L', time: start + 60_000, state: 'up' });
    const expected = [{ kind: 'repeat-fault', line: 'L', start, previousEnd: 60_000 }];
    expect(ofKind(model.findings, 'repeat-fault')).toEqual(expected.slice(0, count));
  });
});

describe('coverage', () => {
  it('is unknown from a rejected event to the next event of each line it names', () => {
    const model = new Model({}, [
      ['port', 'X'],
      ['port', 'Y'],
    ]);
    model.reject('port');
    model.apply({ line: 'X', time: 10, state: 'up' });
    model.reject('X');
    model.reject('X');
    model.reject('port', 'a key of its own');
    model.apply({ line: 'X', time: 20, state: 'up' });
    expect(model.unknownPeriods).toEqual([
      { line: 'X', from: null, until: 10, stale: false },
      { line: 'Y', from: null, until: null, stale: false },
      { line: 'X', from: 10, until: 20, stale: false },
      { line: 'port', from: null, until: null, stale: false },
    ]);
    expect([model.findings, model.maxEffective]).toEqual([[], 20]);
  });
});

describe('a change of rules', () => {
  it('is judged at the next start, on the starts kept; an open episode keeps its own', () => {
    const model = after(pulses(3, 1000));
    model.changeRules({ flap: [{ name: '2 in 10m', starts: 2, windowMs: 600_000 }] });
    expect(ofKind(model.findings, 'flap-start')).toEqual([]);
    model.apply({ line: 'L', time: 3000, state: 'down' });
    model.changeRules({ flap: [] });
    model.apply({ line: 'L', time: 3001, state: 'up' });
    expect(ofKind(model.findings, 'flap-start')).toMatchObject([{ at: 3000, since: 2000 }]);
    expect(model.read(3001 + Q)).toMatchObject([{ rule: '2 in 10m', interruptions: 2 }]);
  });
});

describe('the comparison of findings', () => {
  it('counts equal ones, and ignores fields that are not named', () => {
    expect(differenceOf(['a', 'a', 'b'], ['a', 'c'])).toEqual({
      missing: ['c'],
      extra: ['a', 'b'],
    });
    const finding = { kind: 'repeat-fault', line: 'L', start: 1, previousEnd: 0 };
    expectSameFindings([{ ...finding, more: 1 }], [finding]);
    expect(() => expectSameFindings([finding, finding], [finding])).toThrow('0 missing, 1 extra');
    expect(() => expectSameFindings([{ ...finding, cause: 'x' }], [finding], ['cause'])).toThrow(
      '"cause":"x"',
    );
  });
});
