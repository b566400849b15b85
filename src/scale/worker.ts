// A worker of the scaled form: one membership of the group after the other, until it is told to stop. The
// next one begins, with clients of its own, when the group went on without us: after a freeze, a partition
// of the network, a pause longer than its session.

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { FlaplineError, messageOf } from '../config/errors.js';
import { isAway } from '../pipeline/away.js';
import { endsWithin, type Settings } from '../source/client.js';
import { joinGroup } from '../source/group.js';
import { type KafkaLog, openLog } from '../source/kafka.js';
import { openTransactional } from '../source/transactions.js';
import { Fenced, KafkaCommits } from './commits.js';
import type { WorkerConfig } from './owned.js';
import { Session } from './session.js';
import { type ClusterPlace, type ScaleTopics, checkTopics, scaleTopics } from './topics.js';

/** How a worker runs. Times in ms. */
export interface WorkerOptions extends ClusterPlace {
  readonly topic: string;
  /** The name that progress is kept by. */
  readonly cluster: string;
  /** Names the topics of the scaled form, the group, and begins the transactional ids. */
  readonly app: string;
  readonly commitEveryMs: number;
  readonly config: WorkerConfig;
  readonly onNote: (text: string) => void;
  /** It is a member of the group, for the first time. */
  readonly onJoined: () => void;
}

/** What a producer alone understands, and what a consumer alone does. */
const OF_PRODUCERS =
  /^(transaction|compression|linger|batch|queue\.buffering|message|acks|delivery)/;
const OF_CONSUMERS = /^(session|heartbeat|max\.poll|fetch|queued|group|isolation|auto|check)/;

const PRODUCER_DEFAULTS: Settings = {
  'compression.codec': 'lz4',
  'linger.ms': 0,
  // A transaction of a worker that is gone holds readers of its partitions back for as long.
  'transaction.timeout.ms': 30_000,
};

/** How long until it joins again when brokers are away. */
const AGAIN_MS = 1_000;
/** How long a stop may take to commit what was found. */
const STOP_MS_MAX = 30_000;

/** Works until `stop` is aborted. Throws FlaplineError. */
export async function runWorker(options: WorkerOptions, stop: AbortSignal): Promise<void> {
  const topics = scaleTopics(options.topic, options.app);
  await checkTopics(topics, options);
  let joined = false;
  const onJoined = (): void => {
    if (!joined) options.onJoined();
    joined = true;
  };
  while (!stop.aborted) {
    try {
      await oneMembership(options, topics, stop, onJoined);
    } catch (error) {
      if (stop.aborted && isInterruption(error)) return;
      if (error instanceof Fenced) {
        options.onNote(
          `the group went on without this worker (${error.message}): what was not committed is ` +
            'forgotten, it joins again',
        );
      } else if (joined && isAway(error)) {
        options.onNote(`${messageOf(error)}; it joins again`);
        await delay(AGAIN_MS);
      } else throw error;
    }
  }
}

/** What was not committed when a stop came is read again by whoever has the partition next. */
function isInterruption(error: unknown): boolean {
  return error instanceof FlaplineError && error.code === 'INTERRUPTED';
}

async function oneMembership(
  options: WorkerOptions,
  topics: ScaleTopics,
  stop: AbortSignal,
  onJoined: () => void,
): Promise<void> {
  const { brokers, settings, startTimeoutMs, app, onNote } = options;
  const closing: (() => Promise<unknown>)[] = [];
  const opened = async (topic: string, more: Settings = {}): Promise<KafkaLog> => {
    const log = await openLog({
      brokers,
      topic,
      startTimeoutMs,
      settings: { ...without(settings, OF_PRODUCERS), ...more },
    });
    closing.push(() => log.close());
    return log;
  };
  try {
    const ends = await opened(topics.state, { 'isolation.level': 'read_uncommitted' });
    const state = await opened(topics.state);
    const requests = await opened(topics.requests);
    const name = `${app}-${hostname()}-${randomUUID()}`;
    const producing = { ...PRODUCER_DEFAULTS, ...without(settings, OF_CONSUMERS) };
    const out = await openTransactional(
      { brokers, topic: topics.findings, settings: producing, startTimeoutMs },
      name,
    );
    closing.push(() => out.producer.close());
    const place = { brokers, topic: topics.input, startTimeoutMs, clientId: name };
    const group = await joinGroup({ ...place, settings: without(settings, OF_PRODUCERS) }, app);
    closing.push(() => group.close());
    onJoined();
    const commits = new KafkaCommits(out, group.consumer, topics, onNote);
    const states = { log: state, ends, onNote };
    const session = new Session({ ...options, group, commits, states, requests, topics });
    const abandon = (): void => {
      setTimeout(() => session.abandon(), STOP_MS_MAX).unref();
    };
    stop.addEventListener('abort', abandon, { once: true });
    try {
      await session.run(stop);
    } finally {
      stop.removeEventListener('abort', abandon);
    }
  } finally {
    for (const close of closing.toReversed()) await endsWithin(close(), STOP_MS_MAX);
  }
}

function without(settings: Settings, pattern: RegExp): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !pattern.test(name)));
}
