// The service of one process: the core fed by folds of its own, from Kafka or from the demo's network.
// Parts are made in the order in which they need one another, and taken down in the reverse. Tests start
// it in process.

import { join } from 'node:path';
import { messageOf } from './config/errors.js';
import { DEFAULT_LIMITS, OBJECT_BYTES_MAX } from './config/limits.js';
import { cleanError } from './config/secrets.js';
import { Demo } from './demo.js';
import { partitionCapacities } from './kernel/kernel.js';
import { Outputs } from './outputs.js';
import { Pipeline } from './pipeline/pipeline.js';
import { RunLoop } from './pipeline/run.js';
import { ServiceCore } from './service-core.js';
import type { Service, ServiceOptions } from './service-options.js';
import { goesOn, refuseOpenDoor, together, unlessAborted } from './service-start.js';
import { DEMO_CLUSTER, DEMO_TOPIC } from './source/demo.js';
import { type KafkaLog, codecProblem, openLog } from './source/kafka.js';
import type { Directory } from './store/directory.js';
import { readProgress } from './store/progress.js';
import type { Store } from './store/store.js';

export type { KafkaOptions, Service, ServiceOptions } from './service-options.js';

const RECORDS_MAX = 2_000;

/** Starts the service; it is live, or reading history, when this resolves. Throws FlaplineError. */
export async function startService(options: ServiceOptions): Promise<Service> {
  refuseOpenDoor(options);
  const starting = new RunService(options);
  try {
    return await starting.start();
  } catch (error) {
    await starting.stop();
    throw cleanError(error, options.kafka?.secrets ?? []);
  }
}

class RunService {
  private readonly core: ServiceCore<ServiceOptions>;
  private pipeline!: Pipeline;
  private demo: Demo | null = null;
  private log: KafkaLog | null = null;
  private loop: RunLoop | null = null;
  private stopped: Promise<void> | null = null;

  constructor(options: ServiceOptions) {
    this.core = new ServiceCore(options);
  }

  async start(): Promise<Service> {
    const { core } = this;
    const { options } = core;
    const topic = options.kafka?.topic ?? DEMO_TOPIC;
    await core.open({
      source: {
        kind: options.kafka ? 'kafka' : 'demo',
        cluster: options.kafka?.cluster ?? DEMO_CLUSTER,
        topic,
      },
      // The demo has records of its own.
      readsRecords: options.kafka !== null,
      open: (store, directory) => this.openPipeline(store, directory),
    });
    // The page shows what is stored while the folds are made from it.
    const [address, brokers] = await together(
      options.signal,
      () => this.listen(),
      (signal) => this.takeUp(signal),
    );
    core.goOn();
    if (this.demo?.hasHistory) await this.demo.noteLoss();
    else await this.demo?.loadHistory(this.pipeline, (text) => core.board.say('loading', text));
    core.goOn();
    // History that was loaded since is in it; what Kafka gives from here on is added.
    if (this.demo) await core.loadHeat();
    await this.goLive();
    options.onNote(`reading topic ${topic} of ${brokers}: open ${address}`);
    return { address, brokers, topic, stop: () => this.stop() };
  }

  /** Takes everything down, in the reverse order; once. */
  stop(): Promise<void> {
    this.stopped ??= this.takeDown();
    return this.stopped;
  }

  private async takeDown(): Promise<void> {
    const { core, demo, pipeline, log, loop } = this;
    core.beginStop();
    await demo?.halt();
    const allRead = demo && log && loop && (await demo.readToEnd(pipeline, log, loop));
    await core.endWork();
    if (allRead && !loop.failed) demo.end();
    await this.endOutputs();
    await log?.close();
    await demo?.closeProducer();
    await core.close();
    await demo?.stopBroker();
  }

  private async endOutputs(): Promise<void> {
    try {
      await this.core.outputs?.stop();
    } catch (error) {
      this.core.options.onNote(`findings wait for the next start: ${messageOf(error)}`);
    }
  }

