// The one transaction: findings, open state, control records and progress. Findings go in whenever
// the kernel's tables fill; open state and progress when the transaction ends. Nothing of it is seen
// by a reader, or left after a crash, before `commit`.

import * as L from '../../assembly/layout.js';
import type { Kernel } from '../kernel/kernel.js';
import type { Reject } from '../kernel/rejects.js';
import { type ColumnKind, type ColumnSource, TableAppender } from './chunks.js';
import type { Directory } from './directory.js';
import type { LogState } from './progress.js';
import { writeProgress } from './progress.js';
import { type Store, storeError } from './store.js';

/** Rows of `rejected` that one commit keeps, and the table as a whole; beyond it they are counted. */
export const REJECTED_ROWS = { perCommitMax: 1_000, tableMax: 100_000 } as const;

const INTERRUPTION: readonly ColumnKind[] = [
  'integer',
  'integer',
  'integer',
  'bigint',
  'bigint',
  'integer',
  'integer',
  'bigint',
  'bigint',
];
const EPISODE: readonly ColumnKind[] = [
  'integer',
  'integer',
  'integer',
  'bigint',
  'bigint',
  'bigint',
  'integer',
];
const REPEAT: readonly ColumnKind[] = ['integer', 'integer', 'bigint', 'bigint'];
const OPEN: readonly ColumnKind[] = [
  'integer',
  'integer',
  'boolean',
  'boolean',
  'integer',
  'bigint',
  'bigint',
  'bigint',
  'bigint',
  'integer',
  'integer',
  'bigint',
  'boolean',
  'integer',
  'bigint',
  'bigint',
  'integer',
];
const STAGE = `create temp table open_stage (line_id integer, partition_id integer, down boolean,
  unknown boolean, n integer, effective_ms bigint, transition_ms bigint, start_ms bigint,
  previous_outage_end_ms bigint, cause_id integer, alarm_id integer, first_offset bigint,
  flapping boolean, episode_rule_id integer, episode_at_ms bigint, episode_since_ms bigint,
  episode_interruptions integer)`;
/** What a staged row becomes: -1 and what means nothing now read as null. */
const STAGED = `select line_id, partition_id, down, unknown, n, effective_ms,
    nullif(transition_ms, -1) as transition_ms, if(down, start_ms, null) as start_ms,
    nullif(previous_outage_end_ms, -1) as previous_outage_end_ms,
    if(down, cause_id, null) as cause_id, if(down, alarm_id, null) as alarm_id,
    if(down, first_offset, null) as first_offset,
    if(flapping, episode_rule_id, null) as episode_rule_id,
    if(flapping, episode_at_ms, null) as episode_at_ms,
    if(flapping, episode_since_ms, null) as episode_since_ms,
    if(flapping, episode_interruptions, null) as episode_interruptions
  from open_stage`;
const OPEN_COLUMNS = [
  'down',
  'unknown',
  'n',
  'effective_ms',
  'transition_ms',
  'start_ms',
  'previous_outage_end_ms',
  'cause_id',
  'alarm_id',
  'first_offset',
  'episode_rule_id',
  'episode_at_ms',
  'episode_since_ms',
  'episode_interruptions',
];
const UPDATE_OPEN = `update open_state o set ${OPEN_COLUMNS.map((c) => `${c} = s.${c}`).join(', ')}
  from (${STAGED}) s where o.line_id = s.line_id and o.partition_id = s.partition_id`;
const INSERT_OPEN = `insert into open_state select s.* from (${STAGED}) s
  anti join open_state o on o.line_id = s.line_id and o.partition_id = s.partition_id`;

const NOTHING: ColumnSource = { nothing: true };

/** A partition at a commit: its kernel, and how far its log has been read. */
export interface CommitPart {
  readonly kernel: Kernel;
  readonly log: LogState;
}

/** Sees what goes into a transaction: columns whose lines have the store's ids. */
export interface CommitObserver {
  takeFindings(kernel: Kernel): void;
  takeOpen(kernel: Kernel, rows: number): void;
}

interface PendingReject extends Reject {
  readonly partitionId: number;
  readonly logNumber: number;
}

