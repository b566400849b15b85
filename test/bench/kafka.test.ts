// The storm, the soak and the scaled form on a real Kafka at smoke size: they run to their end within their gates, which
// lie far from what is reached, since other test files run beside this one. The kafka bench itself is run
// in .ci/run.

import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/config/errors.js';
import { kafkaProblem } from '../kafka/broker/installed.js';
import { bench, resultOf } from './bench.js';

/** What either may take on a busy machine; they took 15 to 20 s on two cores. */
const SMOKE_MS = 240_000;
const problem = kafkaProblem();

describe(`npm run bench -- kafka-..., scale${problem === null ? '' : ` (skipped: ${problem})`}`, () => {
  it.skipIf(problem !== null)(
    'storm: read without a long stall beside readers, the lag drains, the stream stays live',
    () => {
      const outcome = bench('kafka-storm', '--smoke');
      const result = resultOf(outcome);
      expect(outcome.status, outcome.stderr).toBe(EXIT.ok);
      expect(result).toMatchObject({ bench: 'kafka-storm', smoke: true });
      for (const figure of ['storm_per_s', 'stall_ms', 'lag_max', 'live_gap_ms', 'answers']) {
        expect(result[figure], figure).toBeGreaterThan(0);
      }
      expect(result['exports']).toBeGreaterThanOrEqual(1);
    },
    SMOKE_MS,
  );

  it.skipIf(problem !== null)(
    'soak: memory over many alarms, and over many lines',
    () => {
      const outcome = bench('kafka-soak', '--smoke');
      const result = resultOf(outcome);
      expect(outcome.status, outcome.stderr).toBe(EXIT.ok);
      expect(result).toMatchObject({ bench: 'kafka-soak', smoke: true, soak_events: 300_000 });
      for (const figure of ['soak_events_per_s', 'soak_mb_max', 'lines_events_per_s']) {
        expect(result[figure], figure).toBeGreaterThan(0);
      }
      expect(result['lines']).toBeGreaterThan(30_000);
    },
    SMOKE_MS,
  );

  it.skipIf(problem !== null)(
    'scale: workers of a group beside one process, and a state restored',
    () => {
      const outcome = bench('scale', '--smoke');
      const result = resultOf(outcome);
      expect(outcome.status, outcome.stderr).toBe(EXIT.ok);
      expect(result).toMatchObject({ bench: 'scale', smoke: true });
      for (const figure of ['scaling', 'worker_vs_run', 'restore_s', 'state_mb']) {
        expect(result[figure], figure).toBeGreaterThan(0);
      }
      expect(result['restored_lines']).toBeGreaterThan(10_000);
    },
    SMOKE_MS,
  );
});
