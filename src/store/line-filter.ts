// Which lines, and which of their interruptions, a view is about: what the page's filters say. Names go
// in as parameters; what is one of a few words stands in the text.

import { type FactSettings, interruptionFacts } from './facts.js';
import { plannedFacts } from './planned.js';
import { GROUP_CONDITION, type GroupFilter, groupParameters } from './queries.js';
import type { SqlParameters } from './sql.js';

/** Restricts a query to some lines. */
export interface LineFilter extends GroupFilter {
  /** Lines of key customers, or of others. */
  readonly key?: 'yes' | 'no';
  /** Lines that the records in force put on a component of that kind; both or neither. */
  readonly kind?: string;
  readonly component?: string;
}

/** Restricts it to some interruptions of those lines. */
export interface InterruptionFilter {
  readonly class?: 'momentary' | 'outage';
  /** Explained by planned works, or not. */
  readonly planned?: 'yes' | 'no';
}

export type ViewFilter = LineFilter & InterruptionFilter;

/** The condition of a LineFilter over a line `l` and its (left joined) line_record `r`. */
export const LINE_CONDITION = `${GROUP_CONDITION}
  and ($key is null or coalesce(r.key_customer, false) = ($key = 'yes'))
  and ($component is null or l.line in (select k.line from component_row k
    where k.valid_to_ms is null and k.kind = $kind and k.component = $component))`;

/** The parameters LINE_CONDITION needs. */
export function lineParameters(filter: LineFilter): SqlParameters {
  const { key, kind, component } = filter;
  return {
    ...groupParameters(filter),
    key: key ?? null,
    kind: kind ?? null,
    component: component ?? null,
  };
}

/** Whether a filter tells interruptions of a line apart. */
export function tellsInterruptionsApart({ class: kind, planned }: InterruptionFilter): boolean {
  return kind !== undefined || planned !== undefined;
}

/**
 * Interruptions that a filter lets through, with the columns of interruptionFacts; of plannedFacts where
 * the filter asks for them, or `isMarked` does.
 */
export function filteredFacts(
  settings: FactSettings,
  filter: InterruptionFilter,
  { isMarked = false } = {},
): string {
  const { class: kind, planned } = filter;
  const conditions = [
    ...(kind === undefined ? [] : [kind === 'outage' ? 'outage' : 'not outage']),
    ...(planned === undefined ? [] : [planned === 'yes' ? 'planned' : 'not planned']),
  ];
  if (conditions.length === 0) return interruptionFacts(settings);
  const isPlain = planned === undefined && !isMarked;
  const facts = isPlain ? interruptionFacts(settings) : plannedFacts(settings);
  return `select * from (${facts}) where ${conditions.join(' and ')}`;
}