/** Writes findings and commits. One at a time; not to be used after an error. */
export class StoreWriter {
  readonly store: Store;
  readonly directory: Directory;
  private readonly interruptions: TableAppender;
  private readonly episodes: TableAppender;
  private readonly repeats: TableAppender;
  private readonly open: TableAppender;
  private inTransaction = false;
  private rejects: PendingReject[] = [];
  private rejectedRows: number;
  /** Rows appended since the last commit. */
  rows = 0;
  /** Positions are offsets in Kafka, kept so that raw alarms can be read back. */
  keepOffsets = true;
  /** Told of everything before it is committed; for live views. */
  observer: CommitObserver | null = null;

  private constructor(
    store: Store,
    directory: Directory,
    tables: readonly TableAppender[],
    rejectedRows: number,
  ) {
    this.store = store;
    this.directory = directory;
    [this.interruptions, this.episodes, this.repeats, this.open] = tables as [
      TableAppender,
      TableAppender,
      TableAppender,
      TableAppender,
    ];
    this.rejectedRows = rejectedRows;
  }

  static async open(store: Store, directory: Directory): Promise<StoreWriter> {
    const { writer } = store;
    await writer.run(STAGE);
    const counted = await writer.runAndReadAll('select count(*) from rejected');
    return new StoreWriter(
      store,
      directory,
      [
        await TableAppender.open(writer, 'interruption_row', INTERRUPTION),
        await TableAppender.open(writer, 'episode_row', EPISODE),
        await TableAppender.open(writer, 'repeat_row', REPEAT),
        await TableAppender.open(writer, 'open_stage', OPEN, true),
      ],
      Number(counted.getRows()[0]![0]),
    );
  }

  /** Takes the findings that wait in a kernel's tables. Their lines get the store's ids first. */
  async takeFindings(kernel: Kernel, partitionId: number): Promise<void> {
    try {
      await this.begin();
      this.directory.nameNew(kernel);
      for (let kind = 0; kind < L.KINDS; kind++) {
        if (kernel.foundCount(kind) > 0) kernel.calls.resolve(kind);
      }
      this.observer?.takeFindings(kernel);
      this.appendFindings(kernel, partitionId);
      await this.insertUnknown(kernel, partitionId);
    } catch (error) {
      throw storeError(error, this.store.file);
    }
  }

  /** Keeps rejections for the next commit, up to REJECTED_ROWS. */
  takeRejects(rejects: readonly Reject[], partitionId: number, logNumber: number): void {
    for (const reject of rejects) {
      const { perCommitMax, tableMax } = REJECTED_ROWS;
      if (this.rejects.length >= perCommitMax) return;
      if (this.rejectedRows + this.rejects.length >= tableMax) return;
      this.rejects.push({ ...reject, partitionId, logNumber });
    }
  }

  /** Ends the transaction with the open state and the progress of the partitions. */
  async commit(parts: readonly CommitPart[]): Promise<void> {
    const { writer } = this.store;
    try {
      await this.begin();
      let changed = 0;
      for (const { kernel, log } of parts) {
        this.directory.nameNew(kernel);
        changed += this.stageOpen(kernel, log.partitionId);
      }
      this.interruptions.flush();
      this.episodes.flush();
      this.repeats.flush();
      this.directory.append();
      if (changed > 0) {
        this.open.flush();
        await writer.run(UPDATE_OPEN);
        await writer.run(INSERT_OPEN);
        await writer.run('delete from open_stage');
      }
      await this.insertRejects();
      for (const { kernel, log } of parts) await writeProgress(writer, kernel, log);
      await writer.run('commit');
    } catch (error) {
      throw storeError(error, this.store.file);
    }
    this.inTransaction = false;
    this.rows = 0;
    this.directory.committed();
  }

  /** Writes the log into the file, at a time of the caller's choosing. */
  async checkpoint(): Promise<void> {
    await this.store.writer.run('checkpoint');
  }

  /** Undoes the transaction at hand; only close() may follow. */
  async rollback(): Promise<void> {
    if (!this.inTransaction) return;
    this.inTransaction = false;
    await this.store.writer.run('rollback');
  }

  /** Closes the appenders; what was not committed is lost. */
  close(): void {
    for (const table of [this.interruptions, this.episodes, this.repeats, this.open]) {
      table.clear();
      table.close();
    }
    this.directory.close();
  }

  /** Begins the transaction that the next commit ends, unless it has begun. */
  async begin(): Promise<void> {
    if (this.inTransaction) return;
    await this.store.writer.run('begin');
    this.inTransaction = true;
  }

