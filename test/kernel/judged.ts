// What the naive twin says of a scenario, in the shapes that the kernel is read in: findings by the
// step that caused them, spans by step, ended unknown periods, open state.

import { expect } from 'vitest';
import type { Scenario } from '../judge/scenario.js';
import type { Chatter } from '../model-alarms.js';
import { type Finding, type LineState, Model, type Rules } from '../model.js';
import type { OpenInterruption, OpenRow, SpanRow, UnknownRow } from './rows.js';

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
  /** The step whose end of an interruption waits. */
  const last = new Map<string, number>();
  scenario.steps.forEach((step, i) => {
    const at = positions[i];
    const before = model.findings.length;
    if (step.kind === 'event') model.apply(step.event);
    else model.reject(step.line, step.key);
    const caused = model.findings.slice(before);
    for (const finding of caused) {
      if (finding.kind !== 'interruption') continue;
      const { line, n } = finding;
      spans.push({ line, n, first: first.get(line)!.at, last: last.get(line) ?? at });
    }
    for (const { line, n, ended } of model.lines.values()) {
      if (n !== (first.get(line)?.n ?? 0)) first.set(line, { n, at });
      if (ended === null) last.delete(line);
      else if (!last.has(line)) last.set(line, at);
    }
    // The sort is stable: the model gives the findings of a line in the order of their kinds.
    findings.push(...caused.toSorted((a, b) => (a.line < b.line ? -1 : a.line > b.line ? 1 : 0)));
  });
  const unknown = model.unknownPeriods.flatMap(({ line, from, until, stale }) =>
    until === null ? [] : [{ line, from: from ?? -1, until, stale }],
  );
  const open = [...model.lines.values()].map((state) => {
    const { line } = state;
    const span = { first: first.get(line)?.at ?? -1, last: last.get(line) ?? -1 };
    return [line, openOf(model, state, span)] as const;
  });
  return { model, findings, spans, unknown, open: new Map(open) };
}

/** The open state of a line, given where its interruption began and ended in the log. */
export function openOf(
  model: Model,
  state: LineState,
  span: { first: number; last: number },
): OpenRow {
  const { episode } = state;
  const transition = state.ended ?? state.lastTransition ?? -1;
  const ends = transition + model.rulesOf(state).quietMs;
  return {
    effective: state.effective ?? -1,
    transition: state.lastTransition ?? -1,
    outageEnd: state.previousOutageEnd ?? -1,
    n: state.n,
    unknown: state.unknown,
    down: openInterruption(model, state, span),
    episode: episode && { ...episode, ends },
  };
}

function openInterruption(
  model: Model,
  state: LineState,
  { first, last }: { first: number; last: number },
): OpenInterruption | null {
  if (state.open === null) return null;
  const { start, alarm, cause, uncertain } = state.open;
  const rules = model.rulesOf(state);
  const staleFrom = model.staleFrom(state);
  return {
    start,
    first,
    alarm,
    cause: cause ?? '',
    uncertain: uncertain ?? false,
    ended: state.ended ?? -1,
    last,
    merge: rules.mergeGapMs ?? -1,
    raised: staleFrom === Infinity ? -1 : staleFrom - rules.staleAfterMs!,
    staleAfter: rules.staleAfterMs ?? -1,
    outageAfter: rules.outageMs + rules.correctionMs,
    repeat: rules.repeatMs,
  };
}

/** The chatter of all alarms that the kernel has reported, against the model's; the sum to 1e-12. */
export function expectSameChatter(reported: ReadonlyMap<string, Chatter>, model: Model): void {
  const wanted = [...model.lines.values()].flatMap(({ line, alarms }) =>
    alarms.chatter().map((each) => [JSON.stringify([line, each.key, each.alarm]), each] as const),
  );
  expect([...reported.keys()].toSorted()).toEqual(wanted.map(([of]) => of).toSorted());
  for (const [of, { inverse, ...chatter }] of wanted) {
    const { inverse: sum, ...found } = reported.get(of)!;
    expect(found).toEqual(chatter);
    expect(Math.abs(sum - inverse)).toBeLessThanOrEqual(1e-12 * chatter.raises);
  }
}
