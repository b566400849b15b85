// What a service is beside its feed: the store and those who read it, the API and the page, records, KPIs,
// causes, notices. app.ts feeds it from folds of its own, serve.ts from workers elsewhere.

import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Status } from './api/contract.js';
import type { RunCounters } from './api/metrics.js';
import { buildApi } from './api/server.js';
import { CauseService } from './cause-service.js';
import { DEFAULT_CAUSE_SETTINGS } from './cause/settings.js';
import { messageOf } from './config/errors.js';
import { ROOT } from './config/root.js';
import { cleanError, redacted } from './config/secrets.js';
import { KpiKeeper } from './kpi/keeper.js';
import { LiveFeed } from './live-feed.js';
import { Notifier } from './notify/notifier.js';
import { channelsOf } from './notify/options.js';
import type { Outputs } from './outputs.js';
import { notReading } from './pipeline/changes.js';
import type { Feed, FeedLoop } from './pipeline/feed.js';
import { RecordIntake } from './pipeline/record-intake.js';
import type { RunOptions } from './pipeline/run.js';
import type { StoreLoopOptions } from './pipeline/store-loop.js';
import type { CoreOptions } from './service-options.js';
import { goesOn, makeFolder, portError } from './service-start.js';
import type { KafkaLog } from './source/kafka.js';
import { SplitWatch } from './split-watch.js';
import { StatusBoard } from './status.js';
import { Directory } from './store/directory.js';
import { HeatModel } from './store/heat.js';
import { ListMemory } from './store/list-memory.js';
import { NightlyBackup } from './store/nightly.js';
import { type Readers, openReaders } from './store/readers.js';
import { Rested } from './rested.js';
import { openOrRebuild } from './store/rebuild.js';
import { DEFAULT_STORE_OPTIONS, STORE_FILE, type Store } from './store/store.js';

const PROBLEMS_EVERY_MS = 500;
const BACKUP_EVERY_MS = 60_000;
const REFRESH_EVERY_MS = 5_000;
/** Between two refreshes of the heat map, by what one takes: commits ask for it. */
const REFRESH_MS = { least: 1_000, most: 2_000 } as const;
const NOTICES_EVERY_MS = 2_000;
const RECORDS_EVERY_MS = 5_000;
const SPLIT_LINES_EVERY_MS = 10_000;
/** Closed months are looked for, and late data in them. */
const KPI_EVERY_MS = 600_000;

/** How the feed is opened once the store is. */
export interface Feeding {
  readonly source: Status['source'];
  /** Files of records are read before it. */
  readonly readsRecords: boolean;
  open(store: Store, directory: Directory): Promise<Feed>;
}

/** The parts, in the order in which they need one another; taken down in the reverse. */
export class ServiceCore<Options extends CoreOptions = CoreOptions> {
  readonly options: Options;
  /** A text without secrets. */
  readonly clean: (text: string) => string;
  store: Store | null = null;
  readers!: Readers;
  records!: RecordIntake;
  board!: StatusBoard;
  /** What is published beside the store. */
  outputs: Outputs | null = null;
  loop: FeedLoop | null = null;
  private feed: Feed | null = null;
  private backup: NightlyBackup | null = null;
  private kpis: KpiKeeper | null = null;
  private causes: CauseService | null = null;
  private heat!: HeatModel;
  private readonly memory = new ListMemory();
  private live: LiveFeed | null = null;
  private api: { close(): Promise<unknown> } | null = null;
  private notifier: Notifier | null = null;
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly refreshing = new Rested(() => this.refreshHeat(), REFRESH_MS);
  private isStopping = false;

  constructor(options: Options) {
    const secrets = options.kafka?.secrets ?? [];
    this.clean = (text) => redacted(text, secrets);
    this.options = {
      ...options,
      onNote: (text: string) => options.onNote(this.clean(text)),
      onFailure: (error: unknown) => options.onFailure(cleanError(error, secrets)),
    };
  }

