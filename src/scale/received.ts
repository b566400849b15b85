// A batch as it comes from the findings topic, its ids those of this process: what the store's writer
// takes, and what live views and causes need of it. Bytes are read where they lie.

import { FlaplineError } from '../config/errors.js';
import { WINDOW_DETECTOR } from '../config/rules.js';
import type { StartColumns } from '../pipeline/live.js';
import type { ColumnSource, RowSink } from '../store/chunks.js';
import type { BatchTable, Collected } from '../store/collector.js';
import type { Directory } from '../store/directory.js';
import { ID_COLUMNS, type IdKind } from '../store/id-columns.js';
import { OPEN_COLUMN_NAMES } from '../store/open-tables.js';
import type { LogState } from '../store/progress.js';
import type { AddedRule, RuleBook } from '../store/rule-book.js';
import type { StoreChange } from '../store/store-change.js';
import { BlockReader } from './blocks.js';
import { HEADER_AT, NAMED, WIRE_VERSION, type WireHeader, bodyStart } from './wire.js';

/** A time of flapping of each of these lines. Times in epoch ms. */
export interface FlappingColumns {
  readonly lineIds: Int32Array;
  readonly atMs: BigInt64Array;
  readonly untilMs: BigInt64Array;
}

/** A batch with the ids of this process. */
export interface Received {
  readonly collected: Collected;
  readonly log: LogState;
  /** Where the one before it in this log ended. */
  readonly from: number;
  readonly readTo: number;
  readonly effectiveMs: number | null;
  readonly starts: readonly StartColumns[];
  /** Episodes of the primary detector, ended or open. */
  readonly flapping: readonly FlappingColumns[];
}

/** Who gives ids. */
export interface Receiver {
  readonly directory: Directory;
  readonly book: RuleBook;
  /** Of the partition that the batch is of. */
  readonly partitionId: number;
}

interface Table {
  readonly table: BatchTable;
  readonly rows: number;
  readonly columns: readonly (Uint8Array<ArrayBuffer> | readonly Uint8Array[] | null)[];
}

/** Reads what a batch says of itself. Throws BAD_DATA for one of another version. */
export function headerOf(text: Buffer): WireHeader {
  const bytes = text.readUInt32LE(0);
  const header = JSON.parse(text.toString('utf8', HEADER_AT, HEADER_AT + bytes)) as WireHeader;
  if (header.version === WIRE_VERSION) return header;
  throw new FlaplineError(
    'BAD_DATA',
    `a batch of findings has version ${header.version}, this program reads ${WIRE_VERSION}: give serve ` +
      'and detect the same release, serve first',
  );
}

/** Reads a batch. */
export function receive(text: Buffer, header: WireHeader, receiver: Receiver): Received {
  const { partitionId, book } = receiver;
  const memory = ownMemory(text);
  const blocks = new BlockReader(memory, bodyStart(text.readUInt32LE(0)));
  const tables = header.tables.map(({ table, rows, columns }): Table => ({
    table,
    rows,
    columns: columns.map((column) =>
      column === 0 ? null : column === 'texts' ? blocks.texts(rows) : blocks.bytes(column),
    ),
  }));
  const startBlocks = header.startRows.map((rows) => ({
    lineIds: blocks.bytes(4 * rows),
    times: blocks.bytes(8 * rows),
  }));
  const { ids, added } = idsOf(header, blocks, receiver);
  for (const { table, columns } of tables) {
    ID_COLUMNS[table].forEach((kind, i) => {
      const column = columns[i];
      if (kind === null || !(column instanceof Uint8Array)) return;
      if (kind === 'partition') words(column).fill(partitionId);
      else replace(words(column), ids.get(kind)!);
    });
  }
  const log = { ...header.log, partitionId };
  const changes = header.changes.map((change) => ownChange(change, partitionId, book));
  return {
    log,
    from: header.from,
    readTo: header.readTo,
    effectiveMs: header.counters[1] ?? null,
    starts: startBlocks.map(({ lineIds, times }) => {
      replace(words(lineIds), ids.get('line')!);
      return { lineIds: words(lineIds), times: wide(times) };
    }),
    flapping: tables.flatMap((table) => flappingOf(table, book)),
    collected: {
      pieces: { passOn: (sink) => passOn(sink, tables, memory) },
      // Rules may be shadow by a change: they come first.
      statements: [{ kind: 'new-rules', partitionId, added }, ...changes],
      rejects: header.rejects.map((reject) => ({ ...reject, partitionId, logNumber: log.log })),
      progress: [{ log, counters: header.counters.map((n) => (n === null ? null : BigInt(n))) }],
      hasOpen: header.hasOpen,
      starts: header.starts,
      hasChatter: header.hasChatter,
    },
  };
}

