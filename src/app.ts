// The service: parts made and wired, in the order in which they need one another, and taken down in
// the reverse. Tests start it in process.

import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { RunCounters } from './api/metrics.js';
import { buildApi } from './api/server.js';
import { CauseService } from './cause-service.js';
import { DEFAULT_CAUSE_SETTINGS } from './cause/settings.js';
import { messageOf } from './config/errors.js';
import { cleanError, redacted } from './config/secrets.js';
import { ROOT } from './config/root.js';
import { Demo } from './demo.js';
import { DEFAULT_CAPACITIES } from './kernel/kernel.js';
import { DEFAULT_LIMITS, OBJECT_BYTES_MAX } from './config/limits.js';
import { Notifier } from './notify/notifier.js';
import { channelsOf } from './notify/options.js';
import { KpiKeeper } from './kpi/keeper.js';
import { notReading } from './pipeline/changes.js';
import { Pipeline, type ResetPlace, type ResetRequest } from './pipeline/pipeline.js';
import { RecordIntake } from './pipeline/record-intake.js';
import { RunLoop } from './pipeline/run.js';
import { DEMO_CLUSTER, DEMO_TOPIC } from './source/demo.js';
import { type KafkaLog, codecProblem, openLog } from './source/kafka.js';
import { LiveFeed } from './live-feed.js';
import { Outputs } from './outputs.js';
import type { Service, ServiceOptions } from './service-options.js';
import {
  interrupted,
  makeFolder,
  portError,
  refuseOpenDoor,
  unlessAborted,
} from './service-start.js';
import { StatusBoard } from './status.js';
import { Directory } from './store/directory.js';
import { HeatModel } from './store/heat.js';
import { readProgress } from './store/progress.js';
import { type Readers, openReaders } from './store/readers.js';
import { NightlyBackup } from './store/nightly.js';
import { openOrRebuild } from './store/rebuild.js';
import { STORE_FILE, type Store } from './store/store.js';

export type { KafkaOptions, Service, ServiceOptions } from './service-options.js';

const RECORDS_MAX = 2_000;
const PROBLEMS_EVERY_MS = 500;
const STORE_MEMORY = '2GB';
const BACKUP_EVERY_MS = 60_000;
const REFRESH_EVERY_MS = 5_000;
const NOTICES_EVERY_MS = 2_000;
const RECORDS_EVERY_MS = 5_000;
/** Closed months are looked for, and late data in them. */
const KPI_EVERY_MS = 600_000;

/** Starts the service; it is live, or reading history, when this resolves. Throws FlaplineError. */
export async function startService(options: ServiceOptions): Promise<Service> {
  refuseOpenDoor(options);
  const starting = new ServiceParts(options);
  try {
    return await starting.start();
  } catch (error) {
    await starting.stop();
    throw cleanError(error, options.kafka?.secrets ?? []);
  }
}

class ServiceParts {
  private readonly options: ServiceOptions;
  /** A text without secrets. */
  private readonly clean: (text: string) => string;
  private store: Store | null = null;
  private backup: NightlyBackup | null = null;
  private directory: Directory | null = null;
  private outputs: Outputs | null = null;
  private readers: Readers | null = null;
  private kpis: KpiKeeper | null = null;
  private pipeline: Pipeline | null = null;
  private records!: RecordIntake;
  private causes: CauseService | null = null;
  private board!: StatusBoard;
  private heat!: HeatModel;
  private feed!: LiveFeed;
  private api: { close(): Promise<unknown> } | null = null;
  private demo: Demo | null = null;
  private log: KafkaLog | null = null;
  private loop: RunLoop | null = null;
  private notifier: Notifier | null = null;
  private timers: NodeJS.Timeout[] = [];
  private stopped: Promise<void> | null = null;

  constructor(options: ServiceOptions) {
    const secrets = options.kafka?.secrets ?? [];
    this.clean = (text) => redacted(text, secrets);
    this.options = {
      ...options,
      onNote: (text) => options.onNote(this.clean(text)),
      onFailure: (error) => options.onFailure(cleanError(error, secrets)),
    };
  }

