// `flapline run` (or `serve`, or a worker, `detect`) as a process of its own, as a user starts it: one life
// of a service that is killed and started again. The caller ends it, by its process id.

import type { ChildProcess } from 'node:child_process';
import { afterEach } from 'vitest';
import { isRead } from '../host/service-fixture.js';
import type { Status } from '../../src/api/contract.js';
import { setTimeout as delay } from 'node:timers/promises';
import { startCommand } from '../cli/command.js';

/** How long a start, or reading to the end, may take on a busy machine. */
const PATIENCE_MS = 120_000;
/** Ten times a second is less than the API takes from one client. */
const LOOK_MS = 100;
const LIVE = /reading (?:topic|findings) .*: open (http:\S+)\n/;
const JOINED = /worker of .*: reading topic/;

const running = new Set<ChildProcess>();

/** Ends what a failed test left running. */
export function usesLives(): void {
  afterEach(() => {
    for (const child of running) child.kill('SIGKILL');
  });
}

/** A running `flapline run`. */
export class Life {
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  /** What it wrote. */
  said = '';

  constructor(args: readonly string[], command: 'run' | 'serve' | 'detect' = 'run') {
    const port = command === 'detect' ? [] : ['--port', '0'];
    this.child = startCommand([command, ...port, ...args]);
    running.add(this.child);
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.on('data', (piece: Buffer) => (this.said += piece.toString()));
    }
    this.ended = new Promise((resolve) => {
      this.child.once('close', () => {
        running.delete(this.child);
        resolve();
      });
    });
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** True until it ended. */
  get runs(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Its address, once it reads its topic. Throws what it said when it ends instead. */
  async live(): Promise<string> {
    await this.until('it reads its topic', () => Promise.resolve(LIVE.test(this.said)));
    return LIVE.exec(this.said)![1]!;
  }

  /** Waits until it is a member of its group: a worker. */
  joined(): Promise<void> {
    return this.until('it joins', () => Promise.resolve(JOINED.test(this.said)));
  }

  /** Stops it where it is, or lets it go on. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(name);
  }

  /** What it says of itself. */
  async status(): Promise<Status> {
    const answer = await fetch(`${await this.live()}api/status`);
    if (!answer.ok) throw new Error(`status ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Status;
  }

  /** Waits until it has read up to these positions. */
  untilRead(ends: ReadonlyMap<number, number>): Promise<void> {
    return this.until(`it has read to ${JSON.stringify([...ends])}`, async () =>
      isRead(await this.status(), ends),
    );
  }

  /** Waits until something is so, and no longer than it runs. */
  async until(what: string, met: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!(await met())) {
      if (!this.runs) throw new Error(`ended before ${what}: ${this.said}`);
      if (performance.now() > end) {
        const last = JSON.stringify(await this.status().catch(String));
        throw new Error(`in vain: ${what}: ${this.said}; last status: ${last}`);
      }
      await delay(LOOK_MS);
    }
  }

  /** kill -9; false when it had ended by itself before. */
  async kill(): Promise<boolean> {
    this.child.kill('SIGKILL');
    await this.ended;
    return this.child.signalCode === 'SIGKILL';
  }

  /** SIGTERM; throws unless it ends cleanly. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended;
    if (this.child.exitCode !== 0)
      throw new Error(`ended with ${this.child.exitCode}: ${this.said}`);
  }
}
