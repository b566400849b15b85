// The service of the scaled form: the core fed by workers elsewhere (flapline detect), whose batches come
// through the topic of findings. It alone has the store.

import { cleanError } from './config/secrets.js';
import { InputEnds } from './scale/input-ends.js';
import { Requests } from './scale/requests.js';
import { ServeLoop } from './scale/serve-loop.js';
import { Served } from './scale/served.js';
import { type ScaleTopics, checkTopics, scaleTopics } from './scale/topics.js';
import { ServiceCore } from './service-core.js';
import type { CoreOptions, KafkaOptions, Service } from './service-options.js';
import { refuseOpenDoor, unlessAborted } from './service-start.js';
import { type KafkaLog, codecProblem, openLog } from './source/kafka.js';
import { type ConnectedProducer, connectProducer } from './source/producer.js';

/** How serve runs. Times in ms. */
export interface ServeOptions extends CoreOptions {
  /** `topic` is the input that the workers read. */
  readonly kafka: KafkaOptions;
  /** The name of the workers. */
  readonly app: string;
  readonly commitEveryMs: number;
}

/** Starts it; it reads findings when this resolves. Throws FlaplineError. */
export async function startServing(options: ServeOptions): Promise<Service> {
  refuseOpenDoor(options);
  const starting = new ServeService(options);
  try {
    return await starting.start();
  } catch (error) {
    await starting.stop();
    throw cleanError(error, options.kafka.secrets ?? []);
  }
}

class ServeService {
  private readonly core: ServiceCore<ServeOptions>;
  private readonly topics: ScaleTopics;
  private served!: Served;
  private findings: KafkaLog | null = null;
  private input: KafkaLog | null = null;
  private out: ConnectedProducer | null = null;
  private ends: InputEnds | null = null;
  private stopped: Promise<void> | null = null;

  constructor(options: ServeOptions) {
    this.core = new ServiceCore(options);
    this.topics = scaleTopics(options.kafka.topic, options.app);
  }

  async start(): Promise<Service> {
    const { core, topics } = this;
    const { options } = core;
    const { brokers, topic, cluster } = options.kafka;
    await core.open({
      source: { kind: 'kafka', cluster, topic },
      readsRecords: true,
      open: async (store, directory) => {
        this.served = await Served.open(store, directory, topics.findings);
        return this.served;
      },
    });
    const address = await core.listen();
    options.onNote(`page and API at ${address} (store: ${core.store!.file})`);
    await this.connect();
    core.goOn();
    await this.goLive();
    options.onNote(`reading findings ${topics.findings} of ${brokers}: open ${address}`);
    return { address, brokers, topic, stop: () => this.stop() };
  }

  stop(): Promise<void> {
    this.stopped ??= this.takeDown();
    return this.stopped;
  }

  private async takeDown(): Promise<void> {
    this.core.beginStop();
    await this.core.endWork();
    this.ends?.stop();
    await this.closeClients();
    await this.core.close();
  }

  private async closeClients(): Promise<void> {
    await this.findings?.close();
    await this.input?.close();
    await this.out?.producer.close();
  }

  private async connect(): Promise<void> {
    const { core, topics } = this;
    const { kafka, startTimeoutMs, signal, onNote } = core.options;
    const problem = codecProblem();
    if (problem) onNote(problem);
    const { brokers, settings } = kafka;
    core.board.say('starting', `connecting to ${brokers}`);
    const place = { brokers, settings, startTimeoutMs };
    const opening = this.openAll(place, topics);
    try {
      await unlessAborted(opening, signal);
    } catch (error) {
      // A broker that does not answer is not waited for: clients that open later are let go.
      void opening.then(() => this.closeClients()).catch(() => undefined);
      throw error;
    }
  }

  private async openAll(place: Parameters<typeof checkTopics>[1], topics: ScaleTopics) {
    await checkTopics(topics, place);
    this.findings = await openLog({ ...place, topic: topics.findings });
    this.input = await openLog({ ...place, topic: topics.input });
    this.out = await connectProducer({ ...place, topic: topics.requests }, {});
  }

  private async goLive(): Promise<void> {
    const { core, served, topics, findings, input } = this;
    const { kafka, commitEveryMs, startTimeoutMs, onFailure } = core.options;
    const ends = new InputEnds(input!, () => served.partitions.keys());
    this.ends = ends;
    const loop = new ServeLoop(served, findings!, {
      ...core.listeners,
      commitEveryMs,
      startTimeoutMs,
      input: { cluster: kafka.cluster, topic: kafka.topic },
      ends,
      requests: new Requests(this.out!, topics.requests, served),
    });
    core.takeLoop(loop, findings!);
    await loop.start((error) => onFailure(error));
    void ends.ask();
    core.goLive(loop, findings!);
  }
}
