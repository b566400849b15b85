// A cause as the API tells it, and one with its lines: made of findings and of what the store holds.

import type { DuckDBConnection } from '@duckdb/node-api';
import { explanationOf, pictureOf } from '../cause/explain.js';
import type { CauseFinding, NamedComponent } from '../cause/finding.js';
import { movedBy } from '../cause/records.js';
import { type Feedback, readFeedback } from '../store/cause-feedback.js';
import { type CauseLine, type CauseNow, causeLines, causesIn } from '../store/cause-queries.js';
import { reopenedBy } from '../store/cause-repairs.js';
import type { ReadAt } from '../store/queries.js';
import type { Cause, CauseDetail } from './cause-contract.js';

const EVER = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER - 3_600_000 };

/** A cause as the API tells it. */
export function causeItem(
  finding: CauseFinding,
  phase: Cause['phase'],
  now: CauseNow | null = null,
): Cause {
  const { id, at, until, components, works, lines, members } = finding;
  const { expected, score, share, confidence, runnersUp } = finding;
  return {
    id,
    phase,
    at,
    until,
    components: [...components],
    within: [...(finding.within ?? [])],
    works: [...works],
    lines,
    members,
    expected,
    score,
    share,
    confidence,
    runnersUp: runnersUp.map((next) => ({ components: [...next.components], odds: next.odds })),
    linesDown: now?.linesDown ?? null,
    closedMs: now?.closedMs ?? null,
    explanation: { en: explanationOf(finding), zh: explanationOf(finding, 'zh') },
  };
}

/** A cause with its lines, and what operators say of it and of its components. */
export async function detailOf(
  connection: DuckDBConnection,
  read: ReadAt,
  cause: Cause,
  lines: readonly CauseLine[],
): Promise<CauseDetail> {
  const { counts, ...picture } = pictureOf(lines);
  const all = await readFeedback(connection);
  const feedback = all.filter((said) => said.cause === cause.id);
  return {
    cause,
    feedback,
    priors: withRelabelled(cause.components, feedback).flatMap((one) => priorOf(one, all)),
    reopens: await reopenedBy(connection, read, cause.components, cause.at),
    picture: { ...picture, counts: [...counts] },
    customers: customersOf(lines),
    lines: [...lines],
  };
}

/** Components of a cause, then those that it was relabelled to. */
function withRelabelled(
  components: readonly NamedComponent[],
  feedback: readonly Feedback[],
): readonly NamedComponent[] {
  const all = new Map(components.map((one) => [`${one.kind}\n${one.name}`, one]));
  for (const { kind, component } of feedback) {
    const key = `${kind}\n${component}`;
    if (!all.has(key)) all.set(key, { kind, name: component });
  }
  return [...all.values()];
}

/** A component's prior as feedback moves it now; nothing where it does not. */
function priorOf({ kind, name }: NamedComponent, all: readonly Feedback[]): CauseDetail['priors'] {
  const of = all.filter(
    (said) => said.kind === kind && said.component === name && said.withdrawnMs === null,
  );
  const confirmed = of.filter(({ verdict }) => verdict === 'confirmed').length;
  const refuted = of.length - confirmed;
  return of.length === 0
    ? []
    : [{ kind, name, confirmed, refuted, nats: movedBy(confirmed, refuted) }];
}

/** A cause for the record with its lines, null when there is none of that id. */
export async function storedDetail(
  connection: DuckDBConnection,
  read: ReadAt,
  id: string,
): Promise<CauseDetail | null> {
  const question = { period: EVER, id, filter: {}, limit: 1 };
  const [stored] = (await causesIn(connection, read, question)).causes;
  if (!stored) return null;
  const lines = await causeLines(connection, read, id);
  return detailOf(connection, read, causeItem(stored, 'final', stored), lines);
}

/** How lines are now. */
export function nowOf(lines: readonly CauseLine[]): CauseNow {
  const linesDown = lines.filter(({ end }) => end === null).length;
  const last = lines.reduce((latest, { end }) => Math.max(latest, end ?? 0), 0);
  return { linesDown, closedMs: linesDown > 0 || lines.length === 0 ? null : last };
}

/** Customers hit, those with most lines first. */
function customersOf(lines: readonly CauseLine[]): CauseDetail['customers'] {
  const found = new Map<string, { keyCustomer: boolean; lines: number }>();
  for (const { customer, keyCustomer } of lines) {
    if (customer === null) continue;
    const before = found.get(customer);
    const isKey = (before?.keyCustomer ?? false) || keyCustomer === true;
    found.set(customer, { keyCustomer: isKey, lines: (before?.lines ?? 0) + 1 });
  }
  return [...found]
    .map(([customer, facts]) => Object.assign({ customer }, facts))
    .toSorted((a, b) => b.lines - a.lines || (a.customer < b.customer ? -1 : 1));
}