/** Behind its head a text of one part lies anywhere: columns are read at multiples of 8. */
function ownMemory(text: Buffer): ArrayBuffer {
  return Uint8Array.prototype.slice.call(text).buffer as ArrayBuffer;
}

/** Place in the batch's lists -> id here, by kind; and the rules that are new here. */
function idsOf(header: WireHeader, blocks: BlockReader, { directory, book }: Receiver) {
  const ids = new Map<IdKind, Int32Array>();
  NAMED.forEach(([kind, dictionary], i) => {
    const names = blocks.texts(header.names[i]!);
    const own = new Int32Array(names.length + 1);
    names.forEach((name, place) => (own[place + 1] = directory.idOf(dictionary, name)));
    ids.set(kind, own);
  });
  const added: AddedRule[] = [];
  const rules = header.rules.map((rule) => {
    const { id, isNew } = book.idOf(rule);
    if (isNew) added.push({ id, ...rule });
    return id;
  });
  ids.set('rule', Int32Array.from([0, ...rules]));
  return { ids, added };
}

/** A change with the ids of this process. */
function ownChange(change: StoreChange, partitionId: number, book: RuleBook): StoreChange {
  if (change.kind !== 'rules') return { ...change, partitionId };
  return { ...change, partitionId, added: book.idsOf(change.rules).added };
}

function passOn(sink: RowSink<BatchTable>, tables: readonly Table[], memory: ArrayBuffer): void {
  for (const { table, rows, columns } of tables) {
    const sources = columns.map((column): ColumnSource => {
      if (column === null) return { nothing: true };
      if (!(column instanceof Uint8Array)) return { texts: (row) => column[row]! };
      return { at: column.byteOffset, memory };
    });
    sink.append(table, memory, rows, sources);
  }
}

const EPISODE = { rule: 2, at: 3, until: 5 } as const;
const openColumn = (name: string): number => 2 + OPEN_COLUMN_NAMES.indexOf(name);
const OPEN = {
  flapping: openColumn('flapping'),
  at: openColumn('episode_at_ms'),
  until: openColumn('episode_ends_ms'),
} as const;

/** Times of flapping by the primary detector among the rows of a table. */
function flappingOf({ table, rows, columns }: Table, book: RuleBook): FlappingColumns[] {
  const column = (i: number): Uint8Array<ArrayBuffer> => columns[i] as Uint8Array<ArrayBuffer>;
  const isWanted = ((): ((row: number) => boolean) | null => {
    if (table === 'episode_row') {
      const rules = words(column(EPISODE.rule));
      return (row) => book.ruleOf(rules[row]!).detector === WINDOW_DETECTOR;
    }
    return table === 'open_stage' ? (row) => column(OPEN.flapping)[row] !== 0 : null;
  })();
  if (!isWanted) return [];
  const picked = Array.from({ length: rows }, (_, row) => row).filter(isWanted);
  if (picked.length === 0) return [];
  const { at, until } = table === 'episode_row' ? EPISODE : OPEN;
  const [lines, begins, ends] = [words(column(0)), wide(column(at)), wide(column(until))];
  return [
    {
      lineIds: Int32Array.from(picked, (row) => lines[row]!),
      atMs: BigInt64Array.from(picked, (row) => begins[row]!),
      untilMs: BigInt64Array.from(picked, (row) => ends[row]!),
    },
  ];
}

/** Puts ids where places stand. */
function replace(column: Int32Array, ids: Int32Array): void {
  for (let row = 0; row < column.length; row++) column[row] = ids[column[row]!]!;
}

function words(bytes: Uint8Array<ArrayBuffer>): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

function wide(bytes: Uint8Array<ArrayBuffer>): BigInt64Array {
  return new BigInt64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
}
