// What every Kafka client of ours shares: settings, calls as promises, a start and an end that are
// bounded in time, and errors in words. A client that fails to start is released before the error is
// thrown. Nothing outside src/source knows node-rdkafka.

import Kafka from 'node-rdkafka';
import type { KafkaConsumer, LibrdKafkaError, Producer } from 'node-rdkafka';

import { FlaplineError } from '../config/errors.js';

/** librdkafka's settings by its own names; they go through unchanged. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/** librdkafka's error codes by name. */
export const CODE = Kafka.CODES.ERRORS;

/** How long a client may take to let go of its threads and sockets, in ms. */
export const CLOSE_TIMEOUT_MS = 5000;

/** How often events are fetched while a client connects, in ms. */
const CONNECT_POLL_MS = 100;

/** Syslog severity: what is less severe than this warning is not kept as a detail. */
const LOG_WARNING = 4;

/** Codes by which a client says that it is of no use any more, with or without the mark. */
const FATAL: ReadonlySet<number> = new Set([CODE.ERR__FATAL, CODE.ERR__FENCED]);

/** An error that librdkafka gave for one call. */
export class KafkaFault extends Error {
  readonly code: number;
  /** The client is of no use any more. */
  readonly isFatal: boolean;
  /** The same call may be made again. */
  readonly isRetriable: boolean;

  constructor(code: number, message: string, { isFatal = false, isRetriable = false } = {}) {
    super(message);
    this.name = 'KafkaFault';
    this.code = code;
    this.isFatal = isFatal || FATAL.has(code);
    this.isRetriable = isRetriable;
  }
}

/** librdkafka's whole text; node-rdkafka cuts `message` at colons but leaves the text in `stack`. */
export function faultText(fault: LibrdKafkaError): string {
  const [first = ''] = (fault.stack ?? '').split('\n', 1);
  return first.startsWith('Error: ') ? first.slice('Error: '.length) : fault.message;
}

/** Makes a promise of a call with a callback. Throws KafkaFault. */
export function call<T>(
  start: (done: (fault: LibrdKafkaError | null | undefined, value: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    start((fault, value) => {
      if (fault) reject(new KafkaFault(fault.code, faultText(fault), fault));
      else resolve(value);
    });
  });
}

/** Whether `work` ended, well or badly, within `timeoutMs`. Never throws. */
export async function endsWithin(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const ended = work.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([ended, late]);
  clearTimeout(timer);
  return inTime;
}

/**
 * Puts the caller's settings over our defaults.
 * @throws FlaplineError BAD_CONFIG when the caller sets one that we depend on (`fixed`) to another value
 */
export function mergeSettings(defaults: Settings, fixed: Settings, settings: Settings): Settings {
  for (const [name, value] of Object.entries(settings)) {
    if (name in fixed && String(fixed[name]) !== String(value)) {
      throw new FlaplineError(
        'BAD_CONFIG',
        `Kafka setting ${name} cannot be changed: flapline keeps offsets itself and needs ` +
          `${name}=${String(fixed[name])}; remove it`,
      );
    }
  }
  return { ...defaults, ...settings, ...fixed };
}

/** Of some settings those that every kind of client understands: where it connects, and as whom. */
export function clientSettings(settings: Settings): Settings {
  const shared = /^(security|ssl|sasl|socket|reconnect|broker|client|metadata)\./;
  return Object.fromEntries(Object.entries(settings).filter(([name]) => shared.test(name)));
}

/** Makes a client; a setting that librdkafka refuses is FlaplineError BAD_CONFIG. */
export function construct<T>(make: () => T): T {
  try {
    return make();
  } catch (thrown) {
    throw badSettings(thrown);
  }
}

function badSettings(thrown: unknown): FlaplineError {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new FlaplineError('BAD_CONFIG', `Kafka settings: ${text}; correct or remove the setting`, {
    cause: thrown,
  });
}

/** What librdkafka's log says last, for the reason in a message. `data` is node-rdkafka's log event. */
export function logDetail(data: unknown): string | null {
  if (typeof data !== 'object' || data === null) return null;
  const { severity, message } = data as { severity?: unknown; message?: unknown };
  if (typeof severity !== 'number' || severity > LOG_WARNING) return null;
  return typeof message === 'string' ? message : null;
}

type Connectable = KafkaConsumer | Producer;

/** What `connectClient` needs beside the client. */
export interface ConnectOptions {
  readonly brokers: string;
  readonly timeoutMs: number;
  /** fetches events, so that the reason of a failure becomes known */
  readonly poll?: () => void;
  /** the last reason heard of */
  readonly detail?: () => string | null;
}

/**
 * Connects: some broker has answered when this resolves. Asks for no topic, so none is created.
 * @throws FlaplineError BROKER_UNAVAILABLE after `timeoutMs`; BAD_CONFIG for settings that contradict
 * one another. The client is released in both cases.
 */
export async function connectClient(client: Connectable, options: ConnectOptions): Promise<void> {
  const { brokers, timeoutMs } = options;
  const poller = setInterval(() => options.poll?.(), CONNECT_POLL_MS);
  const connected = call((done) => {
    client.connect({ timeout: timeoutMs, allTopics: false }, done);
  });
  // node-rdkafka releases the client itself when connecting fails, and calls back after that
  const inTime = await endsWithin(connected, timeoutMs + CLOSE_TIMEOUT_MS);
  clearInterval(poller);
  try {
    if (inTime) await connected;
    else throw new KafkaFault(CODE.ERR__TIMED_OUT, 'no answer');
  } catch (thrown) {
    if (!inTime) client.disconnect();
    const fault = thrown instanceof KafkaFault ? thrown : null;
    if (fault === null || !isAbsence(fault.code)) throw badSettings(thrown);
    throw unavailable(brokers, timeoutMs, options.detail?.() ?? fault.message, thrown);
  }
}

function isAbsence(code: number): boolean {
  return code === CODE.ERR__TRANSPORT || code === CODE.ERR__TIMED_OUT || code > 0;
}

/** FlaplineError BROKER_UNAVAILABLE: which brokers, since how long, why, what to do. */
export function unavailable(
  brokers: string,
  sinceMs: number,
  reason: string,
  cause?: unknown,
): FlaplineError {
  return new FlaplineError(
    'BROKER_UNAVAILABLE',
    `no Kafka broker of ${brokers} answered for ${(sinceMs / 1000).toFixed(1)} s (${reason}); ` +
      'check the address, the network and that the broker runs, then start again',
    { cause },
  );
}

/** Disconnects; resolves when the client has let go, or after CLOSE_TIMEOUT_MS. Never throws. */
export async function disconnectClient(client: Connectable): Promise<void> {
  if (!client.isConnected()) return;
  await endsWithin(
    call((done) => client.disconnect(done)),
    CLOSE_TIMEOUT_MS,
  );
}

/** What this build of librdkafka cannot read, as a sentence for the operator; null when nothing. */
export function codecProblem(features: readonly string[] = Kafka.features): string | null {
  const absent = ['gzip', 'snappy', 'lz4', 'zstd'].filter((codec) => !features.includes(codec));
  if (absent.length === 0) return null;
  return (
    `this build of librdkafka lacks ${absent.join(', ')}: records compressed so cannot be read ` +
    '("Local: Not implemented"); install the development package of the library (libzstd-dev for ' +
    'zstd) and run "npm rebuild node-rdkafka", or compress the topic otherwise'
  );
}
