// The documented views of root causes: those that are for the record at the reading time, everything
// being read 60 s past their burst (SPEC section 3).

import { SETTLE_MS } from '../cause/history.js';
import type { FactSettings } from './facts.js';
import type { ViewDoc } from './view-docs.js';

/** Stored causes that are for the record at the reading time, with the columns of cause_row. */
export function causeFacts({ reading }: FactSettings): string {
  return `select * from cause_row
    where burst_until_ms + ${SETTLE_MS} < (select min(c) from ${reading})`;
}

/** Interruptions that causes of the record explain by a component: (line_id, start_ms, name_id). */
export function explainedFacts({ reading }: FactSettings): string {
  return `select line_id, start_ms, name_id from cause_member
    where name_id <> 0 and burst_until_ms + ${SETTLE_MS} < (select min(c) from ${reading})`;
}

/** Components of a role, as one text a cause. */
export function causeNames(role: string): string {
  return `(select cause, string_agg(kind || ' ' || component, '; ' order by place) as names
    from cause_component where role = '${role}' group by cause)`;
}

/** The SELECT texts by the view's name. */
export function causeViewTexts(settings: FactSettings): Record<string, string> {
  const facts = causeFacts(settings);
  return {
    causes: `select f.cause, f.rank, f.at_ms, f.until_ms, f.kind, f.component,
        coalesce(s.names, 'unknown') as components, w.names as works, f.lines, f.members,
        f.expected, f.score, f.share, f.confidence
      from (${facts}) f left join ${causeNames('same')} s on s.cause = f.cause
      left join ${causeNames('work')} w on w.cause = f.cause`,
    cause_components: `select c.cause, c.role, c.place, c.kind, c.component, c.odds
      from cause_component c join (${facts}) f on f.cause = c.cause`,
    cause_members: `select m.cause, l.line, m.start_ms
      from cause_member m join (${facts}) f on f.cause = m.cause
      join line l on l.line_id = m.line_id`,
  };
}

/** What these views hold. */
export const CAUSE_VIEW_DOCS: Readonly<Record<string, ViewDoc>> = {
  causes: {
    row: 'one a root cause of a burst of interruptions that is for the record at the reading time',
    columns: {
      cause: 'identity: first start of the burst, its line, rank in the burst',
      rank: 'from 1, the strongest cause of its burst first',
      at_ms: 'first start that it explains',
      until_ms: 'last start that it explains',
      kind: "kind of the component, 'unknown' where nothing recorded explains it",
      component: 'the most likely component',
      components: 'all that cannot be told from it, the most likely first',
      works: 'planned works in their window on which its lines lie, null without',
      lines: 'lines that it explains',
      members: 'lines that lie on it, as far as is known',
      expected: 'of its lines those that chance would have given',
      score: 'log posterior odds against chance, nats',
      share: 'share of its members that were hit',
      confidence: 'probability that it is this and nothing else that was looked at',
    },
  },
  cause_components: {
    row: 'one a component of a cause and the part it plays',
    columns: {
      cause: 'identity of the cause',
      role:
        'same (cannot be told apart), within (where an unknown cause lies), next (a runner-up), ' +
        'work (a work in its window)',
      place: 'from 0, the most likely first',
      kind: 'kind of the component',
      component: 'name of the component',
      odds: 'of a runner-up: its probability over that of the cause, else null',
    },
  },
  cause_members: {
    row: 'one a cause and line that it explains',
    columns: {
      cause: 'identity of the cause',
      line: 'name of the line',
      start_ms: 'start of its interruption',
    },
  },
};
