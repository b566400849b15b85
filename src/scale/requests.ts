// What operators ask of workers through serve: sent to the partition that has the line, taken there at the
// position that the worker has read to, and answered when the control record of it is stored here.

import * as L from '../../assembly/layout.js';
import { FlaplineError } from '../config/errors.js';
import { type ResetPlace, type ResetRequest, nothingToReset } from '../pipeline/pipeline.js';
import { type ConnectedProducer, produceTo } from '../source/producer.js';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { ControlRecord, ResetChange } from '../store/control.js';
import { partitionsOfLine } from '../store/progress.js';
import type { Served } from './served.js';

const SEND_TIMEOUT_MS = 5_000;
/** Below the time that the API gives a request. */
const ANSWER_MS_MAX = 8_000;

interface Waiting {
  readonly partition: number;
  readonly reset: ResetChange;
  readonly answer: (place: ResetPlace) => void;
}

/** Sends requests. */
export class Requests {
  private readonly out: ConnectedProducer;
  private readonly topic: string;
  private readonly served: Served;
  private readonly waiting = new Set<Waiting>();
  private lastMs = 0;

  constructor(out: ConnectedProducer, topic: string, served: Served) {
    this.out = out;
    this.topic = topic;
    this.served = served;
  }

  /** Control records that are stored by now. */
  stored(
    controls: readonly { readonly partition: number; readonly record: ControlRecord }[],
  ): void {
    for (const { partition, record } of controls) {
      for (const one of this.waiting) {
        if (one.partition !== partition || !isSame(one.reset, record.change)) continue;
        one.answer({ partition, log: record.log, position: record.position });
      }
    }
  }

  /** Resets a line wherever it has state. Throws NOT_FOUND, SERVICE_UNAVAILABLE. */
  async reset(request: ResetRequest, connection: DuckDBConnection): Promise<ResetPlace[]> {
    const ids = await partitionsOfLine(connection, request.line);
    const { byId } = this.served;
    const partitions = ids.flatMap((id) => byId.get(id)?.log.partition ?? []);
    if (partitions.length === 0) throw nothingToReset(request.line);
    // Told apart by the time of the request.
    this.lastMs = Math.max(Date.now(), this.lastMs + 1);
    const reset: ResetChange = { kind: 'reset', ...request, requestedMs: this.lastMs };
    const answers = partitions.map((partition) => this.answered(partition, reset));
    const { topic } = this;
    const failed = this.out.producer.counts.failed;
    for (const partition of partitions) {
      const value = Buffer.from(JSON.stringify(reset));
      await produceTo(this.out.client, { topic, partition, key: null, value });
    }
    await this.out.producer.flush(SEND_TIMEOUT_MS);
    if (this.out.producer.counts.failed > failed) {
      throw new FlaplineError(
        'SERVICE_UNAVAILABLE',
        `topic ${topic} took no request: see to Kafka`,
      );
    }
    return Promise.all(answers);
  }

  private answered(partition: number, reset: ResetChange): Promise<ResetPlace> {
    const answered = new Promise<ResetPlace>((resolve, reject) => {
      const end = (): void => {
        clearTimeout(late);
        this.waiting.delete(one);
      };
      const late = setTimeout(() => {
        end();
        reject(notAnswered(partition));
      }, ANSWER_MS_MAX);
      const one: Waiting = {
        partition,
        reset,
        answer: (place) => {
          end();
          resolve(place);
        },
      };
      this.waiting.add(one);
    });
    // It may be given up before anybody waits for it.
    answered.catch(() => undefined);
    return answered;
  }
}

function isSame(reset: ResetChange, change: ControlRecord['change']): boolean {
  return (
    change.kind === 'reset' &&
    change.line === reset.line &&
    change.by === reset.by &&
    change.requestedMs === reset.requestedMs
  );
}

function notAnswered(partition: number): FlaplineError {
  return new FlaplineError(
    'SERVICE_UNAVAILABLE',
    `no worker has answered for partition ${partition} within ${ANSWER_MS_MAX / 1000} s: the request ` +
      'stands, and is taken as soon as one reads the partition; look for it in control_records',
  );
}

/** A reset as serve asks for it, null when it is none. */
export function resetOf(value: Buffer): ResetChange | null {
  try {
    const change = JSON.parse(value.toString()) as Partial<ResetChange> | null;
    const isReset =
      change?.kind === 'reset' &&
      typeof change.line === 'string' &&
      Buffer.byteLength(change.line) <= L.NAME_BYTES_MAX;
    return isReset ? (change as ResetChange) : null;
  } catch {
    return null;
  }
}
