// /metrics: what it says of the status and the counts, in Prometheus' form; never a series a line.

import { describe, expect, it } from 'vitest';
import { api, statusOf, usesApi } from './api-fixture.js';

usesApi();

const COUNTERS = {
  records: 12,
  recordBytes: 3_400,
  commits: 5,
  failedCommits: 1,
  checkpoints: 0,
  lastCommitMs: 4,
  longestCommitMs: 310,
  waitingBytes: 99,
  rowsToRollUp: null,
  longestStallMs: 20,
  snapshots: 2,
  snapshotBytes: 1_000,
  deadLetters: 0,
  causesFinal: 2,
  causesProvisional: 1,
  lastCauseDelayMs: 250,
  longestCauseDelayMs: null,
  findingsPublished: 0,
};
const PARTITION = {
  partition: 3,
  log: 1,
  position: 40,
  end: 100,
  readingMs: 5,
  effectiveMs: 5,
  problem: null,
};

/** The samples of an answer: name with labels -> value. */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

describe('metrics', () => {
  it('say lag, positions, rates, coverage, commits, rejects and memory, the same when asked again', async () => {
    const server = await api({
      status: () => ({ ...statusOf('live'), partitions: [PARTITION], rejected: 7, lines: 9 }),
      counters: () => COUNTERS,
    });
    await server.inject('/metrics');
    const answer = await server.inject('/metrics');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
    const found = samples(answer.payload);
    expect(Object.fromEntries(found)).toMatchObject({
      flapline_ready: 1,
      flapline_store_ok: 1,
      flapline_lag_records: 60,
      flapline_rejected_total: 7,
      flapline_commits_total: 5,
      flapline_failed_commits_total: 1,
      flapline_commit_seconds_max: 0.31,
      flapline_lines: 9,
      'flapline_position{partition="3"}': 40,
      'flapline_partition_lag_records{partition="3"}': 60,
    });
    expect(found.get('flapline_coverage_ratio')).toBeGreaterThanOrEqual(0);
    expect(found.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    const labels = new Set(answer.payload.match(/(?<=flapline_\w+\{)\w+/g));
    expect([...labels]).toEqual(['partition']);
  });

  it('say that it is not ready while the store takes nothing', async () => {
    const server = await api({
      status: () => ({ ...statusOf('full'), storeProblem: 'no space left' }),
    });
    const found = samples((await server.inject('/metrics')).payload);
    expect(found.get('flapline_ready')).toBe(0);
    expect(found.get('flapline_store_ok')).toBe(0);
    expect((await server.inject('/readyz')).statusCode).toBe(503);
  });

  it('are for those with a token, where there are tokens, and have no rate limit', async () => {
    const tokens = { viewer: 'seen', operator: null };
    const server = await api({ tokens, limits: { requestsPerMinuteMax: 2 } });
    expect((await server.inject('/metrics')).statusCode).toBe(401);
    const headers = { authorization: 'Bearer seen' };
    for (let i = 0; i < 5; i++) {
      expect((await server.inject({ url: '/metrics', headers })).statusCode).toBe(200);
    }
  });
});