  private appendFindings(kernel: Kernel, partitionId: number): void {
    const memory = kernel.bytes.buffer as ArrayBuffer;
    const partition = { constant: partitionId };
    const put = (table: TableAppender, kind: number, columns: (number | ColumnSource)[]): void => {
      const rows = kernel.foundCount(kind);
      if (rows === 0) return;
      const sources = columns.map((column) =>
        typeof column === 'number' ? { at: kernel.foundColumn(kind, column) } : column,
      );
      table.append(memory, rows, sources);
      this.rows += rows;
    };
    // A dictionary without names (but `*`) has none to give: the column is null as a whole.
    const named = (dictionary: number, column: number): number | ColumnSource =>
      kernel.nameCount(dictionary) > (dictionary === L.DICTIONARY_ALARMS ? 1 : 0)
        ? column
        : NOTHING;
    const offset = (column: number): number | ColumnSource => (this.keepOffsets ? column : NOTHING);
    put(this.interruptions, L.KIND_INTERRUPTION, [
      L.FOUND_LINE,
      partition,
      L.FOUND_N,
      L.FOUND_FROM,
      L.FOUND_UNTIL,
      named(L.DICTIONARY_CAUSES, L.FOUND_CAUSE),
      named(L.DICTIONARY_ALARMS, L.FOUND_ALARM),
      offset(L.FOUND_FIRST),
      offset(L.FOUND_LAST),
    ]);
    put(this.episodes, L.KIND_FLAP_END, [
      L.FOUND_LINE,
      partition,
      L.FOUND_RULE,
      L.FOUND_AT,
      L.FOUND_FROM,
      L.FOUND_UNTIL,
      L.FOUND_N,
    ]);
    put(this.repeats, L.KIND_REPEAT, [L.FOUND_LINE, partition, L.FOUND_FROM, L.FOUND_UNTIL]);
  }

  private stageOpen(kernel: Kernel, partitionId: number): number {
    const memory = kernel.bytes.buffer as ArrayBuffer;
    const at = (column: number): ColumnSource => ({ at: kernel.openColumn(column) });
    const sources = [
      at(L.OPEN_LINE),
      { constant: partitionId },
      at(L.OPEN_DOWN),
      at(L.OPEN_UNKNOWN),
      at(L.OPEN_N),
      at(L.OPEN_EFFECTIVE),
      at(L.OPEN_TRANSITION),
      at(L.OPEN_START),
      at(L.OPEN_OUTAGE_END),
      at(L.OPEN_CAUSE),
      at(L.OPEN_ALARM),
      at(L.OPEN_FIRST),
      at(L.OPEN_EPISODE),
      at(L.OPEN_RULE),
      at(L.OPEN_AT),
      at(L.OPEN_SINCE),
      at(L.OPEN_COUNT),
    ];
    let rows = 0;
    for (;;) {
      const count = kernel.calls.takeChanged();
      if (count === 0) return rows;
      this.open.append(memory, count, sources);
      this.observer?.takeOpen(kernel, count);
      rows += count;
    }
  }

  private async insertUnknown(kernel: Kernel, partitionId: number): Promise<void> {
    const kind = L.KIND_UNKNOWN;
    for (let row = 0; row < kernel.foundCount(kind); row++) {
      const ms = (column: number): bigint =>
        kernel.i64[kernel.foundColumn(kind, column) / 8 + row]!;
      const line = kernel.u32[kernel.foundColumn(kind, L.FOUND_LINE) / 4 + row]!;
      await this.store.writer.run(
        `insert into coverage_gap values ($1, $2, nullif($3, -1), $4, 'rejected event')`,
        [partitionId, line, ms(L.FOUND_FROM), ms(L.FOUND_UNTIL)],
      );
    }
  }

  private async insertRejects(): Promise<void> {
    const taken = this.rejects;
    this.rejects = [];
    for (const reject of taken) {
      await this.store.writer.run('insert into rejected values ($1, $2, $3, $4, $5, $6, now())', [
        reject.partitionId,
        reject.logNumber,
        BigInt(reject.position),
        reject.place,
        reject.reason,
        reject.sample,
      ]);
    }
    this.rejectedRows += taken.length;
  }
}
