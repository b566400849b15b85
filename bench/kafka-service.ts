// `flapline run`, or `detect`, as a process of its own, as the benches on Kafka drive it: what it has read and how much of
// the cores it took, seen from outside.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Status } from '../src/api/contract.js';
import { messageOf } from '../src/config/errors.js';
import { ROOT } from '../src/config/root.js';
import { ROLLUP_ROWS } from '../src/store/rollup.js';

const MAIN = join(ROOT, 'dist', 'src', 'bin.cjs');
const LISTENS = /page and API at (http:\S+) /;
const LIVE = /reading topic .*: open http:/;
const LOOK_MS = 100;
/** Metrics cost it something: they are looked at less often. */
const METRICS_LOOK_MS = 500;
/** How often what it said is looked at: a start is measured by it. */
const SAID_LOOK_MS = 5;
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;
/** Of /proc: clock ticks a second on every Linux that Node runs on. */
const TICKS = 100;

/** The service of one process, or either part of the scaled form. */
export type MeasuredCommand = 'run' | 'detect' | 'serve';

/** A service under measurement. */
export class MeasuredService {
  private readonly child: ChildProcess;
  private said = '';
  /** From the start of the process until it read its topic, s. */
  readyS = 0;
  address = '';

  constructor(args: readonly string[], signal: AbortSignal, command: MeasuredCommand = 'run') {
    const port = command === 'detect' ? [] : ['--port', '0'];
    this.child = spawn(process.execPath, [MAIN, command, ...port, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGKILL',
    });
    this.child.on('error', (error) => (this.said += error.message));
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.on('data', (piece: Buffer) => (this.said += piece.toString()));
    }
  }

  /** Waits until it answers; it has read nothing then. */
  async listening(): Promise<void> {
    this.address = (await this.untilSaid(LISTENS))[1]!;
  }

  /** Waits until it reads its topic; call it at once. */
  async live(): Promise<void> {
    const begunMs = performance.now();
    await this.listening();
    await this.untilSaid(LIVE);
    this.readyS = (performance.now() - begunMs) / 1_000;
  }

  /** Waits until it says this; what it said. */
  async untilSaid(words: RegExp): Promise<RegExpExecArray> {
    const begunMs = performance.now();
    for (;;) {
      const found = words.exec(this.said);
      if (found) return found;
      if (this.child.exitCode !== null) throw new Error(`flapline ended: ${this.said}`);
      if (performance.now() - begunMs > START_TIMEOUT_MS) throw new Error(`no start: ${this.said}`);
      await delay(SAID_LOOK_MS);
    }
  }

  async status(): Promise<Status> {
    return (await (await this.ask('api/status')).json()) as Status;
  }

  private async ask(path: string): Promise<Response> {
    try {
      return await fetch(`${this.address}${path}`);
    } catch (error) {
      const end = this.child.exitCode ?? this.child.signalCode;
      throw new Error(
        `no answer to ${path} (${messageOf((error as Error).cause)}), ` +
          `${end === null ? 'it runs' : `it ended with ${end}`}: ${this.said}`,
        { cause: error },
      );
    }
  }

  /** A figure of its own (GET /metrics), in the metric's unit; null when it is not known now. */
  async metric(name: string): Promise<number | null> {
    const text = await (await this.ask('metrics')).text();
    const found = new RegExp(`^${name} (\\S+)$`, 'm').exec(text);
    return found ? Number(found[1]) : null;
  }

  /** Waits until everything that was found is stored. */
  stored(): Promise<void> {
    return this.untilAtMost('flapline_waiting_bytes', 0);
  }

  /** Waits until what is stored is rolled up, which it is in the pauses of the reading. */
  rolledUp(): Promise<void> {
    return this.untilAtMost('flapline_rows_to_roll_up', ROLLUP_ROWS.least);
  }

  private async untilAtMost(name: string, most: number): Promise<void> {
    for (;;) {
      const value = await this.metric(name);
      if (value !== null && value <= most) return;
      await delay(METRICS_LOOK_MS);
    }
  }

  /** Bytes of memory that the process holds (VmRSS). */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
  }

  /** Records read so far, of all partitions. */
  async read(): Promise<number> {
    if (this.child.exitCode !== null) throw new Error(`flapline ended: ${this.said}`);
    const { partitions } = await this.status();
    return partitions.reduce((sum, { position }) => sum + position, 0);
  }

  /** From the last look at which nothing was read, to the first at which so many records were. */
  async reading(records: number): Promise<{ readonly seconds: number; readonly cpuS: number }> {
    let [begunMs, cpuS] = [performance.now(), this.cpuS()];
    for (let read = 0; read < records; await delay(LOOK_MS)) {
      const [atMs, cpuAtS] = [performance.now(), this.cpuS()];
      read = await this.read();
      if (read === 0) [begunMs, cpuS] = [atMs, cpuAtS];
    }
    return { seconds: (performance.now() - begunMs) / 1_000, cpuS };
  }

  /** Seconds of the cores so far, all threads. */
  cpuS(): number {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  }

  /** SIGTERM; throws unless it ends cleanly. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await closed;
    clearTimeout(late);
    if (this.child.exitCode !== 0) throw new Error(`flapline did not end well: ${this.said}`);
  }

  /** Ends it at once; for the end of a bench that failed. */
  kill(): void {
    this.child.kill('SIGKILL');
  }
}
