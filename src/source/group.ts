// One topic read as a member of a consumer group: which of its partitions are ours is Kafka's to say,
// where each goes on is the caller's. Partitions are given and taken a few at a time (cooperative): the
// others are read on. The next rebalance waits until the last one is answered.

import type Kafka from 'node-rdkafka';
import { CODE } from './client.js';
import { openConsumer } from './consumer.js';
import { KafkaLog } from './kafka-log.js';
import { START_TIMEOUT_MS, type LogOptions, type LogPosition } from './log.js';

/** Partitions that the group gives us, or takes away. */
export interface Rebalance {
  readonly isAssignment: boolean;
  readonly partitions: readonly number[];
}

/** A topic read as a member of a group. */
export interface GroupLog {
  readonly log: KafkaLog;
  readonly consumer: Kafka.KafkaConsumer;
  /** The oldest rebalance that is not answered, null without one; they come while it is consumed. */
  next(): Rebalance | null;
  /** Answers it: from now on exactly these partitions are read, from these positions. */
  answer(rebalance: Rebalance, positions: readonly LogPosition[]): Promise<void>;
  /** Asks the group to take everything away; that comes as a rebalance. */
  leave(): void;
  /** Lets go of everything at once. Never throws. */
  close(): Promise<void>;
}

/** Joins; the first rebalance comes later. Throws BROKER_UNAVAILABLE, BAD_CONFIG. */
export async function joinGroup(options: LogOptions, groupId: string): Promise<GroupLog> {
  const { brokers, topic } = options;
  const waiting: Rebalance[] = [];
  const consumerOptions = {
    brokers,
    clientId: options.clientId ?? 'flapline',
    settings: options.settings ?? {},
    startTimeoutMs: options.startTimeoutMs ?? START_TIMEOUT_MS,
  };
  let isClosing = false;
  const onRebalance = (fault: Kafka.LibrdKafkaError, partitions: Kafka.Assignment[]): void => {
    const rebalance = {
      isAssignment: fault.code === CODE.ERR__ASSIGN_PARTITIONS,
      partitions: partitions.map(({ partition }) => partition),
    };
    if (isClosing) letGo(consumer, topic, rebalance);
    else waiting.push(rebalance);
  };
  const group = { id: groupId, onRebalance };
  const consumer = await openConsumer({ ...consumerOptions, group });
  const log = new KafkaLog(consumer, consumerOptions, topic);
  consumer.subscribe([topic]);
  return {
    log,
    consumer,
    next: () => waiting[0] ?? null,
    async answer(rebalance, positions) {
      await log.assign(positions);
      // Nothing changes for the log: the group waits for an answer all the same.
      if (rebalance.partitions.length === 0) {
        if (rebalance.isAssignment) consumer.incrementalAssign([]);
        else consumer.incrementalUnassign([]);
      }
      waiting.splice(waiting.indexOf(rebalance), 1);
    },
    leave: () => void consumer.unsubscribe(),
    close() {
      isClosing = true;
      for (const rebalance of waiting.splice(0)) letGo(consumer, topic, rebalance);
      return log.close();
    },
  };
}

/** Answers a rebalance with nothing: a consumer that is closed waits for that as well. */
function letGo(consumer: Kafka.KafkaConsumer, topic: string, rebalance: Rebalance): void {
  const { isAssignment, partitions } = rebalance;
  try {
    if (isAssignment) consumer.incrementalAssign([]);
    else consumer.incrementalUnassign(partitions.map((partition) => ({ topic, partition })));
  } catch {
    // The group, or what it gave, is gone already.
    if (consumer.isConnected()) consumer.unassign();
  }
}
