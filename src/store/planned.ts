// Planned works (割接) as facts: which interruptions start in a window, what of their down time it
// covers, what works touched. Windows and marks are tables that follow from works and components
// (work_line, planned_window, planned_mark); nothing here depends on their number of rows a read but
// the marks of planned interruptions, a few in a hundred.

import { type FactSettings, type ZonedSettings, interruptionFacts } from './facts.js';
import { monthOf } from './local-time.js';
import { holdsAt } from './record-views.js';
import type { ViewDoc } from './view-docs.js';

/** A window reaches so far before a work's start and behind its end (SPEC section 2). */
export const WINDOW_MARGIN_MS = 300_000;

/**
 * All interruptions with what works make of them: the columns of interruptionFacts, planned (it starts
 * in a window: counted as planned) and planned_until_ms (down time from there on is unplanned; the
 * start where it is not planned). Gross counts all, net those not planned; net down time is
 * greatest(0, until_ms - planned_until_ms).
 */
export function plannedFacts(settings: FactSettings): string {
  return `
    select f.*, m.n is not null as planned, coalesce(m.planned_until_ms, f.start_ms) as planned_until_ms
    from (${interruptionFacts(settings)}) f
    left join planned_mark m
      on m.line_id = f.line_id and m.partition_id = f.partition_id and m.n = f.n`;
}

/** Planned interruptions alone, with the columns of plannedFacts: what is taken off gross figures. */
export function plannedOnlyFacts(settings: FactSettings): string {
  return `
    select f.*, true as planned, m.planned_until_ms
    from (${interruptionFacts(settings)}) f
    join planned_mark m
      on m.line_id = f.line_id and m.partition_id = f.partition_id and m.n = f.n`;
}

function worksView(): string {
  return `select w.work, w.status, w.start_ms, w.end_ms,
      w.start_ms - ${WINDOW_MARGIN_MS} as window_from_ms,
      w.end_ms + ${WINDOW_MARGIN_MS} as window_until_ms, w.notified_department_ms,
      w.notified_customer_ms, w.components, coalesce(k.lines, 0) as lines
    from (select work, any_value(status) as status, min(start_ms) as start_ms,
        max(end_ms) as end_ms, min(notified_department_ms) as notified_department_ms,
        min(notified_customer_ms) as notified_customer_ms, count(*) as components
      from work_row where valid_to_ms is null group by work) w
    left join (select work, count(*) as lines from work_line group by work) k on k.work = w.work`;
}

/** The mark `m` of a line `l` belongs to the work of the row `k` of work_line. */
const OF_WORK = `k.line = l.line and m.start_ms >= k.from_ms and m.start_ms < k.until_ms`;

function effectsView(settings: FactSettings): string {
  return `select k.work, count(*) as interruptions, count(distinct l.line) as lines,
      count(distinct l.line) filter (m.until_ms > m.planned_until_ms) as overrun_lines,
      max(greatest(0, m.until_ms - m.planned_until_ms)) as overrun_ms
    from (${plannedOnlyFacts(settings)}) m join line l on l.line_id = m.line_id
    join work_line k on ${OF_WORK} group by k.work`;
}

function plannedInterruptionsView(settings: FactSettings): string {
  return `select l.line, p.cluster, p.topic, p.partition, m.n, m.start_ms, m.end_ms,
      m.planned_until_ms, least(m.until_ms, m.planned_until_ms) - m.start_ms as planned_ms,
      greatest(0, m.until_ms - m.planned_until_ms) as unplanned_ms
    from (${plannedOnlyFacts(settings)}) m join line l on l.line_id = m.line_id
    join log_partition p on p.partition_id = m.partition_id`;
}

/**
 * Works of international circuits a calendar month of the zone: (line, customer, branch, month,
 * planned, actual, works). A work belongs to the month of its start.
 */
export function workHitFacts({ timeZone }: ZonedSettings): string {
  return `
    select r.line, r.customer, r.branch, ${monthOf('k.start_ms', timeZone)} as month,
      count(distinct k.work) as planned, count(distinct h.work) as actual,
      string_agg(distinct k.work, ', ' order by k.work) as works
    from work_line k
    join line_row r on r.line = k.line and r.international and ${holdsAt('r', 'k.start_ms')}
    left join (select distinct k.work, k.line from planned_mark m
      join line l on l.line_id = m.line_id join work_line k on ${OF_WORK}) h
      on h.work = k.work and h.line = k.line
    group by r.line, r.customer, r.branch, month`;
}

/** The SELECT texts by the view's name. */
export function plannedViewTexts(settings: ZonedSettings): Record<string, string> {
  return {
    works: worksView(),
    work_lines: `select work, line, from_ms as window_from_ms, until_ms as window_until_ms
      from work_line`,
    work_effects: effectsView(settings),
    planned_interruptions: plannedInterruptionsView(settings),
    work_hits: workHitFacts(settings),
  };
}

/** What these views hold. */
export const PLANNED_VIEW_DOCS: Readonly<Record<string, ViewDoc>> = {
  works: {
    row: 'one a planned work, as last recorded',
    columns: {
      work: 'name of the work',
      status: 'planned, running, done or cancelled',
      start_ms: 'start',
      end_ms: 'end',
      window_from_ms: 'begin of its window: 5 minutes before the start',
      window_until_ms: 'end of its window, excluded: 5 minutes behind the end',
      notified_department_ms: 'when the key-account department was notified, null without proof',
      notified_customer_ms: 'when the customers were notified, null without proof',
      components: 'components and lines that it touches',
      lines: 'lines on them during the window; 0 of a cancelled work',
    },
  },
  work_lines: {
    row: 'one a work that is not cancelled and line on its components during the window',
    columns: {
      work: 'name of the work',
      line: 'name of the line',
      window_from_ms: 'begin of the window',
      window_until_ms: 'end of the window, excluded',
    },
  },
  work_effects: {
    row: 'one a work with interruptions that start in its window',
    columns: {
      work: 'name of the work',
      interruptions: 'interruptions that start in its window',
      lines: 'lines that had one',
      overrun_lines: 'lines still down behind the window',
      overrun_ms: 'longest down time behind the window, 0 without one',
    },
  },
  planned_interruptions: {
    row: 'one an interruption that starts in the window of a planned work of its line',
    columns: {
      line: 'name of the line',
      cluster: 'name of the Kafka cluster, or of what stands for it',
      topic: 'topic, or what stands for it',
      partition: 'number of the partition that holds the line',
      n: 'ordinal of the interruption on its line, from 1',
      start_ms: 'start',
      end_ms: 'end, null while open',
      planned_until_ms: 'end of the window; windows of a line that touch are one',
      planned_ms: 'down time in the window',
      unplanned_ms: 'down time behind the window',
    },
  },
  work_hits: {
    row: 'one an international circuit and calendar month with a planned work',
    columns: {
      line: 'name of the circuit',
      customer: 'its customer then',
      branch: 'its branch then',
      month: 'month of the start of the works, cut in the configured time zone, such as 2006-11',
      planned: 'different works that touch it',
      actual: 'of them, works in whose window it was interrupted',
      works: 'their names',
    },
  },
};