  /** Opens the store and what reads it. Throws STORE_..., FILE_UNREADABLE. */
  async open(feeding: Feeding): Promise<void> {
    const { options } = this;
    makeFolder(options.dataFolder);
    const file = join(options.dataFolder, STORE_FILE);
    const { timeZone, onNote, backup } = options;
    const backups = join(options.dataFolder, 'backups');
    const limits = { ...(options.store ?? DEFAULT_STORE_OPTIONS), timeZone };
    this.store = await openOrRebuild(file, limits, backups, onNote);
    if (backup) this.backup = new NightlyBackup(this.store, { folder: backups, ...backup, onNote });
    this.records = new RecordIntake({
      store: this.store,
      timeZone,
      folder: options.recordsFolder,
      running: () => (this.loop ? { loop: this.loop, feed: this.feed! } : null),
      onLines: () => this.reloadHeat(),
      onComponents: () => this.causes?.reload(),
      onNote,
    });
    if (feeding.readsRecords) await this.records.begin(options.recordFiles);
    const directory = new Directory();
    await directory.load(this.store.writer);
    const readers = openReaders(this.store);
    this.readers = readers;
    this.store.beforeReopen = async () => {
      await readers.letGo();
      await this.backup?.letGo();
      await this.kpis?.letGo();
      this.memory.clear();
    };
    const reading = (): Map<number, number> => this.board.reading();
    this.kpis = new KpiKeeper(this.store, { timeZone, reading, onNote });
    const feed = await feeding.open(this.store, directory);
    this.feed = feed;
    this.live = new LiveFeed(feed);
    this.causes = await CauseService.open({
      feed,
      readers,
      settings: options.causes ?? DEFAULT_CAUSE_SETTINGS,
      readPastMs: () => this.board.readPastMs(),
      change: (store) => this.write(store),
      onNote,
    });
    const { idleMs } = options;
    this.board = new StatusBoard({ feed, readers, source: feeding.source, idleMs, timeZone });
  }

  /** Opens the API; its address. Throws PORT_IN_USE. */
  async listen(): Promise<string> {
    const { options, board } = this;
    await this.loadHeat();
    const api = await buildApi({
      status: () => board.status(),
      read: this.readers.read,
      memory: this.memory,
      reading: () => board.reading(),
      heat: () => this.heat,
      reset: async (request) => {
        if (!this.loop) throw notReading();
        return this.loop.reset(request);
      },
      readLong: (query) => this.kpis!.read(query),
      recompute: (...asked) => this.kpis!.recompute(...asked),
      targets: options.targets ?? null,
      bringIn: (records, how) => this.records.take(records, how),
      write: (statements) => this.write(statements),
      recordAt: async (partition, offset) => {
        if (!this.loop?.recordAt) throw notReading();
        return this.loop.recordAt(partition, offset);
      },
      onChange: (listener) => board.onChange(listener),
      counters: () => this.counters(),
      onLive: (listener) => this.live!.onLive(listener),
      causes: this.causes!,
      tokens: options.tokens,
      limits: options.apiLimits ?? {},
      webRoot: join(ROOT, 'dist', 'web'),
    });
    this.api = api;
    try {
      await api.listen({ host: options.host, port: options.port });
    } catch (error) {
      throw portError(error, options);
    }
    const bound = api.server.address();
    const port = bound && typeof bound === 'object' ? bound.port : options.port;
    return `http://${isIPv6(options.host) ? `[${options.host}]` : options.host}:${port}/`;
  }

  /** Throws INTERRUPTED when the start is to end. */
  goOn(): void {
    goesOn(this.options.signal);
  }

  /** The heat map of what the store holds. */
  async loadHeat(): Promise<void> {
    this.heat = await this.readers.read((connection) => HeatModel.load(connection));
  }

  /** What a loop tells the others. */
  get listeners(): StoreLoopOptions & Pick<RunOptions, 'onNews'> {
    return {
      live: () => this.heat,
      refreshLive: () => this.refreshHeat(),
      onNews: (news) => {
        this.board.noteNews(news);
        this.live!.take(news);
      },
      onStored: () => {
        this.outputs?.afterStored();
        this.refreshing.ask();
        this.board.noteCommit();
      },
      onNote: this.options.onNote,
    };
  }

  /** Takes up the loop that is about to start; `log` is what it reads. */
  takeLoop(loop: FeedLoop, log: KafkaLog): void {
    this.loop = loop;
    this.board.loop = loop;
    this.board.problemOf = (partition) => {
      const problem = log.problems.partitionErrors.get(partition);
      return problem === undefined ? null : this.clean(problem);
    };
  }

