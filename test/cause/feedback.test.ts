// Feedback moves the prior of a component by what was said of it, from then on, until it is withdrawn:
// the score of a later cause moves by just that, an earlier one stays.

import { describe, expect, it } from 'vitest';
import { causeFindings } from '../../src/cause/finding.js';
import { CauseHistory } from '../../src/cause/history.js';
import { movedBy } from '../../src/cause/records.js';
import { DEFAULT_CAUSE_SETTINGS, FEEDBACK_NATS_MAX } from '../../src/cause/settings.js';
import { plantedAlarms, plantedRecords } from './planted.js';
import { recordsOf } from './networks.js';

const T = 1_164_900_000_000;
const GAP_MS = 300_000;
const SEED = 9;

interface Said {
  readonly isConfirmed: boolean;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Scores of the causes of a planted province, by the first component, under what is said of one. */
function scores(kind: string, component: string, said: readonly Said[]): Map<string, number> {
  const rows = plantedRecords(SEED)
    .components.split('\n')
    .slice(1)
    .map((row) => row.split(',') as [string, string, string]);
  const records = recordsOf({ rows, starts: [] });
  for (const row of said) records.addFeedback({ kind, component, ...row });
  const { events } = plantedAlarms(SEED, T, 6, GAP_MS);
  const starts = events.filter(({ state }) => state === 'down');
  const history = new CauseHistory(records, DEFAULT_CAUSE_SETTINGS);
  history.add(
    starts.map(({ line }) => records.indexOf(line)),
    starts.map(({ time }) => time),
  );
  history.walk(Number.MAX_SAFE_INTEGER - 1);
  const found = history.bursts.flatMap((burst) => causeFindings(burst, () => new Set()));
  return new Map(found.map(({ finding }) => [finding.components[0]!.name, finding.score]));
}

describe('feedback', () => {
  const { planted } = plantedAlarms(SEED, T, 6, GAP_MS);
  const { kind, name, at } = planted[3]!;
  const plain = scores(kind, name, []);
  const others = (all: ReadonlyMap<string, number>): [string, number][] =>
    [...all].filter(([key]) => key !== name);

  it('moves the score of that component by what was said, and no other', () => {
    const twice = Array.from({ length: 2 }, () => ({
      isConfirmed: true,
      fromMs: T,
      untilMs: Infinity,
    }));
    const confirmed = scores(kind, name, twice);
    expect(confirmed.get(name)! - plain.get(name)!).toBeCloseTo(Math.log(3), 3);
    expect(others(confirmed)).toEqual(others(plain));
    const refuted = scores(kind, name, [{ isConfirmed: false, fromMs: T, untilMs: Infinity }]);
    expect(refuted.get(name)! - plain.get(name)!).toBeCloseTo(-Math.log(2), 3);
  });

  it('counts from then on, until it is withdrawn', () => {
    const later = { isConfirmed: true, fromMs: at + GAP_MS / 2, untilMs: Infinity };
    expect(scores(kind, name, [later])).toEqual(plain);
    const withdrawn = { isConfirmed: true, fromMs: T, untilMs: at - GAP_MS / 2 };
    expect(scores(kind, name, [withdrawn])).toEqual(plain);
  });

  it('is bounded, and of equal verdicts nothing is left', () => {
    expect(movedBy(1_000, 0)).toBe(FEEDBACK_NATS_MAX);
    expect(movedBy(0, 1_000)).toBe(-FEEDBACK_NATS_MAX);
    expect(movedBy(7, 7)).toBe(0);
  });
});
