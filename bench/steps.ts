// Sides of a bench that take turns: each a process of its own on the same core, started and warmed up
// once, which does its next round when it is told to (a line on its stdin) and answers with a line of
// JSON. Rounds of a fraction of a second stand next to each other in time, so that a machine whose
// speed changes changes it for all of them.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readSync } from 'node:fs';
import { type Interface, createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Core } from './pinned.js';

/** What a side answers after a round. */
export interface WorkReport {
  readonly ns: number;
  readonly events: number;
  /** Of everything it put out so far. */
  readonly hash: string;
}

/** The words that a side is told. */
export type Step = 'round' | 'state';

/** A side, seen from the bench. */
export class Side {
  readonly name: string;
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly answers: AsyncIterator<string>;
  private readonly reader: Interface;
  private complaint = '';

  constructor(name: string, core: Core, command: readonly string[], signal: AbortSignal) {
    this.name = name;
    const [program, ...args] =
      core === null ? command : ['taskset', '-c', String(core), ...command];
    this.child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'pipe'], signal });
    this.child.on('error', (error) => (this.complaint += error.message));
    this.child.stdin.on('error', (error) => (this.complaint += error.message));
    this.child.stderr.on('data', (piece: Buffer) => (this.complaint += piece.toString()));
    this.reader = createInterface({ input: this.child.stdout });
    this.answers = this.reader[Symbol.asyncIterator]();
  }

  /** Has it do a step. Throws with what it said when it ended instead. */
  async step(word: Step): Promise<WorkReport> {
    this.child.stdin.write(`${word}\n`);
    const answer = await this.answers.next();
    if (answer.done) throw new Error(`${this.name} ended early: ${this.complaint.trim()}`);
    return JSON.parse(answer.value) as WorkReport;
  }

  /** Ends it. */
  async end(): Promise<void> {
    this.reader.close();
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.stdin.end();
    child.stdout.resume();
    await closed;
  }
}

/** In a child: answers each line of stdin, until there is none. */
export function answerSteps(answer: (word: Step) => WorkReport): void {
  const byte = Buffer.alloc(1);
  let word = '';
  while (readSync(0, byte, 0, 1, null) === 1) {
    if (byte[0] !== 0x0a) {
      word += byte.toString('latin1');
      continue;
    }
    process.stdout.write(`${JSON.stringify(answer(word as Step))}\n`);
    word = '';
  }
}
