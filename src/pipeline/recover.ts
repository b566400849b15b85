// Where a partition goes on after a restart: at its snapshot, under the rules in force there, or
// without one at the start of its first log. Where the log between there and the commit is gone, the
// lines are raised to what the store holds, and those that changed since are unknown until their
// next event.

import { basename, join } from 'node:path';
import * as L from '../../assembly/layout.js';
import type { DuckDBConnection } from '@duckdb/node-api';
import { sectionsOf } from '../kernel/grow.js';
import { Kernel, type KernelOptions } from '../kernel/kernel.js';
import { readSnapshot, restoreKernel, withRules } from '../kernel/snapshot.js';
import { nextSeq, readControl } from '../store/control.js';
import type { StoreWriter } from '../store/commit.js';
import {
  type LogState,
  type PartitionName,
  newLog,
  partitionIdOf,
  readProgress,
} from '../store/progress.js';
import type { RuleBook } from '../store/rule-book.js';
import { selectRows } from '../store/sql.js';
import { type Configured, configuredChanges } from './configured.js';
import { PartitionRun } from './partition.js';

/** What restoring needs. */
export interface RecoverContext extends Configured {
  readonly writer: StoreWriter;
  readonly book: RuleBook;
  readonly kernelOptions: Omit<KernelOptions, 'rules' | 'ruleIds'>;
  /** The folder of the snapshot files. */
  readonly snapshotFolder: string;
  readonly onNote: (text: string) => void;
}

/** A partition ready to go on; it reads silently what is stored already (PartitionRun.silent). */
export async function recoverPartition(
  name: PartitionName,
  context: RecoverContext,
): Promise<PartitionRun> {
  const { writer, book, rules } = context;
  const connection = writer.store.writer;
  const partitionId = await partitionIdOf(connection, name);
  const known = (await readProgress(connection, name.cluster, name.topic)).find(
    (log) => log.partition === name.partition,
  );
  const log: LogState = known ?? newLog(name, partitionId);
  const snapshot = known ? await newestSnapshot(connection, log, context) : null;
  // A later log without a snapshot goes on from a state that it does not hold.
  const from = snapshot?.header.at.position ?? (log.log === 0 ? 0 : log.position);
  // A snapshot may be older than the records at its position: applying them twice changes nothing.
  const records = await readControl(connection, partitionId, {
    from: snapshot ? { log: log.log, position: from } : null,
  });
  const first = records.find(({ change }) => change.kind === 'rules')?.change;
  const inForce = snapshot?.header.rules ?? (first?.kind === 'rules' ? first.rules : rules);
  const { ids } = book.idsOf(inForce);
  const options = { ...context.kernelOptions, rules: inForce, ruleIds: ids };
  const kernel = snapshot ? restoreKernel(snapshot, options) : new Kernel(options);
  const run = new PartitionRun(kernel, { ...log, position: from }, writer, book);
  run.committed = log.position;
  run.storedLog = known ?? null;
  run.storedEffectiveMs = await storedEffectiveMs(connection, partitionId);
  await writer.loadRejects(log);
  run.expect(records, await nextSeq(connection, partitionId, log.log));
  if (!run.silent) await goOnAtOnce(run, known !== undefined && !snapshot, context);
  await run.order(await configuredChanges(connection, partitionId, context));
  return run;
}

async function storedEffectiveMs(
  connection: DuckDBConnection,
  partitionId: number,
): Promise<number | null> {
  const [row] = await selectRows<{ ms: number | null }>(
    connection,
    'select max(effective_ms) as ms from progress where partition_id = $partition',
    { partition: partitionId },
  );
  return row!.ms;
}

/** Nothing of the log is to be read again: the control records apply, and the store where it must. */
async function goOnAtOnce(
  run: PartitionRun,
  fromStore: boolean,
  { writer, onNote }: RecoverContext,
): Promise<void> {
  await run.applyStored({ resets: !fromStore });
  if (!fromStore) return;
  const raised = await raiseToStore(run, writer.store.writer);
  if (raised === 0) return;
  run.changed = true;
  onNote(`partition ${run.log.partition}: no snapshot; ${raised} lines are taken from the store`);
}