  private async openPipeline(store: Store, directory: Directory): Promise<Pipeline> {
    const { options } = this.core;
    this.pipeline = await Pipeline.open(store, directory, {
      rules: options.rules,
      mapping: options.mapping ?? null,
      snapshotFolder: join(options.dataFolder, 'snapshots'),
      snapshotEveryMs: options.snapshotEveryMs,
      onNote: options.onNote,
      kernelOptions: {
        capacities: partitionCapacities(options.objectBytesMax ?? OBJECT_BYTES_MAX),
        limits: options.limits ?? DEFAULT_LIMITS,
        emitStarts: true,
        zone: options.zone,
      },
    });
    return this.pipeline;
  }

  /** Makes the network and its broker; returns its address. */
  private async startDemo(): Promise<string> {
    const { core } = this;
    core.board.say('loading', 'making the simulated network');
    this.demo = await Demo.open({
      folder: core.options.dataFolder,
      settings: core.options.demo,
      store: core.store!,
      loadRecords: (files) => core.records.begin(files),
      onNote: core.options.onNote,
    });
    return this.demo.start();
  }

  private async listen(): Promise<string> {
    const { core } = this;
    const address = await core.listen();
    core.options.onNote(`page and API at ${address} (store: ${core.store!.file})`);
    return address;
  }

  /** Connects, and makes the folds from the store; the brokers. */
  private async takeUp(signal: AbortSignal): Promise<string> {
    const brokers = this.core.options.kafka?.brokers ?? (await this.startDemo());
    await this.connect(brokers, signal);
    await this.openOutputs();
    await this.recover(signal);
    return brokers;
  }

  private async connect(brokers: string, signal: AbortSignal): Promise<void> {
    const { options, board } = this.core;
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
      this.log = await unlessAborted(opening, signal);
    } catch (error) {
      // A broker that does not answer is not waited for: a log that opens later is let go.
      void opening.then((log) => log.close()).catch(() => undefined);
      throw error;
    }
  }

  /** Before anything is folded: what a start finds is published too. */
  private async openOutputs(): Promise<void> {
    const { core, pipeline } = this;
    const { kafka, startTimeoutMs, onNote } = core.options;
    if (!kafka) return;
    const { readers } = core;
    core.outputs = await Outputs.open({ kafka, startTimeoutMs, onNote, pipeline, readers });
  }

  private async recover(signal: AbortSignal): Promise<void> {
    const { core, log } = this;
    const cluster = core.options.kafka?.cluster ?? DEMO_CLUSTER;
    const topic = log!.topic;
    const partitions = await log!.partitions();
    const known = await readProgress(core.store!.writer, cluster, topic);
    const all = new Set([...partitions, ...known.map((state) => state.partition)]);
    for (const partition of [...all].toSorted((a, b) => a - b)) {
      goesOn(signal);
      await this.pipeline.addPartition({ cluster, topic, partition });
    }
  }

  private async goLive(): Promise<void> {
    const { core, pipeline, log, demo } = this;
    const { options } = core;
    const loop = new RunLoop(pipeline, log!, {
      ...core.listeners,
      commitEveryMs: options.commitEveryMs,
      recordsMax: RECORDS_MAX,
      beforeWrite: async (batch) => core.outputs?.beforeWrite(batch),
      madeAgain: demo?.madeAgain ?? null,
    });
    this.loop = loop;
    core.takeLoop(loop, log!);
    await loop.start((error) => options.onFailure(error));
    demo?.live(() => this.backlog(), options.onFailure);
    core.goLive(loop, log!);
  }

  private backlog(): number {
    let waiting = 0;
    for (const [partition, end] of this.log!.ends()) {
      waiting += Math.max(0, end - (this.pipeline.partitions.get(partition)?.log.position ?? 0));
    }
    return waiting;
  }
}
