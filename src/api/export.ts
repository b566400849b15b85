// An answer that can be large: made whole before its first byte is sent, small ones in memory, others
// in a temporary file that has no name any more while it is sent. So an error is a status, never half a
// file; a slow client holds a file, not a query; and memory does not grow with the rows.

import { createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyReply } from 'fastify';
import { FlaplineError } from '../config/errors.js';
import type { Language } from '../lists/column.js';
import type { ListAnswer } from '../lists/list.js';
import { csvOf } from '../lists/text.js';
import type { ApiLimits } from './deps.js';

export type ExportFormat = 'json' | 'csv' | 'xlsx';

/** How an export is wanted. */
export interface ExportForm {
  readonly format: ExportFormat;
  readonly language: Language;
}

const TYPES: Readonly<Record<ExportFormat, string>> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};
const MEMORY_CHARACTERS_MAX = 1 << 20;
const STALL_CHECKS = 4;

/** Makes exports, a bounded number at a time. */
export class Exports {
  readonly limits: ApiLimits;
  private active = 0;

  constructor(limits: ApiLimits) {
    this.limits = limits;
  }

  /** Holds a place while `make` runs and until the client has everything. Throws QUERY_TIMEOUT. */
  async answer(
    reply: FastifyReply,
    make: () => Promise<string | Readable | Uint8Array>,
  ): Promise<FastifyReply> {
    if (this.active >= this.limits.exportsMax) {
      const text = `${this.limits.exportsMax} exports are under way: try again shortly`;
      throw new FlaplineError('QUERY_TIMEOUT', text);
    }
    this.active++;
    reply.raw.once('close', () => this.active--);
    cutOffStalled(reply, this.limits.exportStalledMsMax);
    return reply.send(await make());
  }
}

/** Destroys the connection when nothing more of the answer is taken for so long. */
function cutOffStalled(reply: FastifyReply, stalledMs: number): void {
  const { socket } = reply.raw;
  if (!socket) return;
  let [written, still] = [socket.bytesWritten, 0];
  const timer = setInterval(() => {
    const moved = socket.bytesWritten !== written || !reply.raw.headersSent;
    written = socket.bytesWritten;
    still = moved ? 0 : still + 1;
    if (still >= STALL_CHECKS) socket.destroy();
  }, stalledMs / STALL_CHECKS);
  reply.raw.once('close', () => clearInterval(timer));
}

/** Sets the headers of a download. */
export function exportHeaders(reply: FastifyReply, name: string, format: ExportFormat): void {
  void reply.type(TYPES[format]);
  if (format === 'json') return;
  void reply.header('content-disposition', `attachment; filename="${name}.${format}"`);
}

/** Makes the whole of a list; stops when the client has gone. */
export async function madeOf<Answer extends ListAnswer>(
  reply: FastifyReply,
  answer: Answer,
  { format, language }: ExportForm,
  json: (answer: Answer) => AsyncGenerator<string>,
): Promise<string | Readable> {
  const wanted = { ...answer, chunks: whileWanted(reply, answer.chunks) };
  if (format === 'xlsx') {
    // Loaded when it is needed: half a second that no start waits for.
    const { writeXlsx } = await import('../lists/xlsx.js');
    return inFile((file) => writeXlsx(file, wanted, language));
  }
  return spooled(format === 'csv' ? csvOf(wanted) : json(wanted));
}

async function* whileWanted<T>(reply: FastifyReply, chunks: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const chunk of chunks) {
    if (reply.raw.destroyed) throw new FlaplineError('INTERRUPTED', 'the client has gone');
    yield chunk;
  }
}

/** The text if it is short, else a stream of a file that holds it. */
async function spooled(pieces: AsyncGenerator<string>): Promise<string | Readable> {
  const begun: string[] = [];
  let characters = 0;
  for await (const piece of whole(pieces)) {
    begun.push(piece);
    characters += piece.length;
    if (characters > MEMORY_CHARACTERS_MAX) {
      const all = Readable.from(joined(begun, pieces));
      return inFile((file) => pipeline(all, createWriteStream(file)));
    }
  }
  return begun.join('');
}

/** Reads a generator without ending it when the reader stops. */
function whole<T>(pieces: AsyncGenerator<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => ({ next: () => pieces.next() }) };
}

async function* joined(begun: readonly string[], rest: AsyncGenerator<string>) {
  yield* begun;
  yield* rest;
}

/** Has a file written and gives its content; the file has no name any more. */
async function inFile(write: (file: string) => Promise<void>): Promise<Readable> {
  const folder = await mkdtemp(join(tmpdir(), 'flapline-export-'));
  try {
    const file = join(folder, 'list');
    await write(file);
    return (await open(file)).createReadStream();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
