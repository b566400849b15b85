// What commands write: results to standard output with back-pressure, words for people to standard
// error. Names come from streams: control characters in them never reach a terminal.

import { closeSync, openSync, writeSync } from 'node:fs';
import { FlaplineError, messageOf } from '../config/errors.js';

/** The reader of standard output has gone: the command ends quietly. */
export class ClosedPipe extends Error {}

/** Takes text, or bytes, in order; each write ends when the text is handed over. */
export interface TextSink {
  write(piece: string | Uint8Array): Promise<void>;
  close(): void;
}

let watched = false;

/** Writes to standard output. Throws ClosedPipe, FILE_UNWRITABLE. */
export function writeOut(piece: string | Uint8Array): Promise<void> {
  if (!watched) {
    // The error also comes to the callback below; without a listener it would end the process.
    process.stdout.on('error', () => undefined);
    watched = true;
  }
  return new Promise((resolve, reject) => {
    process.stdout.write(piece, (error) => {
      if (!error) resolve();
      else if ((error as { code?: string }).code === 'EPIPE') reject(new ClosedPipe());
      else reject(unwritable('standard output', error));
    });
  });
}

/** Opens a file to write text to, or standard output for `-`. Throws FILE_UNWRITABLE. */
export function openSink(file: string): TextSink {
  if (file === '-') return { write: writeOut, close: () => undefined };
  const descriptor = attempt(file, () => openSync(file, 'w'));
  return {
    async write(piece) {
      const bytes = Buffer.from(piece as string);
      for (let at = 0; at < bytes.length;) {
        const from = at;
        at += attempt(file, () => writeSync(descriptor, bytes, from, bytes.length - from));
      }
    },
    close: () => closeSync(descriptor),
  };
}

function attempt<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unwritable(file, error);
  }
}

function unwritable(file: string, error: unknown): FlaplineError {
  return new FlaplineError(
    'FILE_UNWRITABLE',
    `${file}: cannot be written (${messageOf(error)}): check folder, permissions and free space`,
    { cause: error },
  );
}

/** Says something to the person at the terminal. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A text without control characters and without what turns the direction of writing. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '\u{fffd}');
}

const counting = new Intl.NumberFormat('en-US');

/** A whole number for people: 1,234,567. */
export function count(value: number): string {
  return counting.format(value);
}

/** A count with its noun: 1 line, 2 lines. */
export function countOf(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}