async function newestSnapshot(
  connection: DuckDBConnection,
  log: LogState,
  { writer, snapshotFolder, onNote }: RecoverContext,
): Promise<ReturnType<typeof readSnapshot> | null> {
  const rows = await selectRows<{ file: string; position: number }>(
    connection,
    `select file, position from snapshot where partition_id = $partition and log = $log
       and position <= $position order by position desc, snapshot_recorded_at desc`,
    { partition: log.partitionId, log: log.log, position: log.position },
  );
  for (const { file } of rows) {
    try {
      const snapshot = readSnapshot(join(snapshotFolder, basename(file)));
      if (snapshot.header.storeCreatedMs === writer.store.createdMs) return snapshot;
      onNote(`${file} belongs to another store: passed over`);
    } catch (error) {
      onNote(`${(error as Error).message}; the one before it is used`);
    }
  }
  return null;
}

interface OpenRow extends Record<string, string | number | boolean | null> {
  readonly line: string;
  readonly down: boolean;
  readonly unknown: boolean;
  readonly n: number;
  readonly effective_ms: number;
  readonly transition_ms: number | null;
  readonly start_ms: number | null;
  readonly previous_outage_end_ms: number | null;
  readonly first_offset: number | null;
  readonly episode_rule_id: number | null;
  readonly episode_at_ms: number | null;
  readonly episode_since_ms: number | null;
  readonly episode_interruptions: number | null;
  readonly ended_ms: number | null;
  readonly last_offset: number | null;
  readonly raised_ms: number | null;
  readonly uncertain: boolean | null;
  readonly alarm: string | null;
  readonly cause: string | null;
}

/**
 * Raises a kernel to what the store holds: the log between its snapshot and the commit is gone.
 * Returns how many lines were raised; they are unknown until their next event.
 */
export async function raiseToStore(
  run: PartitionRun,
  connection: DuckDBConnection,
): Promise<number> {
  const rows = await selectRows<OpenRow>(
    connection,
    `select l.line, a.alarm, c.cause, o.* exclude (line_id, partition_id, alarm_id, cause_id)
     from open_state o join line l using (line_id) left join alarm a using (alarm_id)
     left join cause c using (cause_id) where o.partition_id = $partition order by o.line_id`,
    { partition: run.log.partitionId },
  );
  if (rows.some(({ ended_ms }) => ended_ms !== null)) makeRoomForEnds(run);
  let raised = 0;
  for (const row of rows) {
    const index = await run.fold.intern(L.DICTIONARY_KEYS, row.line);
    const alarm = row.alarm ? await run.fold.intern(L.DICTIONARY_ALARMS, row.alarm) : 0;
    const cause = row.cause ? await run.fold.intern(L.DICTIONARY_CAUSES, row.cause) : 0;
    if (isAsStored(run.fold.kernel, index, row)) continue;
    while (!raiseLine(run.fold.kernel, index, row, alarm, cause)) await run.fold.makeLarger();
    raised++;
  }
  await raiseCounters(run, connection);
  return raised;
}

/** Ends wait in the store that the rules in force would not let wait. */
function makeRoomForEnds({ fold }: PartitionRun): void {
  if (fold.kernel.control[L.CTL_PENDING_STRIDE] !== 0) return;
  const { rules, ruleIds } = fold.kernel.options;
  fold.kernel = withRules(fold.kernel, rules, ruleIds, true);
}

/** The counters of a partition are raised like its lines. */
async function raiseCounters(run: PartitionRun, connection: DuckDBConnection): Promise<void> {
  const [row] = await selectRows<Record<string, number | null>>(
    connection,
    `select max(events) as events, max(late) as late, max(duplicates) as duplicates,
       max(rejected) as rejected, min(first_ms) as first, max(effective_ms) as effective,
       max(newest_record_ms) as newest
     from progress where partition_id = $partition`,
    { partition: run.log.partitionId },
  );
  const { control } = run.fold.kernel;
  control[L.CTL_EVENTS_APPLIED] = row.events ?? 0;
  control[L.CTL_LATE] = row.late ?? 0;
  control[L.CTL_DUPLICATES] = row.duplicates ?? 0;
  control[L.CTL_REJECTED] = row.rejected ?? 0;
  control[L.CTL_FIRST_MS] = row.first ?? -1;
  control[L.CTL_EFFECTIVE_MS] = row.effective ?? -1;
  control[L.CTL_NEWEST_RECORD_MS] = row.newest ?? 0;
}

