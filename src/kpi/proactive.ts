// Proactive notification (故障主动通知): faults of enrolled key customers that they were told of before
// their first report and at most 15 minutes after detection, by the proof that a notice was sent.
// Outages in planned works are notified with the works: the faults are those of net figures.

import type { Kpi } from './kpi.js';

const NOTICE_MS = 15 * 60_000;

const FAULTS = `
  with told as (
    select n.line, n.start_ms, min(n.detected_ms) as detected_ms,
      min(epoch_ms(d.delivery_recorded_at)) as sent_ms
    from notice n join notice_delivery d on d.notice_id = n.notice_id and d.state = 'sent'
    where n.kind = 'fault' and n.step = 'start' group by all)
  select f.branch, f.product, f.customer,
    coalesce(t.sent_ms <= t.detected_ms + ${NOTICE_MS}, false) and not exists (
      select 1 from ticket_row r where r.valid_to_ms is null and r.kind = 'report'
        and r.line = f.line and r.opened_ms >= f.start_ms and r.opened_ms < t.sent_ms) as in_time
  from kpi_fault f join customer_row c on c.customer = f.customer and c.key
    and c.valid_to_ms is null and c.enrolled_ms <= f.start_ms
  left join told t on t.line = f.line and t.start_ms = f.start_ms
  where f.variant = 'net'`;

export const PROACTIVE_KPI: Kpi = {
  name: 'proactive_notification',
  version: 1,
  unit: '%',
  better: 'more',
  definition:
    'faults of enrolled key customers, without planned outages, with proof of a notice at most 15 ' +
    'minutes after detection and before the first report / such faults',
  from: FAULTS,
  scale: 100,
  figures: { gross: { numerator: 'count(*) filter (in_time)', denominator: 'count(*)' } },
};
