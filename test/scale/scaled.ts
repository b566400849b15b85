// The scaled form on the real broker as tests start it: its topics, workers and serve as processes of
// their own.

import type { Cluster } from '../kafka/broker/cluster.js';
import { Life } from '../crash/life.js';

/** A frozen worker is missed after the session, its transactions end after the other. */
const PATIENCE = ['session.timeout.ms=6000', 'heartbeat.interval.ms=500'];
const TRANSACTIONS = ['transaction.timeout.ms=10000'];

/** An application of the scaled form over a topic. */
export class Scaled {
  private readonly common: readonly string[];
  private readonly cluster: Cluster;
  readonly app: string;

  private constructor(cluster: Cluster, topic: string, app: string) {
    this.cluster = cluster;
    this.app = app;
    this.common = ['--kafka', cluster.brokers, '--topic', topic, '--cluster', 'c', '--app', app];
  }

  /** Makes its topics. */
  static async make(
    cluster: Cluster,
    topic: string,
    partitions: number,
    app: string,
  ): Promise<Scaled> {
    const segments = { 'segment.bytes': '1048576', 'min.cleanable.dirty.ratio': '0.1' };
    await cluster.topics.create(`${app}.findings`, partitions);
    const state = { 'cleanup.policy': 'compact', ...segments };
    await cluster.topics.create(`${app}.state`, partitions, state);
    await cluster.topics.create(`${app}.requests`, partitions);
    return new Scaled(cluster, topic, app);
  }

  worker(more: readonly string[] = []): Life {
    const set = [...PATIENCE, ...TRANSACTIONS].flatMap((pair) => ['--kafka-set', pair]);
    return new Life([...this.common, ...set, ...more], 'detect');
  }

  serve(folder: string, more: readonly string[] = []): Life {
    return new Life([...this.common, '--data', folder, '--backup-hour', 'off', ...more], 'serve');
  }

  get brokers(): string {
    return this.cluster.brokers;
  }
}