/** True when the kernel has of a line what the store has. */
function isAsStored(kernel: Kernel, index: number, row: OpenRow): boolean {
  const record = kernel.region(L.REGION_LINES) + index * L.LINE_SIZE;
  const wide = (field: number): number => (record + field) / 8;
  const narrow = (field: number): number => (record + field) / 4;
  const flags = kernel.u32[narrow(L.LINE_FLAGS)];
  return (
    (flags & L.FLAG_SEEN) !== 0 &&
    Number(kernel.i64[wide(L.LINE_EFFECTIVE)]) === row.effective_ms &&
    kernel.u32[narrow(L.LINE_N)] === row.n &&
    ((flags & (L.FLAG_DOWN | L.FLAG_PENDING)) !== 0) === row.down &&
    ((flags & L.FLAG_PENDING) !== 0) === (row.ended_ms !== null) &&
    ((flags & L.FLAG_UNKNOWN) !== 0) === row.unknown &&
    ((flags & L.FLAG_EPISODE) !== 0) === (row.episode_rule_id !== null)
  );
}

/** Raises a line to its row of the store; false when the alarms have no room. */
function raiseLine(
  kernel: Kernel,
  index: number,
  row: OpenRow,
  alarm: number,
  cause: number,
): boolean {
  const record = kernel.region(L.REGION_LINES) + index * L.LINE_SIZE;
  const wide = (field: number): number => (record + field) / 8;
  const narrow = (field: number): number => (record + field) / 4;
  const episode = row.episode_rule_id === null ? 0 : 1;
  const waits = row.ended_ms === null ? 0 : 1;
  const raisedMs = row.raised_ms ?? row.effective_ms;
  const down = row.down ? 1 : 0;
  if (!kernel.calls.raiseLine(index, alarm, down, episode, waits, raisedMs)) return false;
  kernel.i64[wide(L.LINE_EFFECTIVE)] = BigInt(row.effective_ms);
  kernel.i64[wide(L.LINE_TRANSITION)] = BigInt(row.transition_ms ?? -1);
  kernel.i64[wide(L.LINE_START)] = BigInt(row.start_ms ?? 0);
  kernel.i64[wide(L.LINE_OUTAGE_END)] = BigInt(row.previous_outage_end_ms ?? -1);
  kernel.i64[wide(L.LINE_FIRST)] = BigInt(row.first_offset ?? 0);
  kernel.u32[narrow(L.LINE_N)] = row.n;
  kernel.u32[narrow(L.LINE_CAUSE)] = cause;
  kernel.u32[narrow(L.LINE_ALARM)] = alarm;
  if (row.uncertain) kernel.u32[narrow(L.LINE_FLAGS)] |= L.FLAG_UNCERTAIN;
  if (row.episode_rule_id !== null) writeEpisode(kernel, index, row);
  if (row.ended_ms !== null) writeEnd(kernel, index, row.ended_ms, row.last_offset ?? 0);
  return true;
}

function writeEpisode(kernel: Kernel, index: number, row: OpenRow): void {
  const starts = sectionsOf(kernel)[L.SECTION_STARTS];
  const stride = kernel.control[L.CTL_STARTS_STRIDE];
  const at = starts.byteOffset + index * stride;
  kernel.i64[(at + L.EPISODE_AT) / 8] = BigInt(row.episode_at_ms ?? 0);
  kernel.i64[(at + L.EPISODE_SINCE) / 8] = BigInt(row.episode_since_ms ?? 0);
  kernel.u32[(at + L.EPISODE_COUNT) / 4] = row.episode_interruptions ?? 0;
  kernel.u32[(at + L.EPISODE_RULE) / 4] = row.episode_rule_id ?? 0;
}

/** The end that waits. */
function writeEnd(kernel: Kernel, index: number, endMs: number, position: number): void {
  const at = kernel.region(L.REGION_PENDING) + index * L.PENDING_SIZE;
  kernel.i64[(at + L.PENDING_END) / 8] = BigInt(endMs);
  kernel.i64[(at + L.PENDING_LAST) / 8] = BigInt(position);
}
