// Counts by local day and hour against a naive count, from rows and from the rollup, in a zone with
// whole hours and in one with half ones.

import { expect, it } from 'vitest';
import { offsetAt } from '../../src/config/zone.js';
import { dailyCounts } from '../../src/kpi/daily.js';
import { Random } from '../../src/simulate/random.js';
import { rollUp } from '../../src/store/rollup.js';
import { DAY, MINUTE, T, emptyStore, insert } from '../host/store-fixture.js';

const random = new Random(7);
const FROM = T - 20 * DAY + 1_234_567;
const TO = T + 8 * MINUTE;
const starts = Array.from({ length: 300 }, () => FROM + random.int(TO - FROM + 5 * MINUTE));

it.each(['Asia/Shanghai', 'Asia/Kolkata'])('equal a naive count in %s', async (zone) => {
  const { connection } = await emptyStore();
  await insert(connection, 'log_partition', {
    partition_id: 1,
    cluster: 'c',
    topic: 't',
    partition: 0,
  });
  for (const [n, start_ms] of starts.entries()) {
    const end_ms = start_ms + (n % 3 === 0 ? 2 * MINUTE : 1_000);
    const row = { line_id: 1, partition_id: 1, n, start_ms, end_ms };
    await insert(connection, 'interruption_row', row);
  }
  const naive = new Map<string, number>();
  for (const [n, start] of starts.entries()) {
    if (n % 3 === 0 || start > TO) continue;
    const local = new Date(start + offsetAt(zone, start)).toISOString();
    naive.set(local.slice(0, 13), (naive.get(local.slice(0, 13)) ?? 0) + 1);
  }
  for (const steps of [0, 1, 5]) {
    for (let step = 0; step < steps; step++) await rollUp(connection, zone, 70);
    const days = await dailyCounts(connection, { at: { atMs: TO } }, FROM, TO, zone);
    const found = days.flatMap(({ day, hours }) =>
      hours.flatMap((count, hour) =>
        count > 0 ? [[`${day}T${String(hour).padStart(2, '0')}`, count] as const] : [],
      ),
    );
    expect(new Map(found)).toEqual(naive);
  }
  connection.closeSync();
});