  async start(): Promise<Service> {
    const { options } = this;
    makeFolder(options.dataFolder);
    await this.openStoreParts();
    const address = await this.listen();
    options.onNote(`page and API at ${address} (store: ${this.store!.file})`);
    const brokers = options.kafka?.brokers ?? (await this.startDemo());
    await this.connect(brokers);
    await this.openOutputs();
    await this.recover();
    this.goOn();
    if (this.demo?.hasHistory) await this.demo.noteLoss();
    else await this.demo?.loadHistory(this.pipeline!, (text) => this.board.say('loading', text));
    this.goOn();
    this.heat = await this.loadHeat();
    await this.goLive();
    const topic = options.kafka?.topic ?? DEMO_TOPIC;
    options.onNote(`reading topic ${topic} of ${brokers}: open ${address}`);
    return { address, brokers, topic, stop: () => this.stop() };
  }

  /** Takes everything down, in the reverse order; once. */
  stop(): Promise<void> {
    this.stopped ??= this.takeDown();
    return this.stopped;
  }

  private async takeDown(): Promise<void> {
    this.board?.say('stopping', 'stopping');
    for (const timer of this.timers) clearInterval(timer);
    this.feed?.stop();
    const { demo, pipeline, log, loop } = this;
    await demo?.halt();
    const allRead = demo && log && loop && (await demo.readToEnd(pipeline!, log, loop));
    await this.notifier?.stop();
    await this.causes?.stop();
    await loop?.stop();
    if (allRead && !loop.failed) demo.end();
    await this.endOutputs();
    await log?.close();
    await demo?.closeProducer();
    await this.api?.close();
    await this.backup?.idle();
    await this.readers?.close();
    await this.kpis?.close();
    await this.closeStore();
    await demo?.stopBroker();
  }

  private async endOutputs(): Promise<void> {
    try {
      await this.outputs?.stop();
    } catch (error) {
      this.options.onNote(`findings wait for the next start: ${messageOf(error)}`);
    }
  }

  /** After a failure of the store itself this may fail too; everything else is still let go. */
  private async closeStore(): Promise<void> {
    try {
      await this.pipeline?.close();
      if (this.pipeline) await this.store!.writer.run('checkpoint');
    } catch (error) {
      this.options.onNote(`the store was not closed well: ${messageOf(error)}`);
    }
    this.store?.close();
  }

  private async openStoreParts(): Promise<void> {
    const { options } = this;
    const file = join(options.dataFolder, STORE_FILE);
    const { timeZone } = options;
    const backups = join(options.dataFolder, 'backups');
    const limits = { memory: STORE_MEMORY, threads: 2, timeZone };
    this.store = await openOrRebuild(file, limits, backups, options.onNote);
    const { onNote, backup } = options;
    if (backup) this.backup = new NightlyBackup(this.store, { folder: backups, ...backup, onNote });
    this.records = new RecordIntake({
      store: this.store,
      timeZone,
      folder: options.recordsFolder,
      running: () => (this.loop ? { loop: this.loop, pipeline: this.pipeline! } : null),
      onLines: () => this.reloadHeat(),
      onComponents: () => this.causes?.reload(),
      onNote: options.onNote,
    });
    // The demo has records of its own.
    if (options.kafka) await this.records.begin(options.recordFiles);
    this.directory = new Directory();
    await this.directory.load(this.store.writer);
    const readers = openReaders(this.store);
    this.readers = readers;
    this.store.beforeReopen = async () => {
      await readers.letGo();
      await this.backup?.letGo();
      await this.kpis?.letGo();
    };
    this.kpis = new KpiKeeper(this.store, {
      timeZone,
      reading: () => this.board.reading(),
      onNote: options.onNote,
    });
    this.pipeline = await Pipeline.open(this.store, this.directory, {
      rules: options.rules,
      mapping: options.mapping ?? null,
      snapshotFolder: join(options.dataFolder, 'snapshots'),
      snapshotEveryMs: options.snapshotEveryMs,
      onNote: options.onNote,
      kernelOptions: {
        capacities: {
          ...DEFAULT_CAPACITIES,
          lines: 16_384,
          keyBytes: 16_384 * 48,
          inboxBytes: options.objectBytesMax ?? OBJECT_BYTES_MAX,
        },
        limits: options.limits ?? DEFAULT_LIMITS,
        emitStarts: true,
        zone: options.zone,
      },
    });
    this.feed = new LiveFeed(this.pipeline);
    this.causes = await CauseService.open({
      pipeline: this.pipeline,
      readers,
      settings: options.causes ?? DEFAULT_CAUSE_SETTINGS,
      readPastMs: () => this.board.readPastMs(),
      change: async (store) => {
        if (!this.loop) throw notReading();
        await this.loop.change(async () => this.pipeline!.writer.order(store));
      },
      onNote: options.onNote,
    });
    this.board = new StatusBoard({
      pipeline: this.pipeline,
      readers: this.readers,
      source: {
        kind: options.kafka ? 'kafka' : 'demo',
        cluster: options.kafka?.cluster ?? DEMO_CLUSTER,
        topic: options.kafka?.topic ?? DEMO_TOPIC,
      },
      idleMs: options.idleMs,
      timeZone,
    });
  }

