// Lines change in any order; DuckDB updates a table quickly in the table's own order only. What is
// written for lines in a random order costs about what it costs in their order (it was 100 times that).

import { describe, expect, it } from 'vitest';
import { createOpenStages, writeOpen } from '../../src/store/open-tables.js';
import { openStore } from '../../src/store/store.js';

const LINES = 20_000;
const FACTOR_MAX = 10;
/** What starting and ending statements takes on a busy machine, s. */
const SLACK_S = 1;

describe('the open state of many lines', () => {
  it('is updated in any order at about the same cost', async () => {
    const store = await openStore(':memory:', { memory: '1GB', threads: 1 });
    const { writer } = store;
    await createOpenStages(writer);
    const written = async (order: string, n: number): Promise<number> => {
      await writer.run(
        `insert into open_stage by name select i::integer as line_id, 0 as partition_id, false as down,
           false as unknown, ${n} as n, i as effective_ms, -1 as transition_ms, -1 as ended_ms,
           -1 as raised_ms, false as flapping from range(${LINES}) t(i) order by ${order}`,
      );
      const before = process.cpuUsage();
      await writer.run('begin');
      await writeOpen(writer);
      await writer.run('commit');
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1e6;
    };
    await written('i', 0);
    const inOrder = await written('i', 1);
    const inAny = await written('hash(i)', 2);
    const { n } = (
      await writer.runAndReadAll('select sum(n)::integer as n from open_state')
    ).getRowObjects()[0]! as { n: number };
    store.close();
    expect(n).toBe(2 * LINES);
    expect(inAny).toBeLessThan(FACTOR_MAX * inOrder + SLACK_S);
  }, 120_000);
});
