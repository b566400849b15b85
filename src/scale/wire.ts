// A batch of one partition as bytes, for the findings topic. Ids in its columns are places in lists of
// names that it carries itself, from 1 on: whoever reads it gives them ids of his own, so there is no
// mapping to be kept and nothing that could get out of step.
//
//   u32 bytes of the header | header (JSON) | columns, names, starts: blocks (blocks.ts)

import * as L from '../../assembly/layout.js';
import type { Kernel } from '../kernel/kernel.js';
import type { Reject } from '../kernel/rejects.js';
import type { StartColumns } from '../pipeline/live.js';
import type { Batch, BatchTable } from '../store/collector.js';
import { ID_COLUMNS, type IdKind } from '../store/id-columns.js';
import type { Starts } from '../store/planned-marks.js';
import type { LogState } from '../store/progress.js';
import type { BookedRule, RuleBook } from '../store/rule-book.js';
import type { StoreChange } from '../store/store-change.js';
import { BlockWriter } from './blocks.js';

export const WIRE_VERSION = 1;
export const HEADER_AT = 8;

/** Dictionaries whose names a batch carries, in this order. */
export const NAMED: readonly (readonly [IdKind, number])[] = [
  ['line', L.DICTIONARY_KEYS],
  ['alarm', L.DICTIONARY_ALARMS],
  ['cause', L.DICTIONARY_CAUSES],
];

/** A column behind the header: bytes of values, texts, or 0 = it is empty. */
export type WireColumn = number | 'texts';

/** What a batch says of itself. */
export interface WireHeader {
  readonly version: number;
  /** Of the log that was read, and up to where; `partitionId` means nothing. */
  readonly log: LogState;
  /** Where the batch before it in this log ended. */
  readonly from: number;
  /** `log.position`, or behind it where what follows there is no record (marks of transactions). */
  readonly readTo: number;
  readonly counters: readonly (number | null)[];
  readonly changes: readonly StoreChange[];
  readonly rejects: readonly { readonly ordinal: number; readonly reject: Reject }[];
  readonly starts: Starts;
  readonly hasOpen: boolean;
  readonly hasChatter: boolean;
  readonly tables: readonly {
    readonly table: BatchTable;
    readonly rows: number;
    readonly columns: readonly WireColumn[];
  }[];
  /** How many names there are of each kind of NAMED. */
  readonly names: readonly number[];
  readonly rules: readonly BookedRule[];
  /** Interruption starts: live views and causes need them; they are stored when they have ended. */
  readonly startRows: readonly number[];
}

/** A batch beside what it needs of its partition. */
export interface WireParts {
  readonly batch: Batch;
  readonly kernel: Kernel;
  readonly book: RuleBook;
  readonly starts: readonly StartColumns[];
  readonly from: number;
  readonly readTo: number;
}

/** The bytes of a batch of one partition. Its columns are changed: it is not to be used any more. */
export function encodeBatch(parts: WireParts): Buffer {
  const { batch, kernel, book } = parts;
  const [{ log, counters }] = batch.progress;
  const places = new Map<IdKind, Places>([
    ...NAMED.map(([kind, dictionary]): [IdKind, Places] => [
      kind,
      new Places(kernel.nameCount(dictionary)),
    ]),
    ['rule', new Places(book.size)],
  ]);
  const blocks = new BlockWriter();
  const tables = batch.pieces.held().map(({ table, rows, columns }) => ({
    table,
    rows,
    columns: columns.map((column, i): WireColumn => {
      if (column === null) return 0;
      if (!(column instanceof Uint8Array)) {
        blocks.texts(column);
        return 'texts';
      }
      const kind = ID_COLUMNS[table][i];
      if (kind) places.get(kind)?.replace(wordsOf(column));
      blocks.bytes(column);
      return column.length;
    }),
  }));
  const lines = places.get('line')!;
  for (const { lineIds, times } of parts.starts) {
    lines.replace(new Uint32Array(lineIds.buffer, lineIds.byteOffset, lineIds.length));
    blocks.bytes(new Uint8Array(lineIds.buffer, lineIds.byteOffset, lineIds.byteLength));
    blocks.bytes(new Uint8Array(times.buffer, times.byteOffset, times.byteLength));
  }
  for (const [kind, dictionary] of NAMED) {
    // Copies: a view is of the kernel's memory.
    blocks.texts(places.get(kind)!.ids.map((id) => kernel.nameBytes(dictionary, id).slice()));
  }
  const header: WireHeader = {
    version: WIRE_VERSION,
    log,
    from: parts.from,
    readTo: parts.readTo,
    counters: counters.map((counter) => (counter === null ? null : Number(counter))),
    changes: batch.statements.map((statement) => {
      if (typeof statement === 'function') throw new TypeError('a batch to be sent is data alone');
      return statement;
    }),
    rejects: batch.rejects.map(({ ordinal, reject }) => ({ ordinal, reject })),
    starts: batch.starts,
    hasOpen: batch.hasOpen,
    hasChatter: batch.hasChatter,
    tables,
    names: NAMED.map(([kind]) => places.get(kind)!.ids.length),
    rules: places.get('rule')!.ids.map((id) => book.ruleOf(id)),
    startRows: parts.starts.map(({ times }) => times.length),
  };
  return withHeader(header, blocks.joined());
}

function withHeader(header: WireHeader, body: Buffer): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const bodyAt = bodyStart(text.length);
  const all = Buffer.alloc(bodyAt + body.length);
  all.writeUInt32LE(text.length, 0);
  text.copy(all, HEADER_AT);
  body.copy(all, bodyAt);
  return all;
}

/** Where the blocks begin behind a header of so many bytes. */
export function bodyStart(headerBytes: number): number {
  return Math.ceil((HEADER_AT + headerBytes) / 8) * 8;
}

function wordsOf(bytes: Uint8Array<ArrayBuffer>): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** Ids that a batch uses, and their places in its list of names. */
class Places {
  readonly ids: number[] = [];
  private readonly placeOf: Uint32Array;

  constructor(idMax: number) {
    this.placeOf = new Uint32Array(idMax + 1);
  }

  /** Puts places where ids stand; 0 = none stays, and what is no id becomes it. */
  replace(column: Uint32Array): void {
    const { placeOf, ids } = this;
    for (let row = 0; row < column.length; row++) {
      const id = column[row]!;
      if (id === 0) continue;
      if (id >= placeOf.length) column[row] = 0;
      else column[row] = placeOf[id] ||= ids.push(id);
    }
  }
}
