// Where commands write lists: standard output or a file, in any form, as they are made.

import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { FlaplineError, messageOf } from '../config/errors.js';
import { LANGUAGES, type Language } from '../lists/column.js';
import type { ListAnswer } from '../lists/list.js';
import { csvOf, jsonOf } from '../lists/text.js';
import type { Flags } from './common.js';
import { tableOf } from './list-table.js';
import { openSink } from './output.js';

const FORMATS = ['table', 'csv', 'xlsx', 'json'] as const;
type ListFormat = (typeof FORMATS)[number];

/** In what form, and where to. */
export interface Destination {
  readonly format: ListFormat;
  /** `-` is standard output. */
  readonly file: string;
  readonly language: Language;
}

/** Adds --format, --out and --language. */
export function withDestination(command: Command): Command {
  return command
    .addOption(
      new Option('--format <format>', 'form of the list').choices(FORMATS).default('table'),
    )
    .option('--out <file>', 'where to write it', '-')
    .addOption(
      new Option('--language <language>', 'of the titles in XLSX').choices(LANGUAGES).default('en'),
    );
}

/** What withDestination's options say. Throws USAGE for XLSX on a terminal. */
export function destinationOf(flags: Flags): Destination {
  const destination = {
    format: flags['format'] as ListFormat,
    file: String(flags['out']),
    language: flags['language'] as Language,
  };
  if (destination.format === 'xlsx' && destination.file === '-' && process.stdout.isTTY) {
    throw new FlaplineError('USAGE', '--format xlsx: name a file by --out, or send it to a pipe');
  }
  return destination;
}

/** Writes a list. Throws FILE_UNWRITABLE. */
export async function writeList(to: Destination, answer: ListAnswer): Promise<void> {
  if (to.format === 'xlsx') return writeWorkbook(to, answer);
  if (to.format === 'table') return writeAll(to.file, [await tableOf(answer)]);
  return writeAll(to.file, to.format === 'csv' ? csvOf(answer) : jsonOf(answer));
}

/** Writes pieces to a file or to standard output. Throws FILE_UNWRITABLE. */
export async function writeAll(
  file: string,
  pieces: AsyncIterable<string | Uint8Array> | Iterable<string>,
): Promise<void> {
  const sink = openSink(file);
  try {
    for await (const piece of pieces) await sink.write(piece);
  } finally {
    sink.close();
  }
}

/** A workbook ends with its directory: on its way to a pipe it stands in a temporary file. */
async function writeWorkbook({ file, language }: Destination, answer: ListAnswer): Promise<void> {
  // Loaded when it is needed: it takes a third of a second.
  const { writeXlsx } = await import('../lists/xlsx.js');
  if (file !== '-') {
    try {
      return await writeXlsx(file, answer, language);
    } catch (error) {
      if (error instanceof FlaplineError || !(error as { syscall?: string }).syscall) throw error;
      const text = `${file}: cannot be written (${messageOf(error)})`;
      throw new FlaplineError('FILE_UNWRITABLE', text, { cause: error });
    }
  }
  const folder = await mkdtemp(join(tmpdir(), 'flapline-list-'));
  try {
    const made = join(folder, 'list.xlsx');
    await writeXlsx(made, answer, language);
    await writeAll('-', createReadStream(made));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
