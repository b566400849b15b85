// The replay bench at smoke size: it runs, its sides find the same, and it says so in its RESULT line.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/config/errors.js';
import { bench, resultOf } from './bench.js';

const SQL = new URL('../../bench/duckdb-replay.sql', import.meta.url);
/** What the smoke size may take on a busy machine; it took 12 to 20 s on two cores. */
const SMOKE_MS = 150_000;
/** The gate of the smoke size. It is judged in .ci/run, where the bench runs alone. */
const RATIO_MIN = 0.8;

describe('npm run bench', () => {
  it(
    'replay finds what DuckDB finds, and its exit code tells the gate',
    () => {
      const outcome = bench('replay', '--smoke');
      const { status, stdout, stderr } = outcome;
      const result = resultOf(outcome);
      expect(result).toMatchObject({ bench: 'replay', smoke: true, year_months: 1 });
      expect(result['events_per_s']).toBeGreaterThan(0);
      expect(result['year_s']).toBeGreaterThan(0);
      expect(result['hash']).toMatch(/^[0-9a-f]{32}$/);
      const rounds = stdout.split('\n').filter((line) => line.startsWith('round '));
      expect(rounds).toHaveLength(3);
      for (const round of rounds) {
        expect(round).toContain(`hash ${String(result['hash'])} on both sides`);
      }
      // Other test files run beside this one: the ratio is measured, but not judged, here.
      const ratio = Number(result['ratio_vs_duckdb']);
      expect(ratio).toBeGreaterThan(0);
      expect(status, stderr).toBe(ratio < RATIO_MIN ? 1 : EXIT.ok);
      if (ratio < RATIO_MIN) expect(stderr).toMatch(/gate missed/);
    },
    SMOKE_MS,
  );

  it.each([
    [
      ['nothing'],
      /no bench is named 'nothing'; there are: cause, kafka, kafka-soak, kafka-storm, kernel, replay, scale, store, web/,
    ],
    [[], /name one of: cause, kafka, kafka-soak, kafka-storm, kernel, replay, scale, store, web/],
    [['replay', '--fast'], /--fast/],
    [['replay', '--smoke', '--keep'], /--keep is for full runs/],
  ])('refuses %j with the exit code of wrong usage', (args, message) => {
    const { status, stdout, stderr } = bench(...args);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(status).toBe(EXIT.usage);
  });

  it('--help names the benches', () => {
    const { status, stdout } = bench('--help');
    expect(stdout).toContain(
      'one of: cause, kafka, kafka-soak, kafka-storm, kernel, replay, scale, store, web',
    );
    expect(status).toBe(EXIT.ok);
  });

  it('measures the peer on one thread, to the end of its checkpoint', () => {
    const statements = readFileSync(SQL, 'utf8')
      .replaceAll(/^--.*$/gm, '')
      .split(';')
      .map((statement) => statement.trim())
      .filter((statement) => statement !== '');
    expect(statements[0]).toBe('set threads = 1');
    expect(statements.at(-1)).toBe('checkpoint');
  });
});
