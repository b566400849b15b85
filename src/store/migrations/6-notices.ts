// Notices to customers: what is to be told, recorded before it is sent, and the proof that it was.

export const NOTICES: readonly string[] = [
  // notice_id is stable: kind, line, start of the fault or episode, step. body: JSON of NoticeBody.
  `create table notice (notice_id varchar not null, kind varchar not null, line varchar not null,
     customer varchar not null, start_ms bigint not null, step varchar not null,
     detected_ms bigint not null, body varchar not null, notice_recorded_at timestamp not null)`,
  // One row a notice and channel. state: waiting, sent, given up. proof: what the receiver answered.
  `create table notice_delivery (notice_id varchar not null, channel varchar not null,
     state varchar not null, proof varchar, delivery_recorded_at timestamp)`,
];
