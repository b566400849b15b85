// A file being written: bytes gather in one buffer and go out in large writes. Invariant: memory
// stays at one buffer as long as the writer calls `drain` between batches; nothing is dropped.

import { open, type FileHandle } from 'node:fs/promises';

import { FlaplineError, messageOf } from '../config/errors.js';

const FLUSH_BYTES = 1 << 20;

/** A file to append to. Flush it before closing, or its last bytes are missing. */
export class FileSink {
  readonly path: string;
  /** bytes appended so far */
  bytes = 0;
  readonly #file: FileHandle;
  #buffer = Buffer.allocUnsafe(FLUSH_BYTES + (FLUSH_BYTES >> 2));
  #used = 0;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** Creates the file, or empties it. @throws FlaplineError STORE_UNWRITABLE */
  static async create(path: string): Promise<FileSink> {
    try {
      return new FileSink(path, await open(path, 'w'));
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  /** Lets `write` put at most `room` bytes at a position of the buffer; it returns the end. */
  appendWith(room: number, write: (target: Buffer, position: number) => number): void {
    if (this.#used + room > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, this.#used + room));
      this.#buffer.copy(grown, 0, 0, this.#used);
      this.#buffer = grown;
    }
    const end = write(this.#buffer, this.#used);
    this.bytes += end - this.#used;
    this.#used = end;
  }

  append(text: string): void {
    this.appendWith(3 * text.length, (target, position) => position + target.write(text, position));
  }

  /** Whether enough has gathered that `drain` would write. */
  get full(): boolean {
    return this.#used >= FLUSH_BYTES;
  }

  /** Writes what has gathered, if it is enough for one large write. */
  async drain(): Promise<void> {
    if (this.full) await this.flush();
  }

  /** Closes the file without writing what still gathers: flush first. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Writes all that has gathered. @throws FlaplineError STORE_UNWRITABLE */
  async flush(): Promise<void> {
    let written = 0;
    try {
      while (written < this.#used) {
        const rest = this.#used - written;
        written += (await this.#file.write(this.#buffer, written, rest)).bytesWritten;
      }
    } catch (error) {
      throw unwritable(this.path, error);
    }
    this.#used = 0;
  }
}

/** The error of a path that cannot be written. */
export function unwritable(path: string, cause: unknown): FlaplineError {
  return new FlaplineError(
    'STORE_UNWRITABLE',
    `cannot write ${path}: ${messageOf(cause)}; give a folder with room that you may write to`,
    { cause },
  );
}
