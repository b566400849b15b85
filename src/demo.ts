// The demo's part of the service: the simulated network, its embedded broker and what it produces.
// Its broker dies with the process, so a clean stop reads it to its end, and a start after a kill says
// what was lost with it.

import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from './config/errors.js';
import type { Pipeline } from './pipeline/pipeline.js';
import type { RunLoop } from './pipeline/run.js';
import { type RecordFile, recordFiles } from './records/import.js';
import { DEMO_CLUSTER, DEMO_TOPIC, DemoSource } from './source/demo.js';
import {
  EMBEDDED_PARTITIONS,
  type EmbeddedBroker,
  startEmbeddedBroker,
} from './source/embedded.js';
import type { KafkaLog } from './source/kafka.js';
import { type LineProducer, openProducer } from './source/producer.js';
import { storedTotals } from './store/progress.js';
import type { Store } from './store/store.js';

/** How the demo's network is made. */
export interface DemoSettings {
  readonly seed: number;
  readonly lines: number;
  readonly historyDays: number;
}

/** What the demo is given by the service. */
export interface DemoContext {
  readonly folder: string;
  readonly settings: DemoSettings;
  readonly store: Store;
  /** Loads files of records into the store. */
  readonly loadRecords: (files: readonly RecordFile[]) => Promise<void>;
  readonly onNote: (text: string) => void;
}

/** How long it reads what is left in its broker when it stops, and how often it looks. */
const READ_TO_END_MS = 10_000;
const READ_TO_END_LOOK_MS = 20;
/** History loaded is told in steps of so many percent. */
const TOLD_PERCENT = 10;

/** The running demo. */
export class Demo {
  /** Its history is in the store: it goes on from an earlier start. */
  readonly hasHistory: boolean;
  private readonly context: DemoContext;
  private readonly source: DemoSource;
  private broker: EmbeddedBroker | null = null;
  private producer: LineProducer | null = null;

  constructor(context: DemoContext, hasHistory: boolean) {
    const { folder, settings } = context;
    this.context = context;
    this.hasHistory = hasHistory;
    this.source = new DemoSource({ folder, hasHistory, ...settings }, Date.now());
  }

  /** Makes the network; `start` makes its broker. */
  static async open(context: DemoContext): Promise<Demo> {
    const { events } = await storedTotals(context.store.writer, DEMO_CLUSTER, DEMO_TOPIC);
    return new Demo(context, events > 0);
  }

  /** Starts the broker and makes the topic; the first time the network's records are loaded. */
  async start(): Promise<string> {
    // A start that ended before its history was stored is the first one still.
    if (!this.hasHistory) {
      const files = await this.source.writeRecords();
      await this.context.loadRecords(recordFiles(files, null));
    }
    this.broker = await startEmbeddedBroker();
    const { brokers } = this.broker;
    this.producer = await openProducer({ brokers, topic: DEMO_TOPIC });
    await this.source.makeTopic(this.producer);
    return brokers;
  }

  /** The broker's log is new at every start; with a loss when the last stop was not clean. */
  get madeAgain(): { readonly lost: boolean } | null {
    return this.hasHistory ? { lost: !this.source.wasClean } : null;
  }

  /** A month of history through the same folds that go on live, on its first start. */
  async loadHistory(pipeline: Pipeline, say: (message: string) => void): Promise<void> {
    const began = performance.now();
    let told = 0;
    await this.source.history(
      async (partition, piece) => {
        const run = pipeline.partitions.get(partition)!;
        run.beginHistory();
        await run.fold.streamPiece(piece);
      },
      (done, of) => {
        const percent = Math.floor((done / of) * 100);
        if (percent < told + TOLD_PERCENT) return;
        told = percent;
        say(`loading history: ${percent} %`);
      },
    );
    for (let partition = 0; partition < EMBEDDED_PARTITIONS; partition++) {
      await pipeline.partitions.get(partition)!.endHistory();
    }
    await pipeline.commit(null);
    await pipeline.snapshot();
    this.source.begin(0);
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    const { settings, onNote } = this.context;
    onNote(`history of ${settings.historyDays} days loaded in ${seconds} s`);
  }

  /** Says how many alarms a kill lost with the broker. */
  async noteLoss(): Promise<void> {
    const { source } = this;
    const stored = await storedTotals(this.context.store.writer, DEMO_CLUSTER, DEMO_TOPIC);
    const missing = source.givenBefore - source.lost - stored.events;
    const lost = source.wasClean ? 0 : Math.max(0, missing);
    source.begin(lost);
    if (source.wasClean) return;
    this.context.onNote(
      'the last run ended without a clean stop, and with it its in-memory broker: ' +
        `${lost} alarms between ${new Date(stored.effectiveMs ?? 0).toISOString()} and ` +
        `${new Date(source.producedUntilMs).toISOString()} were lost; a real Kafka would have ` +
        'kept them; the coverage shows the gap',
    );
  }

  /** Lets the network live: its alarms go through the broker. */
  live(backlog: () => number, onFailure: (error: unknown) => void): void {
    this.source.start(this.producer!, backlog, onFailure);
  }

  /** Stops producing. */
  async halt(): Promise<void> {
    await this.source.stop();
  }

  /** Reads what is in the broker before it goes with the process. True when it is read. */
  async readToEnd(pipeline: Pipeline, log: KafkaLog, loop: RunLoop): Promise<boolean> {
    const deadline = performance.now() + READ_TO_END_MS;
    try {
      await this.producer!.flush(READ_TO_END_MS);
      for (const run of pipeline.partitions.values()) {
        const { high } = await log.watermarks(run.log.partition);
        while (run.log.position < high) {
          if (loop.failed || performance.now() > deadline) return false;
          await delay(READ_TO_END_LOOK_MS);
        }
      }
      return true;
    } catch (error) {
      this.context.onNote(`the embedded broker was not read to its end: ${messageOf(error)}`);
      return false;
    }
  }

  /** Everything produced is committed: the next start need not look for a loss. */
  end(): void {
    this.source.end();
  }

  async closeProducer(): Promise<void> {
    await this.producer?.close();
  }

  async stopBroker(): Promise<void> {
    await this.broker?.stop();
  }
}
