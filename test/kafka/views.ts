// The documented views of a data folder as findings (SPEC section 3), so that they can be compared
// with those that a replay writes or that a separate program worked out.

import { rowsOf } from '../host/service-fixture.js';

interface InterruptionRow {
  line: string;
  n: number;
  start_ms: number;
  end_ms: number | null;
  class: string;
  cause: string | null;
}

interface EpisodeRow {
  line: string;
  rule: string;
  at_ms: number;
  since_ms: number;
  end_ms: number | null;
  interruptions: number;
}

interface RepeatRow {
  line: string;
  start_ms: number;
  previous_end_ms: number;
}

/** All findings that the views hold, read at `latest`. */
export async function findingsInViews(dataFolder: string): Promise<Record<string, unknown>[]> {
  const interruptions = await rowsOf<InterruptionRow>(
    dataFolder,
    'select line, n, start_ms, end_ms, class, cause from interruptions order by line, n',
  );
  const episodes = await rowsOf<EpisodeRow>(
    dataFolder,
    'select line, rule, at_ms, since_ms, end_ms, interruptions from episodes order by line, at_ms',
  );
  const repeats = await rowsOf<RepeatRow>(
    dataFolder,
    'select line, start_ms, previous_end_ms from repeat_faults order by line, start_ms',
  );
  return [
    ...interruptions.map((row) => ({
      kind: 'interruption',
      line: row.line,
      start: row.start_ms,
      end: row.end_ms,
      class: row.class,
      n: row.n,
      cause: row.cause ?? undefined,
    })),
    ...episodes.flatMap(flapFindings),
    ...repeats.map((row) => ({
      kind: 'repeat-fault',
      line: row.line,
      start: row.start_ms,
      previousEnd: row.previous_end_ms,
    })),
  ];
}

function flapFindings(row: EpisodeRow): Record<string, unknown>[] {
  const { line, rule, at_ms: at, since_ms: since, end_ms: end, interruptions } = row;
  const start = { kind: 'flap-start', line, at, since, rule };
  if (end === null) return [start];
  return [start, { kind: 'flap-end', line, at: end, start: at, since, rule, interruptions }];
}
