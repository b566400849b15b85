// The service: parts made and wired, in the order in which they need one another, and taken down in
// the reverse. Tests start it in process.

import { mkdirSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildApi } from './api/server.js';
import type { ApiTokens } from './api/deps.js';
import { FlaplineError, messageOf } from './config/errors.js';
import { ROOT } from './config/root.js';
import type { Rules } from './config/rules.js';
import { DEFAULT_CAPACITIES, type ZoneEntry } from './kernel/kernel.js';
import { DEFAULT_LIMITS, type KernelLimits, OBJECT_BYTES_MAX } from './config/limits.js';
import { Pipeline } from './pipeline/pipeline.js';
import { RunLoop } from './pipeline/run.js';
import { DEMO_CLUSTER, DEMO_TOPIC, DemoSource } from './source/demo.js';
import {
  EMBEDDED_PARTITIONS,
  type EmbeddedBroker,
  startEmbeddedBroker,
} from './source/embedded.js';
import { type KafkaLog, type Settings, codecProblem, openLog } from './source/kafka.js';
import { type LineProducer, openProducer } from './source/producer.js';
import { StatusBoard } from './status.js';
import { Directory } from './store/directory.js';
import { HeatModel } from './store/heat.js';
import { readProgress, storedTotals } from './store/progress.js';
import { type Readers, openReaders } from './store/readers.js';
import { type Store, openStore } from './store/store.js';
import { readLines, writeLineRecords } from './records/lines.js';

/** The Kafka cluster and topic to be read. */
export interface KafkaOptions {
  readonly brokers: string;
  readonly topic: string;
  /** The name progress is kept by: by default the bootstrap string. */
  readonly cluster: string;
  readonly settings: Settings;
}

/** How the service runs. Times in ms. */
export interface ServiceOptions {
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
  /** null: everyone who reaches the port may read. */
  readonly tokens: ApiTokens | null;
  /** Allows another address than loopback without tokens. */
  readonly insecure: boolean;
  readonly rules: Rules;
  /** Reads event times without an offset; empty: they are rejected. */
  readonly zone: readonly ZoneEntry[];
  /** Days are cut in this zone. */
  readonly timeZone: string;
  /** null: the demo, an embedded broker and the simulated network. */
  readonly kafka: KafkaOptions | null;
  readonly demo: { readonly seed: number; readonly lines: number; readonly historyDays: number };
  /** lines.csv, read into the store at the start; its bad rows are told and left out. */
  readonly linesFile: string | null;
  /** (key, line) pairs in the file's order. */
  readonly aliases: readonly (readonly [string, string])[];
  readonly limits?: KernelLimits;
  /** Bytes of one Kafka record. */
  readonly objectBytesMax?: number;
  readonly startTimeoutMs: number;
  readonly idleMs: number;
  readonly commitEveryMs: number;
  readonly snapshotEveryMs: number;
  /** Says what the service is doing, a line at a time. */
  readonly onNote: (text: string) => void;
  /** Told when the service cannot go on; it has stopped reading. */
  readonly onFailure: (error: unknown) => void;
}

/** A running service. */
export interface Service {
  /** Where the page is. */
  readonly address: string;
  /** The brokers it reads from, for those who want to produce into the demo. */
  readonly brokers: string;
  readonly topic: string;
  /** Ends cleanly: everything read is committed, a snapshot is written. */
  stop(): Promise<void>;
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;
const RECORDS_MAX = 2_000;
const PROBLEMS_EVERY_MS = 500;
const STORE_MEMORY = '2GB';
const REFRESH_EVERY_MS = 5_000;
/** How long the demo reads what is left in its broker when it stops, and how often it looks. */
const READ_TO_END_MS = 10_000;
const READ_TO_END_LOOK_MS = 20;

/** Starts the service; it is live, or reading history, when this resolves. Throws FlaplineError. */
export async function startService(options: ServiceOptions): Promise<Service> {
  // Kafka's client and DuckDB share libuv's threads, four of them unless told otherwise.
  process.env['UV_THREADPOOL_SIZE'] ??= '8';
  refuseOpenDoor(options);
  const starting = new ServiceParts(options);
  try {
    return await starting.start();
  } catch (error) {
    await starting.stop();
    throw error;
  }
}

function refuseOpenDoor({ host, tokens, insecure }: ServiceOptions): void {
  if (LOOPBACK.test(host) || insecure || tokens?.viewer || tokens?.operator) return;
  throw new FlaplineError(
    'BAD_CONFIG',
    `host ${host} can be reached from other machines: set a viewer or operator token, or --insecure`,
  );
}

class ServiceParts {
  private readonly options: ServiceOptions;
  private readonly demo: boolean;
  private store: Store | null = null;
  private directory: Directory | null = null;
  private readers: Readers | null = null;
  private pipeline: Pipeline | null = null;
  private board!: StatusBoard;
  private heat!: HeatModel;
  private api: { close(): Promise<unknown> } | null = null;
  private broker: EmbeddedBroker | null = null;
  private producer: LineProducer | null = null;
  private source: DemoSource | null = null;
  private log: KafkaLog | null = null;
  private loop: RunLoop | null = null;
  private timers: NodeJS.Timeout[] = [];
  private stopped: Promise<void> | null = null;

