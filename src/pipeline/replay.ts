// Replay: files or relations through one kernel, findings to a file, to a store, or both. The whole
// input is one partition; at its end the open state is read at the largest effective time.

import { setImmediate } from 'node:timers/promises';
import * as L from '../../assembly/layout.js';
import type { CauseFinding } from '../cause/finding.js';
import { type CauseSettings, DEFAULT_CAUSE_SETTINGS } from '../cause/settings.js';
import { FlaplineError } from '../config/errors.js';
import { type Rules } from '../config/rules.js';
import { DEFAULT_CAPACITIES, Kernel, type ZoneEntry } from '../kernel/kernel.js';
import { DEFAULT_LIMITS, type KernelLimits } from '../config/limits.js';
import type { Reject } from '../kernel/rejects.js';
import type { CompiledMapping } from '../mapping/compiled.js';
import type { ReadRecords } from '../records/read.js';
import { checkReadable, readFileInto } from '../source/files.js';
import { foldRelation, openRelations, relationOfFile } from '../source/relation.js';
import type { CauseChange } from '../store/causes.js';
import { RuleBook } from '../store/rule-book.js';
import { applyControl } from './apply-control.js';
import { firstChanges } from './configured.js';
import { causeRecordsOf } from '../store/cause-records.js';
import { controlCalls } from './control-calls.js';
import { type Finding, findingsOf } from './findings.js';
import { Fold } from './fold.js';
import { ReplayCauses } from './replay-causes.js';
import { type StoreTarget, openTarget } from './replay-store.js';

/** What to replay, and where the findings go. */
export interface ReplayOptions {
  /** NDJSON, gzip, CSV, Parquet, or `-`; one log in this order. */
  readonly files: readonly string[];
  /** A SELECT statement to be replayed after the files. */
  readonly select?: string | undefined;
  readonly sort: boolean;
  readonly rules: Rules;
  readonly limits?: KernelLimits;
  /** Bytes of one object. */
  readonly objectBytesMax?: number;
  /** Findings hold interruption starts too. */
  readonly starts: boolean;
  /** Reads event times without an offset; empty: they are rejected. */
  readonly zone: readonly ZoneEntry[];
  /** How messages are read; null or absent = the native form. */
  readonly mapping?: CompiledMapping | null;
  /** (key, line) pairs in the file's order. */
  readonly aliases?: readonly (readonly [string, string])[];
  /** A new store file for the findings. */
  readonly storeFile?: string | undefined;
  /** Where the store's views cut months and days; Asia/Shanghai unless given. */
  readonly timeZone?: string | undefined;
  /** The operator's records, for the store and for the classes of lines. */
  readonly records?: readonly ReadRecords[];
  /** Sees the tables of findings before they are emptied, with the kernel's own line indices. */
  readonly onTables?: (kernel: Kernel) => void;
  readonly onFindings?: ((findings: readonly Finding[]) => Promise<void>) | undefined;
  /** What causes are judged by; the defaults unless given. */
  readonly causeSettings?: CauseSettings;
  /** Takes the causes at the end, in the order of their times; needs records of components. */
  readonly onCauses?: ((causes: readonly CauseFinding[]) => Promise<void>) | undefined;
  readonly onReject?: (file: string, reject: Reject) => void;
  readonly onProgress?: (progress: ReplayProgress) => void;
  /** Ends the replay early. */
  readonly signal?: AbortSignal | undefined;
}

/** How far a replay has come. */
export interface ReplayProgress {
  readonly file: string;
  readonly readBytes: number;
  /** null = not known beforehand. */
  readonly sizeBytes: number | null;
  readonly events: number;
}

/** What a replay found. */
export interface ReplaySummary {
  readonly events: number;
  readonly late: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly lines: number;
  /** The reading time: the largest effective time; null when there was no event. */
  readonly atMs: number | null;
}

/** Signals are looked at, and progress is told, this often. */
const BREATH_MS = 50;

/** Replays; the counts. Throws INTERRUPTED when the signal says so. */
export async function replay(options: ReplayOptions): Promise<ReplaySummary> {
  checkReadable(options.files);
  const target = options.storeFile ? await openTarget(options.storeFile, options, options) : null;
  try {
    const run = new ReplayRun(options, target);
    const summary = await run.run();
    if (target) await target.finish(run.fold, run.settled);
    return summary;
  } finally {
    target?.close();
  }
}

class ReplayRun {
  readonly fold: Fold;
  private readonly options: ReplayOptions;
  private readonly target: StoreTarget | null;
  private readonly causes: ReplayCauses | null;
  /** The causes once they are settled, to be stored. */
  settled: CauseChange | null = null;
  private readonly book = new RuleBook();
  private file = '';
  private atMs = 0;
  private reading = false;
  private readBytes = 0;
  private sizeBytes: number | null = null;
  private relationRows = 0;
  private lastBreathMs = performance.now();

