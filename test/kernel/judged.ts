// What the naive twin says of a scenario, in the shapes that the kernel is read in: findings by the
// step that caused them, spans by step, ended unknown periods, open state.

import type { Scenario } from '../judge/scenario.js';
import { type Finding, type LineState, Model, type Rules } from '../model.js';
import type { OpenRow, SpanRow, UnknownRow } from './rows.js';

/** A scenario judged by the model. */
export interface Judged {
  readonly model: Model;
  /** In the order of a file: by step, then line, then kind as SPEC section 3 lists them. */
  readonly findings: Finding[];
  readonly spans: SpanRow[];
  readonly unknown: UnknownRow[];
  readonly open: Map<string, OpenRow>;
}

/** Judges a scenario; `positions` of its steps in the log, else their indices. */
export function judge(
  scenario: Scenario,
  rules: Partial<Rules>,
  positions = scenario.steps.map((_, i) => i),
): Judged {
  const model = new Model(rules, scenario.aliases);
  const findings: Finding[] = [];
  const spans: SpanRow[] = [];
  /** The step that started the last interruption of each line. */
  const first = new Map<string, { n: number; at: number }>();
  scenario.steps.forEach((step, i) => {
    const at = positions[i];
    const before = model.findings.length;
    if (step.kind === 'event') model.apply(step.event);
    else model.reject(step.line, step.key);
    for (const { line, n } of model.lines.values()) {
      if (n !== (first.get(line)?.n ?? 0)) first.set(line, { n, at });
    }
    const caused = model.findings.slice(before);
    for (const finding of caused) {
      if (finding.kind !== 'interruption') continue;
      const { line, n } = finding;
      spans.push({ line, n, first: first.get(line)!.at, last: at });
    }
    // The sort is stable: the model gives the findings of a line in the order of their kinds.
    findings.push(...caused.toSorted((a, b) => (a.line < b.line ? -1 : a.line > b.line ? 1 : 0)));
  });
  const unknown = model.unknownPeriods.flatMap(({ line, from, until }) =>
    until === null ? [] : [{ line, from: from ?? -1, until }],
  );
  const open = [...model.lines.values()].map((state) => {
    return [state.line, openOf(state, first.get(state.line)?.at ?? -1)] as const;
  });
  return { model, findings, spans, unknown, open: new Map(open) };
}

function openOf(state: LineState, first: number): OpenRow {
  const { open, episode } = state;
  return {
    effective: state.effective ?? -1,
    transition: state.lastTransition ?? -1,
    outageEnd: state.previousOutageEnd ?? -1,
    n: state.n,
    unknown: state.unknown,
    down: open && { start: open.start, first, alarm: open.alarm, cause: open.cause ?? '' },
    episode,
  };
}