  constructor(options: ServiceOptions) {
    this.options = options;
    this.demo = options.kafka === null;
  }

  async start(): Promise<Service> {
    const { options } = this;
    makeFolder(options.dataFolder);
    await this.openStoreParts();
    const address = await this.listen();
    options.onNote(`page and API at ${address} (store: ${this.store!.file})`);
    const hasHistory = this.demo && (await this.prepareDemo());
    const brokers = await this.connect();
    await this.recover();
    if (hasHistory) await this.noteLoss();
    else if (this.demo) await this.loadHistory();
    this.heat = await this.loadHeat();
    await this.goLive(hasHistory);
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
    await this.source?.stop();
    const allRead = this.source !== null && (await this.readToEnd());
    await this.loop?.stop();
    if (allRead && !this.loop!.failed) this.source!.end();
    await this.log?.close();
    await this.producer?.close();
    await this.api?.close();
    await this.readers?.close();
    await this.closeStore();
    await this.broker?.stop();
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
    const file = join(options.dataFolder, 'flapline.duckdb');
    const { quietMs } = options.rules;
    this.store = await openStore(file, { memory: STORE_MEMORY, threads: 2, quietMs });
    if (options.linesFile) await this.loadRecords(options.linesFile);
    this.directory = new Directory();
    await this.directory.load(this.store.writer);
    this.readers = openReaders(this.store.instance);
    this.pipeline = await Pipeline.open(this.store, this.directory, {
      rules: options.rules,
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
    this.board = new StatusBoard({
      pipeline: this.pipeline,
      readers: this.readers,
      source: {
        kind: this.demo ? 'demo' : 'kafka',
        cluster: options.kafka?.cluster ?? DEMO_CLUSTER,
        topic: options.kafka?.topic ?? DEMO_TOPIC,
      },
      idleMs: options.idleMs,
      quietMs,
      timeZone: options.timeZone,
    });
  }

  private async loadRecords(file: string): Promise<void> {
    const rows = readLines(file, (bad) =>
      this.options.onNote(`${bad.file}, line ${bad.row}: ${bad.reason}; left out`),
    );
    const lines = await writeLineRecords(this.store!.writer, rows);
    this.options.onNote(`records of ${lines} lines read from ${file}`);
  }

  private async loadHeat(): Promise<HeatModel> {
    const { quietMs } = this.options.rules;
    return this.readers!.read((connection) => HeatModel.load(connection, quietMs));
  }

  private async listen(): Promise<string> {
    const { options, readers, board } = this;
    this.heat = await this.loadHeat();
    const api = await buildApi({
      status: () => board.status(),
      read: (query) => readers!.read(query),
      reading: () => board.reading(),
      heat: () => this.heat,
      quietMs: options.rules.quietMs,
      onChange: (listener) => board.onChange(listener),
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

  /** Makes the network and its broker; true when its history is in the store. */
  private async prepareDemo(): Promise<boolean> {
    const { options, board } = this;
    board.say('loading', 'making the simulated network');
    const { events } = await storedTotals(this.store!.writer, DEMO_CLUSTER, DEMO_TOPIC);
    const folder = options.dataFolder;
    const hasHistory = events > 0;
    this.source = new DemoSource({ folder, hasHistory, ...options.demo }, Date.now());
    await this.loadRecords(await this.source.writeLines());
    this.broker = await startEmbeddedBroker();
    this.producer = await openProducer({ brokers: this.broker.brokers, topic: DEMO_TOPIC });
    await this.source.makeTopic(this.producer);
    return hasHistory;
  }

  private async connect(): Promise<string> {
    const { options, board } = this;
    const problem = this.demo ? null : codecProblem();
    if (problem) options.onNote(problem);
    const brokers = options.kafka?.brokers ?? this.broker!.brokers;
    board.say('starting', `connecting to ${brokers}`);
    this.log = await openLog({
      brokers,
      topic: options.kafka?.topic ?? DEMO_TOPIC,
      settings: options.kafka?.settings ?? {},
      startTimeoutMs: options.startTimeoutMs,
    });
    return brokers;
  }

  private async recover(): Promise<void> {
    const { options, pipeline, log } = this;
    const cluster = options.kafka?.cluster ?? DEMO_CLUSTER;
    const topic = log!.topic;
    const partitions = await log!.partitions();
    const known = await readProgress(this.store!.writer, cluster, topic);
    const all = new Set([...partitions, ...known.map((state) => state.partition)]);
    for (const partition of [...all].toSorted((a, b) => a - b)) {
      const run = await pipeline!.addPartition({ cluster, topic, partition });
      for (const [key, line] of options.aliases) await run.fold.alias(key, line);
    }
  }

  /** A month of history through the same folds that go on live, on its first start. */
  private async loadHistory(): Promise<void> {
    const { source, pipeline, board, options } = this;
    const began = performance.now();
    let told = 0;
    await source!.history(
      async (partition, piece) => {
        const run = pipeline!.partitions.get(partition)!;
        run.beginHistory();
        await run.fold.streamPiece(piece);
      },
      (done, of) => {
        const share = Math.floor((done / of) * 100);
        if (share < told + 10) return;
        told = share;
        board.say('loading', `loading history: ${share} %`);
      },
    );
    for (let partition = 0; partition < EMBEDDED_PARTITIONS; partition++) {
      await pipeline!.partitions.get(partition)!.endHistory();
    }
    await pipeline!.commit(null);
    await pipeline!.snapshot();
    source!.begin(0);
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    options.onNote(`history of ${options.demo.historyDays} days loaded in ${seconds} s`);
  }

  private async noteLoss(): Promise<void> {
    const { source, store, options } = this;
    const stored = await storedTotals(store!.writer, DEMO_CLUSTER, DEMO_TOPIC);
    const missing = source!.givenBefore - source!.lost - stored.events;
    const lost = source!.wasClean ? 0 : Math.max(0, missing);
    source!.begin(lost);
    if (source!.wasClean) return;
    options.onNote(
      'the last run ended without a clean stop, and with it its in-memory broker: ' +
        `${lost} alarms between ${new Date(stored.effectiveMs ?? 0).toISOString()} and ` +
        `${new Date(source!.producedUntilMs).toISOString()} were lost; a real Kafka would have ` +
        'kept them; the coverage shows the gap',
    );
  }

  private async goLive(demoGoesOn: boolean): Promise<void> {
    const { options, board, pipeline, log, source } = this;
    this.loop = new RunLoop(pipeline!, log!, {
      commitEveryMs: options.commitEveryMs,
      recordsMax: RECORDS_MAX,
      live: () => this.heat,
      onCommit: (changedFromMs) => this.afterCommit(changedFromMs),
      onNote: options.onNote,
      madeAgain: demoGoesOn ? { lost: !source!.wasClean } : null,
    });
    board.loop = this.loop;
    board.problemOf = (partition) => log!.problems.partitionErrors.get(partition) ?? null;
    await this.loop.start((error) => options.onFailure(error));
    source?.start(this.producer!, () => this.backlog(), options.onFailure);
    this.every(PROBLEMS_EVERY_MS, () => {
      board.connected = log!.problems.connected;
      const { lastError } = log!.problems;
      const away = `Kafka does not answer: ${lastError ?? 'no connection'}`;
      board.say('live', board.connected ? 'live' : away);
    });
    this.every(REFRESH_EVERY_MS, () => this.refreshHeat());
    board.say('live', 'live');
  }

  private afterCommit(changedFromMs: number | null): void {
    this.refreshHeat();
    this.board.noteCommit(changedFromMs);
  }

  private refreshHeat(): void {
    this.readers!.read((connection) => this.heat.refresh(connection)).catch((error: unknown) => {
      if (!this.stopped) this.options.onNote(`heat map: ${messageOf(error)}`);
    });
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

  /** The demo's broker goes with the process: what is in it is read before. True when it is. */
  private async readToEnd(): Promise<boolean> {
    const { producer, log, loop, pipeline } = this;
    if (!producer || !log || !loop) return false;
    const deadline = performance.now() + READ_TO_END_MS;
    try {
      await producer.flush(READ_TO_END_MS);
      for (const run of pipeline!.partitions.values()) {
        const { high } = await log.watermarks(run.log.partition);
        while (run.log.position < high) {
          if (loop.failed || performance.now() > deadline) return false;
          await delay(READ_TO_END_LOOK_MS);
        }
      }
      return true;
    } catch (error) {
      this.options.onNote(`the embedded broker was not read to its end: ${messageOf(error)}`);
      return false;
    }
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new FlaplineError(
      'STORE_UNWRITABLE',
      `data folder ${folder}: cannot be made (${messageOf(error)}): name another with --data`,
      { cause: error },
    );
  }
}

function portError(error: unknown, { host, port }: ServiceOptions): FlaplineError {
  const busy = (error as { code?: string }).code === 'EADDRINUSE';
  const what = busy
    ? 'is in use: stop what listens there, or choose another with --port'
    : messageOf(error);
  return new FlaplineError('PORT_IN_USE', `port ${port} of ${host} ${what}`, { cause: error });
}
