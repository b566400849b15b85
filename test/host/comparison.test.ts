// The view that compares detectors with the primary one, on episodes at the edge of a month.

import { describe, expect, it } from 'vitest';
import { selectRows } from '../../src/store/sql.js';
import { openStore } from '../../src/store/store.js';

/** A row of episode_row, found at a time. */
function episode(line: number, rule: number, at: number): string {
  return `(${line}, 1, ${rule}, ${at}, ${at}, ${at + 1}, 4, null, null)`;
}

describe('the comparison of detectors', () => {
  it('counts episodes and lines by month of the zone, also where one found nothing', async () => {
    const store = await openStore(':memory:');
    const { writer } = store;
    const minute = 60_000;
    // The last minute of October and the first of November in Shanghai.
    const [october, november] = [-minute, 0].map((ms) => Date.UTC(2006, 9, 31, 16) + ms);
    await writer.run(`insert into log_partition values (1, 'c', 't', 0)`);
    await writer.run(`insert into rule values (1, 'window', '4 in 10m', false),
      (2, 'decay', 'penalty', true), (3, 'many', 'transient', true), (4, 'window', '5 in 1h', false)`);
    const rows = [
      episode(1, 1, october),
      episode(1, 4, november),
      episode(1, 2, november),
      episode(1, 2, november + 1),
      episode(2, 2, november),
      episode(3, 1, november),
      episode(4, 1, november),
    ];
    await writer.run(`insert into episode_row values ${rows.join(', ')}`);
    const found = await selectRows(writer, 'select * from detector_comparison order by month');
    const decay = { detector: 'decay', shadow: true };
    expect(found).toEqual([
      {
        month: '2006-10',
        ...decay,
        episodes: 0,
        primary_episodes: 1,
        lines_both: 0,
        lines_only_detector: 0,
        lines_only_primary: 1,
      },
      {
        month: '2006-11',
        ...decay,
        episodes: 3,
        primary_episodes: 3,
        lines_both: 1,
        lines_only_detector: 1,
        lines_only_primary: 2,
      },
    ]);
    store.close();
  });
});
