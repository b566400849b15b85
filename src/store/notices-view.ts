// The documented view of notices: what was told to whom, and the proof.

import type { ViewDoc } from './view-docs.js';

/** The SELECT text. */
export const NOTICES_VIEW = `select n.notice_id as notice, n.kind, n.line, n.customer, n.start_ms, n.step,
    n.detected_ms, d.channel, d.state, d.proof, n.notice_recorded_at, d.delivery_recorded_at
  from notice n join notice_delivery d on d.notice_id = n.notice_id`;

/** What it holds. */
export const NOTICES_DOC: ViewDoc = {
  row: "one a notice of an enrolled customer's line and channel that sends it",
  columns: {
    notice: 'identity, the same when it is sent again: kind, line, start, step',
    kind: 'fault (outages with gaps of at most 4 h) or flap',
    line: 'name of the line',
    customer: 'its customer',
    start_ms: 'start of the fault, or of what counted towards the episode',
    step: 'start, digest-1, digest-2 ..., end',
    detected_ms: 'when the condition held: the clock of the KPI begins',
    channel: 'name of the webhook, or mail',
    state: 'waiting, sent or given up',
    proof: 'what the receiver answered, or why it was given up',
    notice_recorded_at: 'when it was recorded, before it was sent (wall clock)',
    delivery_recorded_at: 'when it was acknowledged or given up (wall clock), else null',
  },
};