  constructor(options: ReplayOptions, target: StoreTarget | null) {
    this.options = options;
    this.target = target;
    const { causeSettings = DEFAULT_CAUSE_SETTINGS } = options;
    const causeRecords =
      target?.causeRecords ??
      (options.onCauses ? causeRecordsOf(options.records ?? [], causeSettings) : null);
    this.causes = causeRecords && new ReplayCauses(causeRecords, causeSettings);
    const { ids } = this.book.idsOf(options.rules);
    const kernel = new Kernel({
      rules: options.rules,
      ruleIds: target?.ruleIds ?? ids,
      capacities: {
        ...DEFAULT_CAPACITIES,
        inboxBytes: options.objectBytesMax ?? DEFAULT_CAPACITIES.inboxBytes,
      },
      limits: options.limits ?? DEFAULT_LIMITS,
      emitStarts: options.starts || this.causes !== null,
      zone: options.zone,
      mapping: options.mapping ?? null,
    });
    this.fold = new Fold(kernel, {
      takeFindings: (current) => this.takeFindings(current),
      takeRejects: (rejects) => this.takeRejects(rejects),
    });
  }

  async run(): Promise<ReplaySummary> {
    const { options, fold } = this;
    const lines = (options.records ?? []).filter(({ kind }) => kind === 'lines');
    const changes =
      this.target?.changes ??
      firstChanges(
        options,
        lines.flatMap(({ rows }) => rows),
      );
    const calls = controlCalls(fold, this.book, 0);
    for (const change of changes) await applyControl(change, calls);
    const applySorted = options.sort ? fold.sortByTime() : null;
    for (const file of options.files) await this.readFile(file);
    if (options.select) await this.readRelation(options.select, '--select');
    await applySorted?.();
    await fold.drain();
    const effective = fold.kernel.control[L.CTL_EFFECTIVE_MS]!;
    if ((options.onFindings || options.onTables) && effective >= 0) {
      this.atMs = effective;
      this.reading = true;
      await fold.read(effective);
    }
    if (effective >= 0 && this.causes) {
      const settled = this.causes.settle(effective);
      await options.onCauses?.(settled.found.map(({ finding }) => finding));
      this.settled = settled;
    }
    const count = (slot: number): number => fold.kernel.control[slot]!;
    return {
      events: count(L.CTL_EVENTS_APPLIED),
      late: count(L.CTL_LATE),
      duplicates: count(L.CTL_DUPLICATES),
      rejected: count(L.CTL_REJECTED),
      lines: fold.linesSeen,
      atMs: effective >= 0 ? effective : null,
    };
  }

  private async readFile(file: string): Promise<void> {
    const sql = relationOfFile(file);
    if (sql) return this.readRelation(sql, file);
    this.file = file;
    const onBytes = (readBytes: number, sizeBytes: number | null): Promise<void> => {
      this.readBytes = readBytes;
      this.sizeBytes = sizeBytes;
      return this.breathe();
    };
    const broken = await readFileInto(file, this.fold, onBytes, this.options.signal);
    if (broken === null) return;
    const position = this.readBytes;
    this.takeRejects([{ position, reason: broken, place: `byte ${position}`, sample: '' }]);
    this.fold.countRejected(1);
  }

  private async readRelation(sql: string, name: string): Promise<void> {
    const { zone, aliases = [], signal } = this.options;
    this.file = name;
    this.readBytes = 0;
    this.sizeBytes = null;
    const connection = await openRelations();
    const interrupt = (): void => connection.interrupt();
    signal?.addEventListener('abort', interrupt);
    try {
      const relation = { sql, name, zone, aliases, rowsBefore: this.relationRows };
      const { rows } = await foldRelation(
        connection,
        relation,
        this.fold,
        (rejects) => this.takeRejects(rejects),
        () => this.breathe(),
      );
      this.relationRows += rows;
    } catch (error) {
      this.checkInterrupted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', interrupt);
      connection.closeSync();
    }
  }

  /** Tells progress and, now and then, gives signals and timers their turn. */
  private async breathe(): Promise<void> {
    const now = performance.now();
    if (now - this.lastBreathMs < BREATH_MS) return;
    this.lastBreathMs = now;
    const { file, readBytes, sizeBytes } = this;
    const events = this.fold.kernel.control[L.CTL_EVENTS_APPLIED]!;
    this.options.onProgress?.({ file, readBytes, sizeBytes, events });
    await setImmediate();
    this.checkInterrupted();
  }

  private checkInterrupted(): void {
    if (this.options.signal?.aborted) throw new FlaplineError('INTERRUPTED', 'interrupted');
  }

  private takeRejects(rejects: readonly Reject[]): void {
    for (const reject of rejects) this.options.onReject?.(this.file, reject);
    this.target?.takeRejects(rejects);
  }

  private async takeFindings(kernel: Kernel): Promise<void> {
    const { onFindings, onTables } = this.options;
    await this.breathe();
    onTables?.(kernel);
    this.causes?.take(kernel);
    if (onFindings) {
      const view = {
        ruleOf: (id: number) => this.book.ruleOf(id),
        atMs: this.atMs,
        starts: this.options.starts,
      };
      await onFindings(findingsOf(kernel, view));
    }
    if (!this.target || this.reading) return;
    await this.target.take(kernel);
    if (this.target.due) await this.target.commit(kernel);
  }
}
