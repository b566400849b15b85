// Files as streams of bytes for a fold: NDJSON, plain or gzip (told by its first bytes), or standard
// input as `-`. A plain file is read straight into the kernel's memory.

import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { FlaplineError, messageOf } from '../config/errors.js';

/** Bytes read at a time: small enough to stay in a core's cache beside the kernel's tables. */
const PIECE_BYTES = 512 * 1024;

/** What takes a stream's bytes: a fold. */
export interface ByteTarget {
  streamRoom(bytesMax: number): Uint8Array;
  stream(bytes: number, final: boolean): Promise<void>;
  streamPiece(piece: Uint8Array): Promise<void>;
}

/** Told after each piece: bytes of the file read so far, and its size (null = unknown). */
export type OnBytes = (read: number, size: number | null) => void;

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

/** Reads a file, or standard input for `-`, to its end. Throws FILE_UNREADABLE. */
export async function readFileInto(
  file: string,
  target: ByteTarget,
  onBytes: OnBytes,
): Promise<void> {
  if (file === '-') return readStream(process.stdin, 'standard input', null, target, onBytes);
  let descriptor: number;
  let size: number;
  const first = Buffer.alloc(2);
  let firstBytes: number;
  try {
    descriptor = openSync(file, 'r');
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) throw new Error('it is a folder');
    size = stat.size;
    if (!stat.isFile()) {
      closeSync(descriptor);
      return await readStream(createReadStream(file), file, null, target, onBytes);
    }
    firstBytes = readSync(descriptor, first, 0, 2, 0);
  } catch (error) {
    throw unreadable(file, error);
  }
  try {
    if (isGzip(first.subarray(0, firstBytes))) {
      const stream = createReadStream(file);
      return await readStream(stream, file, size, target, onBytes);
    }
    await readPlain(descriptor, file, size, target, onBytes);
  } finally {
    closeSync(descriptor);
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
    let bytes: number;
    try {
      bytes = readSync(descriptor, room, 0, room.length, read);
    } catch (error) {
      throw unreadable(file, error);
    }
    read += bytes;
    await target.stream(bytes, bytes === 0);
    onBytes(read, size);
    if (bytes === 0) return;
  }
}

type Pieces = AsyncIterable<Uint8Array> & NodeJS.ReadableStream;

async function readStream(
  source: Pieces,
  name: string,
  size: number | null,
  target: ByteTarget,
  onBytes: OnBytes,
): Promise<void> {
  let read = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of source) {
      read += piece.length;
      yield piece;
    }
  };
  try {
    for await (const piece of unpacked(counted())) {
      await target.streamPiece(piece);
      onBytes(read, size);
    }
  } catch (error) {
    if (error instanceof FlaplineError) throw error;
    throw unreadable(name, error);
  }
  await target.stream(0, true);
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
  const feeding = feed(whole(), gunzip);
  for await (const piece of gunzip) yield piece as Uint8Array;
  await feeding;
}

async function feed(
  pieces: AsyncGenerator<Uint8Array>,
  gunzip: NodeJS.WritableStream,
): Promise<void> {
  try {
    for await (const piece of pieces) {
      if (!gunzip.write(piece)) {
        await new Promise<void>((resolve) => gunzip.once('drain', () => resolve()));
      }
    }
    gunzip.end();
  } catch (error) {
    (gunzip as unknown as { destroy(error: unknown): void }).destroy(error);
  }
}
