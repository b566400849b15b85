// The topics of the scaled form, named after one name. All have as many partitions as the input, of which
// partition p has its state, its findings and its requests in partition p of each. None is made by us: one
// that is absent ends the start, saying how it is made.

import { FlaplineError } from '../config/errors.js';
import type { Settings } from '../source/kafka.js';
import { partitionsFound } from '../source/topics.js';

/** The topics of an application. */
export interface ScaleTopics {
  readonly input: string;
  /** Batches, read by serve. To be kept for longer than serve, or its backups, may be behind. */
  readonly findings: string;
  /** State, control records, progress. Compacted. */
  readonly state: string;
  /** What operators ask for through serve. */
  readonly requests: string;
}

/** A cluster, and how to reach it. */
export interface ClusterPlace {
  readonly brokers: string;
  readonly settings: Settings;
  readonly startTimeoutMs: number;
}

/** The names; `app` is also the group's and begins the transactional ids. */
export function scaleTopics(input: string, app: string): ScaleTopics {
  return { input, findings: `${app}.findings`, state: `${app}.state`, requests: `${app}.requests` };
}

/** Settings by Kafka's names that each topic needs. */
const NEEDED = [
  ['findings', 'retention.ms=-1'],
  ['state', 'cleanup.policy=compact'],
  ['requests', 'retention.ms=604800000'],
] as const;

/**
 * Checks that they are there; returns how many partitions the input has.
 * @throws FlaplineError TOPIC_ABSENT with the commands that make them, BAD_CONFIG when one has another
 * number of partitions, BROKER_UNAVAILABLE
 */
export async function checkTopics(topics: ScaleTopics, place: ClusterPlace): Promise<number> {
  const wanted = await partitionsFound({ ...place, topic: topics.input });
  if (wanted === null) {
    throw new FlaplineError('TOPIC_ABSENT', `topic ${topics.input} does not exist: name the input`);
  }
  const absent: string[] = [];
  for (const [kind, setting] of NEEDED) {
    const topic = topics[kind];
    const found = await partitionsFound({ ...place, topic });
    if (found === null) {
      absent.push(
        `kafka-topics.sh --bootstrap-server ${place.brokers} --create --topic ${topic} ` +
          `--partitions ${wanted} --replication-factor 3 --config ${setting}`,
      );
    } else if (found !== wanted) {
      throw new FlaplineError(
        'BAD_CONFIG',
        `topic ${topic} has ${found} partitions, ${topics.input} has ${wanted}: they must be as many ` +
          '(kafka-topics.sh --alter --partitions gives a topic more)',
      );
    }
  }
  if (absent.length === 0) return wanted;
  throw new FlaplineError(
    'TOPIC_ABSENT',
    `topics are missing; they are never made by flapline. Make them:\n  ${absent.join('\n  ')}`,
  );
}
