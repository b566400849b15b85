// Lines of works, windows of lines and marks of planned interruptions: made again when works or
// components change, the marks only where the windows of a line are others than before; marks of new
// interruptions are added as they are committed. All in the transaction at hand.

import * as L from '../../assembly/layout.js';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Kernel } from '../kernel/kernel.js';
import { WINDOW_MARGIN_MS } from './planned.js';
import { raiseRevision } from './revision.js';

/** The lines of works in force: by component while the window is open, or by name. */
const WORK_LINES = `
  with works as (select work, kind, component, start_ms, start_ms - ${WINDOW_MARGIN_MS} as from_ms,
      end_ms + ${WINDOW_MARGIN_MS} as until_ms
    from work_row where valid_to_ms is null and status <> 'cancelled')
  select work, line, any_value(start_ms) as start_ms, any_value(from_ms) as from_ms,
    any_value(until_ms) as until_ms
  from (
    select w.* exclude (kind, component), c.line from works w
    join component_row c on c.kind = w.kind and c.component = w.component
      and c.valid_from_ms < w.until_ms and (c.valid_to_ms is null or c.valid_to_ms > w.from_ms)
    union all
    select w.* exclude (kind, component), w.component from works w where w.kind = 'line')
  group by work, line`;

/** Windows of one line that overlap or touch are one. */
const WINDOWS = `
  select line, min(from_ms) as from_ms, max(until_ms) as until_ms
  from (
    select *, sum(begins) over (partition by line order by from_ms, until_ms
        rows unbounded preceding) as part
    from (
      select *, coalesce(from_ms > max(until_ms) over (partition by line order by from_ms, until_ms
          rows between unbounded preceding and 1 preceding), true)::integer as begins
      from work_line))
  group by line, part`;

const ENDED = `
  select line_id, partition_id, n, start_ms from interruption_row
  union all select line_id, partition_id, n, start_ms from interruption_bare
  union all select line_id, partition_id, n, start_ms from interruption_judged`;
const OPEN = `select line_id, partition_id, n, start_ms from open_state where down`;

/** Interruptions (line_id, partition_id, n, start_ms) that start in one of the windows. */
function marksOf(interruptions: string, windows: string): string {
  return `
    select f.line_id, f.partition_id, f.n, f.start_ms, w.until_ms as planned_until_ms
    from (${interruptions}) f
    join (select l.line_id, w.from_ms, w.until_ms from ${windows} w join line l on l.line = w.line) w
      on w.line_id = f.line_id and f.start_ms >= w.from_ms and f.start_ms < w.until_ms`;
}

/** Makes windows and marks follow the works and components in force. */
export async function rebuildPlanned(connection: DuckDBConnection): Promise<void> {
  const statements = [
    `delete from work_line`,
    `insert into work_line ${WORK_LINES}`,
    `create or replace temp table planned_before as select * from planned_window`,
    `delete from planned_window`,
    `insert into planned_window ${WINDOWS}`,
    `create or replace temp table planned_changed as
       select distinct line from (
         (select * from planned_window except select * from planned_before)
         union all (select * from planned_before except select * from planned_window))`,
    `delete from planned_mark where line_id in (
       select l.line_id from planned_changed c join line l on l.line = c.line)`,
    `insert into planned_mark ${marksOf(
      `${ENDED} union all ${OPEN}`,
      '(select * from planned_window where line in (from planned_changed))',
    )}`,
    `drop table temp.planned_before`,
    `drop table temp.planned_changed`,
    raiseRevision('planned'),
  ];
  for (const statement of statements) await connection.run(statement);
}

const UNMARKED = `anti join planned_mark m
  on m.line_id = f.line_id and m.partition_id = f.partition_id and m.n = f.n`;

/** The first and the last start of some interruptions; none = null. */
export type Starts = { readonly fromMs: number; readonly toMs: number } | null;

/** Notes which time the ended interruptions of a transaction start in. */
export class PlannedMarks {
  private fromMs = Number.MAX_SAFE_INTEGER;
  private toMs = -1;

  /** Notes the ended interruptions that wait in a kernel's tables. About 2 ns each. */
  note(kernel: Kernel): void {
    const rows = kernel.foundCount(L.KIND_INTERRUPTION);
    const words = kernel.foundColumn(L.KIND_INTERRUPTION, L.FOUND_FROM) / 4;
    for (let at = words; at < words + 2 * rows; at += 2) {
      const startMs = kernel.u32[at + 1]! * 2 ** 32 + kernel.u32[at]!;
      if (startMs < this.fromMs) this.fromMs = startMs;
      if (startMs > this.toMs) this.toMs = startMs;
    }
  }

  /** Notes what another process noted. */
  noteAll(starts: Starts): void {
    if (starts === null) return;
    this.fromMs = Math.min(this.fromMs, starts.fromMs);
    this.toMs = Math.max(this.toMs, starts.toMs);
  }

  /** What was noted since the last time. */
  take(): Starts {
    const { fromMs, toMs } = this;
    this.fromMs = Number.MAX_SAFE_INTEGER;
    this.toMs = -1;
    return toMs < 0 ? null : { fromMs, toMs };
  }
}

/** Marks what the transaction at hand adds, once the tables hold it. */
export async function markPlanned(
  connection: DuckDBConnection,
  starts: Starts,
  hasOpen: boolean,
): Promise<void> {
  const windows = await connection.runAndReadAll('select 1 from planned_window limit 1');
  if (windows.currentRowCount === 0) return;
  if (hasOpen) {
    await connection.run(`insert into planned_mark ${marksOf(OPEN, 'planned_window')} ${UNMARKED}`);
  }
  if (starts === null) return;
  const near = '(select * from planned_window where from_ms <= $to and until_ms > $from)';
  await connection.run(
    `insert into planned_mark ${marksOf(ENDED, near)} ${UNMARKED}
       where f.start_ms >= $from and f.start_ms <= $to`,
    { from: BigInt(starts.fromMs), to: BigInt(starts.toMs) },
  );
}
