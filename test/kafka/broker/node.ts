// One node of the real broker: a Java process of our own, broker and controller in one (KRaft), on
// loopback, with its data, its settings and its log in a folder. It is ended by its process id.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KAFKA_FOLDER } from './installed.js';
import { FORMAT_ARGS, type Security, listenerSettings } from './security.js';

/** A node as the others know it. */
export interface NodePlace {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  /** Where it listens with TLS and SASL; null = nowhere. */
  readonly securePort: number | null;
}

const CLUSTER_ID = 'ZmxhcGxpbmUtdGVzdC1rYQ';
const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 30_000;
const LOOK_MS = 50;
const STARTED = 'Kafka Server started';
const LOG_LINES_TOLD = 15;
const HEAP_MB = 400;

const live = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of live) child.kill('SIGKILL');
});

/** A node that can be started, stopped and started again on the same port. */
export class KafkaNode {
  readonly place: NodePlace;
  private readonly folder: string;
  private readonly security: Security | null;
  private child: ChildProcess | null = null;

  /** Writes its settings; `format` and `start` come next. */
  constructor(
    place: NodePlace,
    all: readonly NodePlace[],
    folder: string,
    security: Security | null,
  ) {
    this.place = place;
    this.folder = folder;
    this.security = security;
    writeFileSync(this.settingsFile, settings(place, all, join(folder, 'data'), security));
  }

  /** Prepares its data folder, once. */
  async format(): Promise<void> {
    const child = this.java('kafka.tools.StorageTool', [
      'format',
      '-t',
      CLUSTER_ID,
      '-c',
      this.settingsFile,
      ...(this.security ? FORMAT_ARGS : []),
    ]);
    const code = await ended(child);
    if (code !== 0) throw new Error(`Kafka's folder was not formatted: ${this.lastWords()}`);
  }

  /** Starts it and waits until it serves. Throws with the end of its log when it does not. */
  async start(): Promise<void> {
    writeFileSync(this.logFile, '');
    const child = this.java('kafka.Kafka', [this.settingsFile]);
    this.child = child;
    const end = performance.now() + START_TIMEOUT_MS;
    while (!readFileSync(this.logFile, 'utf8').includes(STARTED)) {
      if (child.exitCode !== null || performance.now() > end) {
        await this.kill();
        throw new Error(`Kafka node ${this.place.id} did not start: ${this.lastWords()}`);
      }
      await delay(LOOK_MS);
    }
  }

  /** Ends it in an orderly way: it hands its partitions over and closes its logs. */
  async stop(): Promise<void> {
    const { child } = this;
    if (!child) return;
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended(child);
    clearTimeout(late);
    this.child = null;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    const { child } = this;
    if (!child) return;
    child.kill('SIGKILL');
    await ended(child);
    this.child = null;
  }

  private get settingsFile(): string {
    return join(this.folder, 'server.properties');
  }

  private get logFile(): string {
    return join(this.folder, 'log.txt');
  }

  private lastWords(): string {
    return readFileSync(this.logFile, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-LOG_LINES_TOLD)
      .join('\n');
  }

  private java(main: string, args: readonly string[]): ChildProcess {
    const log = openSync(this.logFile, 'a');
    // A short life on a busy machine: no second compiler, no second collector.
    const options = [`-Xmx${HEAP_MB}m`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    const child = spawn('java', [...options, '-cp', join(KAFKA_FOLDER, '*'), main, ...args], {
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    live.add(child);
    child.once('exit', () => live.delete(child));
    return child;
  }
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve, reject) => {
    child.once('exit', resolve);
    child.once('error', reject);
  });
}

function settings(
  place: NodePlace,
  all: readonly NodePlace[],
  data: string,
  security: Security | null,
): string {
  const copies = all.length;
  const voters = all.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`);
  const { id, port, controllerPort, securePort } = place;
  // By name: certificates are checked by the names of those who show them.
  const secure = (host: string): string =>
    securePort === null ? '' : `,SECURE://${host}:${securePort}`;
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': voters.join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${secure('127.0.0.1')}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}${secure('localhost')}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL',
    ...(security && listenerSettings(security)),
    'log.dirs': data,
    'auto.create.topics.enable': false,
    'default.replication.factor': copies,
    'min.insync.replicas': Math.min(2, copies),
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': Math.min(2, copies),
    'transaction.state.log.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    // A leader that is killed is missed soon.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    'controller.quorum.election.timeout.ms': 500,
    'controller.quorum.fetch.timeout.ms': 1_000,
    // Records of the tests carry times of years ago: the default would remove them as old.
    'log.retention.ms': -1,
    'message.max.bytes': 16_777_216,
    'replica.fetch.max.bytes': 16_777_216,
    'log.message.timestamp.after.max.ms': '9223372036854775807',
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
