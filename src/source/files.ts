// Files as streams of bytes for a fold: NDJSON, plain or gzip (told by its first bytes), or standard
// input as `-`. A plain file is read straight into the kernel's memory.

import {
  accessSync,
  closeSync,
  constants,
  createReadStream,
  openSync,
  readSync,
  statSync,
} from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { FlaplineError, messageOf } from '../config/errors.js';

/** Bytes read at a time: small enough to stay in a core's cache beside the kernel's tables. */
const PIECE_BYTES = 128 * 1024;

/** What takes a stream's bytes: a fold. */
export interface ByteTarget {
  streamRoom(bytesMax: number): Uint8Array;
  stream(bytes: number, final: boolean): Promise<void>;
  streamPiece(piece: Uint8Array): Promise<void>;
}

/** Told after each piece: bytes of the file read so far, and its size (null = unknown). */
export type OnBytes = (read: number, size: number | null) => Promise<void> | void;

function unreadable(file: string, error: unknown): FlaplineError {
  return new FlaplineError(
    'FILE_UNREADABLE',
    `${file}: cannot be read (${messageOf(error)}): check its name and permissions`,
    { cause: error },
  );
}

function isGzip(first: Uint8Array): boolean {
  return first.length >= 2 && first[0] === 0x1f && first[1] === 0x8b;
}

/**
 * Reads a file, or standard input for `-`, to its end; returns why a gzip file ended before, else
 * null. The signal ends a wait for a pipe. Throws FILE_UNREADABLE, INTERRUPTED.
 */
export async function readFileInto(
  file: string,
  target: ByteTarget,
  onBytes: OnBytes,
  signal?: AbortSignal,
): Promise<string | null> {
  const read = (source: Readable, name: string, size: number | null): Promise<string | null> => {
    const destroy = (): void => {
      source.destroy(new FlaplineError('INTERRUPTED', 'interrupted'));
    };
    signal?.addEventListener('abort', destroy);
    return readStream(source, name, size, target, onBytes).finally(() =>
      signal?.removeEventListener('abort', destroy),
    );
  };
  if (file === '-') return read(process.stdin, 'standard input', null);
  const size = sizeOf(file);
  if (size === null) return read(createReadStream(file), file, null);
  const descriptor = attempt(file, () => openSync(file, 'r'));
  try {
    const first = Buffer.alloc(2);
    const bytes = attempt(file, () => readSync(descriptor, first, 0, 2, 0));
    if (isGzip(first.subarray(0, bytes))) {
      return await read(createReadStream(file), file, size);
    }
    await readPlain(descriptor, file, size, target, onBytes);
    return null;
  } finally {
    closeSync(descriptor);
  }
}

/** Throws FILE_UNREADABLE when one of the files cannot be read, before any work is done. */
export function checkReadable(files: readonly string[]): void {
  for (const file of files) {
    if (file === '-') continue;
    sizeOf(file);
    attempt(file, () => accessSync(file, constants.R_OK));
  }
}

/** Bytes of a file, null for a pipe or device. */
function sizeOf(file: string): number | null {
  const stat = attempt(file, () => statSync(file));
  if (stat.isDirectory()) throw unreadable(file, new Error('it is a folder'));
  return stat.isFile() ? stat.size : null;
}

function attempt<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function readPlain(
  descriptor: number,
  file: string,
  size: number,
  target: ByteTarget,
  onBytes: OnBytes,
): Promise<void> {
  for (let read = 0; ;) {
    const room = target.streamRoom(PIECE_BYTES);
    const at = read;
    const bytes = attempt(file, () => readSync(descriptor, room, 0, room.length, at));
    read += bytes;
    await target.stream(bytes, bytes === 0);
    await onBytes(read, size);
    if (bytes === 0) return;
  }
}

async function readStream(
  source: Readable,
  name: string,
  size: number | null,
  target: ByteTarget,
  onBytes: OnBytes,
): Promise<string | null> {
  let read = 0;
  let broken: string | null = null;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of source as AsyncIterable<Uint8Array>) {
      read += piece.length;
      yield piece;
    }
  };
  const pieces = unpacked(counted());
  // Only what the source throws is about the file: what the target throws passes as it is.
  const next = async (): Promise<Uint8Array | null> => {
    try {
      const { done, value } = await pieces.next();
      return done ? null : (value as Uint8Array);
    } catch (error) {
      if (error instanceof FlaplineError) throw error;
      if (!(error as { code?: string }).code?.startsWith('Z_')) throw unreadable(name, error);
      broken = `no whole gzip file: ${messageOf(error)}`;
      return null;
    }
  };
  try {
    for (let piece = await next(); piece !== null; piece = await next()) {
      await target.streamPiece(piece);
      await onBytes(read, size);
    }
  } finally {
    await pieces.return(undefined);
  }
  await target.stream(0, true);
  return broken;
}

/** The pieces of a stream, unpacked when its first two bytes say gzip. */
async function* unpacked(pieces: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await pieces.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    if (head.length > 0) yield head;
    yield* pieces;
  };
  if (!isGzip(head)) {
    yield* whole();
    return;
  }
  const gunzip = createGunzip();
  const feeding = pipeline(whole, gunzip);
  // An error of the source reaches the loop below through gunzip.
  feeding.catch(() => undefined);
  for await (const piece of gunzip) yield piece as Uint8Array;
  await feeding;
}