  private async loadHeat(): Promise<HeatModel> {
    return this.readers!.read((connection) => HeatModel.load(connection));
  }

  /** Another heat map when records change; before the first there is none to replace. */
  private reloadHeat(): void {
    if (!this.heat) return;
    this.loadHeat().then(
      (heat) => (this.heat = heat),
      (error: unknown) => this.options.onNote(`heat map: ${messageOf(error)}`),
    );
  }

  private async listen(): Promise<string> {
    const { options, readers, board } = this;
    this.heat = await this.loadHeat();
    const api = await buildApi({
      status: () => board.status(),
      read: readers!.read,
      reading: () => board.reading(),
      heat: () => this.heat,
      reset: (request) => this.reset(request),
      readLong: (query) => this.kpis!.read(query),
      recompute: (month, why) => this.kpis!.recompute(month, why),
      targets: options.targets ?? null,
      bringIn: (records, how) => this.records.take(records, how),
      onChange: (listener) => board.onChange(listener),
      counters: () => this.counters(),
      onLive: (listener) => this.feed.onLive(listener),
      causes: this.causes!,
      tokens: options.tokens,
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

  /** Makes the network and its broker; returns its address. */
  private async startDemo(): Promise<string> {
    const { options, board } = this;
    board.say('loading', 'making the simulated network');
    this.demo = await Demo.open({
      folder: options.dataFolder,
      settings: options.demo,
      store: this.store!,
      loadRecords: (files) => this.records.begin(files),
      onNote: options.onNote,
    });
    return this.demo.start();
  }

  private async connect(brokers: string): Promise<void> {
    const { options, board } = this;
    const problem = options.kafka ? codecProblem() : null;
    if (problem) options.onNote(problem);
    board.say('starting', `connecting to ${brokers}`);
    const opening = openLog({
      brokers,
      topic: options.kafka?.topic ?? DEMO_TOPIC,
      settings: options.kafka?.settings ?? {},
      startTimeoutMs: options.startTimeoutMs,
    });
    try {
      this.log = await unlessAborted(opening, options.signal);
    } catch (error) {
      // A broker that does not answer is not waited for: a log that opens later is let go.
      void opening.then((log) => log.close()).catch(() => undefined);
      throw error;
    }
  }

  /** Before anything is folded: what a start finds is published too. */
  private async openOutputs(): Promise<void> {
    const { kafka, startTimeoutMs, onNote } = this.options;
    if (!kafka) return;
    const parts = { kafka, startTimeoutMs, onNote };
    const readers = this.readers!;
    this.outputs = await Outputs.open({ ...parts, pipeline: this.pipeline!, readers });
  }

  /** Throws INTERRUPTED when the start is to end. */
  private goOn(): void {
    if (this.options.signal?.aborted) throw interrupted();
  }

  private async recover(): Promise<void> {
    const { options, pipeline, log } = this;
    const cluster = options.kafka?.cluster ?? DEMO_CLUSTER;
    const topic = log!.topic;
    const partitions = await log!.partitions();
    const known = await readProgress(this.store!.writer, cluster, topic);
    const all = new Set([...partitions, ...known.map((state) => state.partition)]);
    for (const partition of [...all].toSorted((a, b) => a - b)) {
      this.goOn();
      await pipeline!.addPartition({ cluster, topic, partition });
    }
  }

  private async goLive(): Promise<void> {
    const { options, board, pipeline, log, demo } = this;
    this.loop = new RunLoop(pipeline!, log!, {
      commitEveryMs: options.commitEveryMs,
      recordsMax: RECORDS_MAX,
      live: () => this.heat,
      onNews: (news) => {
        board.noteNews(news);
        this.feed.take(news);
      },
      beforeWrite: async (batch) => this.outputs?.beforeWrite(batch),
      onStored: () => this.afterCommit(),
      onNote: options.onNote,
      madeAgain: demo?.madeAgain ?? null,
    });
    board.loop = this.loop;
    board.problemOf = (partition) => {
      const problem = log!.problems.partitionErrors.get(partition);
      return problem === undefined ? null : this.clean(problem);
    };
    await this.loop.start((error) => options.onFailure(error));
    demo?.live(() => this.backlog(), options.onFailure);
    this.startNotices();
    this.causes!.begin(this.outputs);
    this.every(PROBLEMS_EVERY_MS, () => this.tellProblems());
    this.every(REFRESH_EVERY_MS, () => this.refreshHeat());
    this.every(RECORDS_EVERY_MS, () => void this.records.look());
    this.every(BACKUP_EVERY_MS, () => void this.backup?.look());
    this.every(KPI_EVERY_MS, () => this.kpis!.keep());
    board.say('live', 'live');
  }

  private startNotices(): void {
    const { options, board, readers, pipeline, loop } = this;
    if (!options.notify) return;
    const notifier = new Notifier({
      read: readers!.read,
      write: (statements) =>
        loop!.change(async () => pipeline!.writer.order((to) => statements(to))),
      readAt: () => ({ at: board.reading() }),
      now: Date.now,
      channels: channelsOf(options.notify),
      digestEveryMs: options.notify.digestEveryMs,
      note: options.onNote,
    });
    this.notifier = notifier;
    this.every(NOTICES_EVERY_MS, () => void notifier.pass());
  }

  private tellProblems(): void {
    const { board, log, loop } = this;
    const { connected, lastError } = log!.problems;
    board.connected = connected;
    const { problem, problemOf } = loop!.committer;
    board.storeProblem = problemOf === 'store' ? problem : null;
    board.outputProblem = problemOf === 'output' ? problem : null;
    const away = `Kafka does not answer: ${lastError ?? 'no connection'}`;
    board.say('live', problem ?? (connected ? 'live' : this.clean(away)));
  }

  private afterCommit(): void {
    this.outputs?.afterStored();
    this.refreshHeat();
    this.board.noteCommit();
  }

  private refreshHeat(): void {
    this.readers!.read((connection) => this.heat.refresh(connection)).catch((error: unknown) => {
      if (!this.stopped) this.options.onNote(`heat map: ${messageOf(error)}`);
    });
  }

  private counters(): RunCounters | null {
    const { loop, outputs, causes } = this;
    const counts = outputs?.counts ?? { deadLetters: 0, findingsPublished: 0 };
    return loop ? { ...loop.counters(), ...counts, ...causes!.counts } : null;
  }

  private async reset(request: ResetRequest): Promise<ResetPlace[]> {
    if (!this.loop) throw notReading();
    return this.loop.change(() => this.pipeline!.reset(request));
  }

  private every(ms: number, action: () => void): void {
    this.timers.push(setInterval(action, ms));
  }

  private backlog(): number {
    let waiting = 0;
    for (const [partition, end] of this.log!.ends()) {
      waiting += Math.max(0, end - (this.pipeline!.partitions.get(partition)?.log.position ?? 0));
    }
    return waiting;
  }
}
