// The notices in the store: recorded before they are sent, marked with their proof after they were
// acknowledged. What is recorded and not marked is sent again after a restart, by the same identity.

import type { DuckDBConnection } from '@duckdb/node-api';
import { selectRows } from '../store/sql.js';
import type { Notice, Step } from './notice.js';

/** The last notice of a trouble. */
export interface Told {
  readonly step: Step;
  readonly digests: number;
  readonly ended: boolean;
  readonly count: number;
  readonly down: boolean;
  readonly recordedMs: number;
}

/** A notice that a channel has still to send. */
export interface Waiting {
  readonly channel: string;
  readonly notice: Notice;
  readonly recordedMs: number;
}

/** What names a trouble in the store. */
export function troubleKey(kind: string, line: string, startMs: number): string {
  return JSON.stringify([kind, line, startMs]);
}

/** What was told of troubles that began at sinceMs or later. */
export async function readTold(
  connection: DuckDBConnection,
  sinceMs: number,
): Promise<Map<string, Told>> {
  const rows = await selectRows<{
    kind: string;
    line: string;
    startMs: number;
    step: string;
    body: string;
    recordedMs: number;
  }>(
    connection,
    `select kind, line, start_ms as "startMs", step, body,
       epoch_ms(notice_recorded_at) as "recordedMs"
     from notice where start_ms >= $since order by notice_recorded_at`,
    { since: sinceMs },
  );
  const told = new Map<string, Told>();
  for (const { kind, line, startMs, step, body, recordedMs } of rows) {
    const key = troubleKey(kind, line, startMs);
    const before = told.get(key);
    const { count, down } = JSON.parse(body) as Notice;
    told.set(key, {
      step: step as Step,
      digests: (before?.digests ?? 0) + (step.startsWith('digest') ? 1 : 0),
      ended: (before?.ended ?? false) || step === 'end',
      count,
      down,
      recordedMs,
    });
  }
  return told;
}

/** Records notices and that every channel has to send them. */
export async function recordNotices(
  connection: DuckDBConnection,
  notices: readonly Notice[],
  channels: readonly string[],
): Promise<void> {
  for (const notice of notices) {
    const { id, kind, line, customer, startMs, step, detectedMs } = notice;
    await connection.run(
      `insert into notice values ($id, $kind, $line, $customer, $start::bigint, $step,
         $detected::bigint, $body, now()::timestamp)`,
      {
        id,
        kind,
        line,
        customer,
        start: BigInt(startMs),
        step,
        detected: BigInt(detectedMs),
        body: JSON.stringify(notice),
      },
    );
    for (const channel of channels) {
      await connection.run(
        `insert into notice_delivery values ($id, $channel, 'waiting', null, null)`,
        { id, channel },
      );
    }
  }
}

/** Notices that wait, in the order in which they were recorded. */
export async function readWaiting(connection: DuckDBConnection, limit: number): Promise<Waiting[]> {
  const rows = await selectRows<{ channel: string; body: string; recordedMs: number }>(
    connection,
    `select d.channel, n.body, epoch_ms(n.notice_recorded_at) as "recordedMs"
     from notice_delivery d join notice n on n.notice_id = d.notice_id
     where d.state = 'waiting' order by n.notice_recorded_at, n.notice_id limit $limit`,
    { limit },
  );
  return rows.map(({ channel, body, recordedMs }) => ({
    channel,
    notice: JSON.parse(body) as Notice,
    recordedMs,
  }));
}

/** Marks what a channel was acknowledged, or gave up. */
export async function markNotices(
  connection: DuckDBConnection,
  ids: readonly string[],
  channel: string,
  state: 'sent' | 'given up',
  proof: string,
): Promise<void> {
  for (const id of ids) {
    await connection.run(
      `update notice_delivery set state = $state, proof = $proof,
         delivery_recorded_at = now()::timestamp where notice_id = $id and channel = $channel`,
      { id, channel, state, proof },
    );
  }
}
