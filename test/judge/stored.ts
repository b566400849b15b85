// What the documented views must hold of a stream, by the naive twin, read at c: rows as plain objects,
// names instead of ids. Findings say what is final or reads as ended; what is open the twin is asked.

import type { DetectorEpisode } from '../model-detectors.js';
import type { Finding, LineState, Model } from '../model.js';

/** Rows by the name of their view. */
export type Rows = Record<string, readonly object[]>;

interface EpisodeRow {
  line: string;
  detector: string;
  rule: string;
  at: number;
  since: number;
  end: number | null;
  interruptions: number;
  reset: boolean;
}

/** The rows of all views at c. */
export function modelRows(model: Model, c: number): Rows {
  const open: EpisodeRow[] = [];
  const lines: object[] = [];
  for (const state of model.lines.values()) {
    model.asStored(state, c, () => {
      open.push(...openEpisodes(model, state, c));
      lines.push(lineRow(model, state, c));
      return [];
    });
  }
  const findings = [...model.findings, ...model.read(c)];
  return {
    interruptions: findings.flatMap((found) => interruptionRow(found)),
    episodes: [...findings.flatMap((found) => endedRow(found)), ...open],
    repeat_faults: findings.flatMap((found) =>
      found.kind === 'repeat-fault'
        ? [{ line: found.line, start: found.start, previousEnd: found.previousEnd }]
        : [],
    ),
    transients: findings.flatMap((found) =>
      found.kind === 'transient'
        ? [
            {
              line: found.line,
              detector: found.detector,
              at: found.at,
              interruptions: found.count,
              durationMs: found.durationMs,
            },
          ]
        : [],
    ),
    coverage_gaps: gapRows(model, c),
    lines,
    chatter: chatterRows(model),
  };
}

function interruptionRow(found: Finding): object[] {
  if (found.kind !== 'interruption') return [];
  const { line, n, start, end, class: judged, cause, correctedMs, uncertain } = found;
  const corrected = end === null ? null : (correctedMs ?? end - start);
  const row = { line, n, start, end, class: judged, corrected, cause: cause ?? null };
  return [{ ...row, uncertain: uncertain ?? false }];
}

function endedRow(found: Finding): EpisodeRow[] {
  if (found.kind !== 'flap-end') return [];
  const { line, detector, rule, at: end, start: at, since, interruptions, reset } = found;
  return [{ line, detector, rule, at, since, end, interruptions, reset: reset ?? false }];
}

/** Episodes that are open at c, of a line as it is once an end that waits is stored. */
function openEpisodes(model: Model, state: LineState, c: number): EpisodeRow[] {
  const of = (detector: string, episode: DetectorEpisode & { ends: number }): EpisodeRow[] => {
    const { at, since, rule, interruptions, ends } = episode;
    if (state.ended === null && c >= ends) return [];
    return [
      { line: state.line, detector, rule, at, since, end: null, interruptions, reset: false },
    ];
  };
  const { episode, lastTransition } = state;
  const quiet = model.rulesOf(state).quietMs;
  return [
    ...(episode ? of('window', { ...episode, ends: lastTransition! + quiet }) : []),
    ...Object.entries(model.detectors.openOf(state)).flatMap(([name, open]) => of(name, open)),
  ];
}

function lineRow(model: Model, state: LineState, c: number): object {
  const down = state.alarms.anyActive;
  return {
    line: state.line,
    down,
    downSince: down ? state.open!.start : null,
    flapping: openEpisodes(model, state, c).some(({ detector }) => detector === 'window'),
    unknown: state.unknown || c > model.staleFrom(state),
    n: state.n,
    effective: state.effective ?? -1,
    transition: state.lastTransition,
  };
}

function gapRows(model: Model, c: number): object[] {
  const known = model.unknownPeriods.map(({ line, from, until, stale }) => {
    return { line, from, until, reason: stale ? 'stale alarms' : 'rejected event' };
  });
  const stale = [...model.lines.values()].flatMap((state) => {
    const from = Math.max(model.staleFrom(state), state.effective ?? 0);
    if (state.unknown || c <= model.staleFrom(state)) return [];
    return [{ line: state.line, from, until: null, reason: 'stale alarms' }];
  });
  return [...known, ...stale];
}

function chatterRows(model: Model): object[] {
  return [...model.lines.values()].flatMap(({ line, alarms }) =>
    alarms.chatter().map(({ key, alarm, raises, lastRaise, inverse, chattered, chatteredAt }) => ({
      line,
      key: key === line ? null : key,
      alarm: alarm === '' ? null : alarm,
      raises,
      index: raises > 1 ? Math.round((inverse / (raises - 1)) * 1e9) : null,
      chatterings: chattered,
      chattered: chattered > 0 ? chatteredAt : null,
      raised: lastRaise,
    })),
  );
}
