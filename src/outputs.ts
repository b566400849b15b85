// What a service writes back to Kafka, when it is asked to: the dead-letter topic and the findings
// topic. Neither is made by us: one that is absent ends the start.

import type { PublishedCause } from './cause/finding.js';
import { FlaplineError } from './config/errors.js';
import { DeadLetters } from './pipeline/dead-letters.js';
import { FindingsOut } from './pipeline/findings-out.js';
import type { Pipeline } from './pipeline/pipeline.js';
import type { KafkaOptions } from './service-options.js';
import { openLog } from './source/kafka.js';
import { type LineProducer, openProducer } from './source/producer.js';
import type { Batch } from './store/collector.js';
import type { PartitionName } from './store/progress.js';
import type { Readers } from './store/readers.js';

/** How long a stop waits for findings to be acknowledged, ms. */
const STOP_PATIENCE_MS = 5_000;

/** What opening them needs. */
export interface OutputParts {
  readonly kafka: KafkaOptions;
  readonly startTimeoutMs: number;
  readonly pipeline: Pipeline;
  readonly readers: Readers;
  readonly onNote: (text: string) => void;
}

/** The topics written to. */
export class Outputs {
  private readonly pipeline: Pipeline;
  private readonly producers: LineProducer[] = [];
  private letters: DeadLetters | null = null;
  private findings: FindingsOut | null = null;

  private constructor(pipeline: Pipeline) {
    this.pipeline = pipeline;
  }

  /** Opens those that are asked for. Throws TOPIC_ABSENT, BROKER_UNAVAILABLE, BAD_CONFIG. */
  static async open(parts: OutputParts): Promise<Outputs> {
    const { kafka, pipeline, readers, onNote } = parts;
    const outputs = new Outputs(pipeline);
    const placeOf = (partitionId: number): PartitionName => {
      const run = pipeline.byId.get(partitionId);
      if (run) return run.log;
      throw new FlaplineError('NOT_FOUND', `no partition has the id ${partitionId}`);
    };
    try {
      if (kafka.deadLetterTopic) {
        const producer = await outputs.producerOf(parts, kafka.deadLetterTopic);
        outputs.letters = new DeadLetters(producer, placeOf);
      }
      if (kafka.findingsTopic) {
        const producer = await outputs.producerOf(parts, kafka.findingsTopic);
        const { writer, book } = pipeline;
        const findings = { writer, readers, producer, book, onNote };
        outputs.findings = await FindingsOut.open(findings);
        writer.outlet = outputs.findings;
      }
    } catch (error) {
      await outputs.close();
      throw error;
    }
    return outputs;
  }

  /** Sends dead letters, before their batch is written. */
  async beforeWrite(batch: Batch): Promise<void> {
    await this.letters?.send(batch);
  }

  /** Publishes findings, after their batch is stored. */
  afterStored(): void {
    this.findings?.publish();
  }

  /** Publishes causes with the findings. */
  announce(causes: readonly PublishedCause[]): void {
    this.findings?.announce(causes);
  }

  /** Sent and acknowledged since the start. */
  get counts(): { readonly deadLetters: number; readonly findingsPublished: number } {
    return {
      deadLetters: this.letters?.sent ?? 0,
      findingsPublished: this.findings?.published ?? 0,
    };
  }

  /** Publishes what waits, once reading has ended, and lets go. */
  async stop(): Promise<void> {
    if (this.findings && (await this.findings.end(STOP_PATIENCE_MS))) {
      await this.pipeline.commit(null);
    }
    await this.close();
  }

  private async close(): Promise<void> {
    for (const producer of this.producers) await producer.close();
  }

  private async producerOf(
    { kafka: { brokers, settings, topic: input }, startTimeoutMs }: OutputParts,
    topic: string,
  ): Promise<LineProducer> {
    if (topic === input) {
      throw new FlaplineError(
        'BAD_CONFIG',
        `topic ${topic} is the one that is read: name another one for what is written`,
      );
    }
    await (await openLog({ brokers, topic, settings, startTimeoutMs })).close();
    const producer = await openProducer({ brokers, topic, settings, startTimeoutMs });
    this.producers.push(producer);
    return producer;
  }
}
