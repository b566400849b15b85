// A cause as the API tells it, and one with its lines: made of findings and of what the store holds.

import type { DuckDBConnection } from '@duckdb/node-api';
import { explanationOf, pictureOf } from '../cause/explain.js';
import type { CauseFinding } from '../cause/finding.js';
import { type CauseLine, type CauseNow, causeLines, causesIn } from '../store/cause-queries.js';
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

/** A cause with its lines. */
export function detailOf(cause: Cause, lines: readonly CauseLine[]): CauseDetail {
  const { counts, ...picture } = pictureOf(lines);
  const customers = customersOf(lines);
  return { cause, picture: { ...picture, counts: [...counts] }, customers, lines: [...lines] };
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
  return detailOf(causeItem(stored, 'final', stored), await causeLines(connection, read, id));
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
