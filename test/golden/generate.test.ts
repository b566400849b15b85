// The generators against what they promise: honest records decode to their events, damage spares what
// stands before it, streams reach every kind of finding, and everything repeats by seed.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededChoose } from '../judge/choose.js';
import { decode, eventsOf } from '../judge/decode.js';
import { damagedRecords, fuzzRecord, fuzzRecordAt } from '../judge/generate.js';
import { honestRecords, inPieces } from '../judge/generate.js';
import { expectSameFindings } from '../judge/multiset.js';
import { honestRecord } from '../judge/render.js';
import { fuzzScenario, modelOf, scenarios, someRules } from '../judge/scenario.js';
import type { Scenario, Step } from '../judge/scenario.js';
import type { Finding, Model, Rules } from '../model.js';

const RUNS = { numRuns: 1500, seed: 20061130 };

/** How often 300 streams must at least show what they are there for. */
const LEAST_SEEN = {
  interruption: 3000,
  'flap-start': 300,
  'flap-end': 100,
  'repeat-fault': 100,
  'interruption-start': 3000,
  'read interruption': 100,
  'read flap-end': 30,
  'read repeat-fault': 30,
  late: 300,
  duplicate: 300,
  unknown: 300,
};

describe('the generators', () => {
  it('make honest records that hold exactly their events', () => {
    const property = fc.property(honestRecords, ({ bytes, events }) => {
      const items = decode(bytes);
      expect(items.filter(({ kind }) => kind !== 'event')).toEqual([]);
      expect(eventsOf(items)).toEqual(events);
    });
    fc.assert(property, RUNS);
  });

  it('damage records so that what stands before the damage is still read', () => {
    let [damaged, rejected, read] = [0, 0, 0];
    for (let seed = 0; seed < 3000; seed++) {
      const { bytes } = honestRecord(seededChoose(seed));
      const broken = fuzzRecord(seededChoose(seed));
      const until = bytes.findIndex((byte, i) => byte !== broken[i]);
      const items = decode(broken);
      const before = decode(bytes).filter((item) => item.kind !== 'text' && item.end <= until);
      if (until >= 0) expect(items.slice(0, before.length)).toEqual(before);
      damaged += until >= 0 ? 1 : 0;
      rejected += items.some(({ kind }) => kind !== 'event') ? 1 : 0;
      read += eventsOf(items).length;
    }
    expect([damaged > 1500, rejected > 1000, read > 2000]).toEqual([true, true, true]);
  });

  it('cut bytes into pieces that are the whole again', () => {
    const property = fc.property(inPieces(damagedRecords), ({ bytes, pieces }) => {
      expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    });
    fc.assert(property, RUNS);
  });

  it('repeat themselves by seed', () => {
    expect(fuzzRecordAt(7, 11)).toEqual(fuzzRecordAt(7, 11));
    expect(fuzzRecordAt(7, 11)).not.toEqual(fuzzRecordAt(7, 12));
    expect(fuzzScenario(seededChoose(1), 50, 5)).toEqual(fuzzScenario(seededChoose(1), 50, 5));
    const [one, other] = [1, 2].map(() => fc.sample(honestRecords, { seed: 5, numRuns: 9 }));
    expect(one).toEqual(other);
  });

  it('reach every kind of finding, late events, duplicates and unknown periods', () => {
    const seen = new Map<string, number>();
    const count = (what: string, times = 1): unknown =>
      seen.set(what, (seen.get(what) ?? 0) + times);
    const streams = fc.sample(fc.tuple(scenarios(), someRules), { ...RUNS, numRuns: 300 });
    for (const model of streams.flatMap(bothModels)) {
      for (const { kind } of model.findings) count(kind);
      for (const { kind } of model.read()) count(`read ${kind}`);
      count('late', model.late);
      count('duplicate', model.duplicates);
      count('unknown', model.unknownPeriods.length);
    }
    for (const [what, least] of Object.entries(LEAST_SEEN)) {
      expect(seen.get(what), what).toBeGreaterThan(least);
    }
  });
});

/** A scenario under the default rules and under others. */
function bothModels([scenario, rules]: [Scenario, Partial<Rules>]): Model[] {
  return [modelOf(scenario, { starts: true }), modelOf(scenario, rules)];
}

/** A step's line or key. */
function nameOf(step: Step): string {
  return step.kind === 'event' ? step.event.line : step.line;
}

describe('the one principle', () => {
  it('holds for the model: a line’s findings do not depend on other lines', () => {
    const property = fc.property(scenarios(40), ({ steps }) => {
      const whole = modelOf({ aliases: [], steps });
      const findings: Finding[] = [];
      for (const line of new Set(steps.map(nameOf))) {
        const own = steps.filter((step) => nameOf(step) === line);
        const model = modelOf({ aliases: [], steps: own });
        findings.push(...model.findings, ...model.read(whole.maxEffective));
      }
      const all = [...whole.findings, ...whole.read()];
      expectSameFindings(all, findings, ['cause', 'detector']);
    });
    fc.assert(property, { ...RUNS, numRuns: 200 });
  });
});
