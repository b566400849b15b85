// Tickets whose cause names a component: the truth that causes are scored by. A ticket tells of the fault
// that its line had within a day before it was opened; tickets of one component whose faults began within
// ten minutes of one another tell of one fault. What the stored causes said of it is found, other
// (something else), missed, or, where too few of its lines were interrupted to be a burst, alone.

import { DEFAULT_CAUSE_SETTINGS } from '../cause/settings.js';
import { causeFacts } from './cause-views.js';
import { START_FACTS } from './facts.js';
import { QUERY_SETTINGS } from './queries.js';

/** A fault lies so long before its report at most. */
const REPORTED_WITHIN_MS = 86_400_000;
/** Faults of a component this near to one another are one: no burst lasts longer. */
const ONE_FAULT_MS = DEFAULT_CAUSE_SETTINGS.burstMaxMs;
const { supportMin, windowMs } = DEFAULT_CAUSE_SETTINGS;

/**
 * CTE `named`: reports that were not invalid, and the component or work that their cause names, as
 * "card GZ-7/3", "card/GZ-7/3" or, where no two kinds have it, "GZ-7/3".
 */
export const NAMED_TICKETS = `part as (
    select distinct kind, component from component_row
    union select distinct 'work', work from work_row where valid_to_ms is null),
  word as (
    select kind, component, lower(kind || ' ' || component) as word from part
    union select kind, component, lower(kind || '/' || component) from part
    union select any_value(kind), any_value(component), lower(component) from part
      group by lower(component) having count(*) = 1),
  named as (
    select t.ticket, t.line, l.line_id, t.opened_ms, t.closed_ms, t.cause, w.kind, w.component
    from ticket_row t join word w on w.word = lower(trim(t.cause)) left join line l on l.line = t.line
    where t.valid_to_ms is null and t.kind = 'report' and coalesce(t.valid, true))`;

/** CTE `truth` of tickets opened in [$from, $to): one row a ticket, with its fault and its state. */
export const TICKET_TRUTH = `${NAMED_TICKETS},
  asked as (select * from named where opened_ms >= $from and opened_ms < $to),
  started as (
    select s.line_id, s.start_ms from (${START_FACTS}) s
    where s.start_ms >= $from - ${REPORTED_WITHIN_MS} - ${windowMs} and s.start_ms < $to + ${windowMs}),
  told as (
    select a.ticket, f.cause, f.kind = 'unknown' as is_unknown, f.confidence, m.start_ms,
      exists (select 1 from cause_component p where p.cause = f.cause and p.role = 'same'
        and p.kind = a.kind and p.component = a.component) as is_same
    from asked a join cause_member m on m.line_id = a.line_id and m.start_ms <= a.opened_ms
      and m.start_ms > a.opened_ms - ${REPORTED_WITHIN_MS}
    join (${causeFacts(QUERY_SETTINGS)}) f on f.cause = m.cause),
  best as (select * from told qualify row_number() over (partition by ticket
    order by is_same desc, is_unknown, start_ms desc, cause) = 1),
  fault as (
    select a.*, b.cause as cause_id, b.is_same, b.is_unknown, b.confidence,
      coalesce(b.start_ms, (select max(s.start_ms) from started s where s.line_id = a.line_id
        and s.start_ms <= a.opened_ms and s.start_ms > a.opened_ms - ${REPORTED_WITHIN_MS})) as start_ms
    from asked a left join best b on b.ticket = a.ticket),
  member as (
    select distinct kind, component, line from component_row
    union select 'work', work, line from work_line),
  together as (
    select f.ticket, count(distinct s.line_id) as lines
    from fault f join member c on c.kind = f.kind and c.component = f.component
    join line l on l.line = c.line join started s on s.line_id = l.line_id
      and s.start_ms between f.start_ms - ${windowMs} and f.start_ms + ${windowMs}
    group by f.ticket),
  judged as (
    select f.*, case when f.is_same then 'found'
      when f.cause_id is not null and not f.is_unknown then 'other'
      when t.lines >= ${supportMin} then 'missed' else 'alone' end as state
    from fault f left join together t on t.ticket = f.ticket),
  apart as (
    select *, coalesce(start_ms - lag(start_ms) over (partition by kind, component
      order by start_ms, ticket) > ${ONE_FAULT_MS}, true) as is_next from judged),
  truth as (
    select *, sum(is_next::integer) over (partition by kind, component order by start_ms, ticket
      rows unbounded preceding) as fault_n from apart)`;
