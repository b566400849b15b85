// The storm, the soak and the scaled form on a real Kafka at smoke size: they run to their end within their
// gates, which lie far from what is reached, since other test files run beside this one. The kafka bench
// itself is run in .ci/run.

import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/config/errors.js';
import { kafkaProblem } from '../kafka/broker/installed.js';
import { bench, resultOf } from './bench.js';

/** What each may take on a busy machine; the three took 100 s on two quiet cores. */
const SMOKE_MS = 240_000;
const problem = kafkaProblem();

/** Runs a bench; its result, in which these figures are there. */
function figuresOf(name: string, figures: readonly string[]): Record<string, unknown> {
  const outcome = bench(name, '--smoke');
  const result = resultOf(outcome);
  expect(outcome.status, outcome.stderr).toBe(EXIT.ok);
  expect(result).toMatchObject({ bench: name, smoke: true });
  for (const figure of figures) expect(result[figure], figure).toBeGreaterThan(0);
  return result;
}

describe(`npm run bench -- kafka-..., scale${problem === null ? '' : ` (skipped: ${problem})`}`, () => {
  it.skipIf(problem !== null)(
    'storm: read without a long stall beside readers, the lag drains, the stream stays live',
    () => {
      const result = figuresOf('kafka-storm', [
        'storm_per_s',
        'stall_ms',
        'lag_max',
        'live_gap_ms',
        'answers',
      ]);
      expect(result['exports']).toBeGreaterThanOrEqual(1);
    },
    SMOKE_MS,
  );

  it.skipIf(problem !== null)(
    'soak: memory over many alarms, and over many lines',
    () => {
      const result = figuresOf('kafka-soak', [
        'soak_events_per_s',
        'soak_mb_max',
        'lines_events_per_s',
      ]);
      expect(result).toMatchObject({ soak_events: 300_000 });
      expect(result['lines']).toBeGreaterThan(30_000);
    },
    SMOKE_MS,
  );

  it.skipIf(problem !== null)(
    'scale: workers of a group beside one process, and a state restored',
    () => {
      const result = figuresOf('scale', ['scaling', 'worker_vs_run', 'restore_s', 'state_mb']);
      expect(result['restored_lines']).toBeGreaterThan(10_000);
    },
    SMOKE_MS,
  );
});