  /** Everything that goes on once the loop runs; `log` is what it reads. */
  goLive(loop: FeedLoop, log: KafkaLog): void {
    this.startNotices();
    this.causes!.begin(this.outputs);
    this.every(PROBLEMS_EVERY_MS, () => this.tellProblems(loop, log));
    this.every(REFRESH_EVERY_MS, () => this.refreshing.ask());
    this.every(RECORDS_EVERY_MS, () => void this.records.look());
    this.watchSplitLines();
    this.every(BACKUP_EVERY_MS, () => void this.backup?.look());
    this.every(KPI_EVERY_MS, () => this.kpis!.keep());
    this.board.say('live', 'live');
  }

  /** The first part of a stop: nothing new is begun. */
  beginStop(): void {
    this.isStopping = true;
    this.board?.say('stopping', 'stopping');
    for (const timer of this.timers) clearInterval(timer);
    this.live?.stop();
  }

  /** The second: what was begun ends, reading too. */
  async endWork(): Promise<void> {
    await this.notifier?.stop();
    await this.causes?.stop();
    await this.loop?.stop();
  }

  /** The last: everything is let go. */
  async close(): Promise<void> {
    await this.api?.close();
    await this.backup?.idle();
    await this.readers?.close();
    this.memory.clear();
    await this.kpis?.close();
    // After a failure of the store itself this may fail too; everything else is still let go.
    try {
      await this.feed?.close();
      if (this.feed) await this.store!.writer.run('checkpoint');
    } catch (error) {
      this.options.onNote(`the store was not closed well: ${messageOf(error)}`);
    }
    this.store?.close();
  }

  /** Another heat map when records change; before the first there is none to replace. */
  private reloadHeat(): void {
    if (!this.heat) return;
    this.loadHeat().catch((error: unknown) => {
      this.options.onNote(`heat map: ${messageOf(error)}`);
    });
  }

  private async refreshHeat(): Promise<void> {
    try {
      await this.readers.read((connection) => this.heat.refresh(connection));
    } catch (error) {
      if (!this.isStopping) this.options.onNote(`heat map: ${messageOf(error)}`);
    }
  }

  private watchSplitLines(): void {
    const { board, readers, options } = this;
    const watch = new SplitWatch({ readers, ...board.source, onNote: options.onNote });
    board.splitLines = () => watch.lines;
    void watch.look();
    this.every(SPLIT_LINES_EVERY_MS, () => void watch.look());
  }

  /** Has statements committed by the one writer. Throws SERVICE_UNAVAILABLE. */
  private async write(statements: (to: DuckDBConnection) => Promise<unknown>): Promise<void> {
    if (!this.loop) throw notReading();
    await this.loop.change(async () => this.feed!.writer.order(statements));
  }

  private startNotices(): void {
    const { options, board, readers } = this;
    if (!options.notify) return;
    const notifier = new Notifier({
      read: readers.read,
      write: (statements) => this.write(statements),
      readAt: () => ({ at: board.reading() }),
      now: Date.now,
      channels: channelsOf(options.notify),
      digestEveryMs: options.notify.digestEveryMs,
      note: options.onNote,
    });
    this.notifier = notifier;
    this.every(NOTICES_EVERY_MS, () => void notifier.pass());
  }

  private tellProblems({ committer }: FeedLoop, log: KafkaLog): void {
    const { board } = this;
    const { connected, lastError } = log.problems;
    board.connected = connected;
    const { problem, problemOf } = committer;
    board.storeProblem = problemOf === 'store' ? problem : null;
    board.outputProblem = problemOf === 'output' ? problem : null;
    const away = `Kafka does not answer: ${lastError ?? 'no connection'}`;
    board.say('live', problem ?? (connected ? 'live' : this.clean(away)));
  }

  private counters(): RunCounters | null {
    const { loop, outputs, causes } = this;
    const counts = outputs?.counts ?? { deadLetters: 0, findingsPublished: 0 };
    if (!loop) return null;
    const { rowsToRollUp } = loop.committer;
    return { ...loop.counters(), rowsToRollUp, ...counts, ...causes!.counts };
  }

  private every(ms: number, action: () => void): void {
    this.timers.push(setInterval(action, ms));
  }
}
