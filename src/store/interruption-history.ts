// The interruptions that ended, held in memory for lists: as far back as one has asked, in blocks of time,
// at 12 bytes each. Rows are only ever added to their tables, so that what is held follows from how many
// rows of each are in it. A list adds up exactly the rows that its transaction sees: the newest ones are
// kept in their order behind the blocks, and a list that is older than the blocks gets nothing.

import { setImmediate } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { INTERRUPTION_TABLES, endedFacts } from './facts.js';
import {
  BLOCK_MS,
  InterruptionBlock,
  type InterruptionSums,
  PIECE_BYTES,
  addInterruption,
} from './interruption-block.js';
import { type Period, whole } from './period-parts.js';
import { readColumns } from './read-columns.js';
import { selectRows } from './sql.js';

/** Bounds of what is held. */
export interface HistoryLimits {
  readonly bytesMax: number;
  /** Of the newest rows so many at least are kept in their order, and three times as many at most. */
  readonly tailRows: number;
}

/** 20 million interruptions. */
export const HISTORY_LIMITS: HistoryLimits = { bytesMax: 256 * 2 ** 20, tailRows: 10_000 };

type Table = (typeof INTERRUPTION_TABLES)[number];

/** How many rows of each table a transaction sees. */
export type RowCounts = Readonly<Record<Table, number>>;

/** What is added up: all of a period, and the starts of the period before. */
export interface HistorySums {
  readonly period: Period;
  readonly sums: InterruptionSums;
  readonly earlier: Period | null;
  readonly before: Int32Array;
}

/** Rows of a table: the first `folded` stand in blocks, those behind them here, in their order. */
interface Tail {
  folded: number;
  readonly lines: number[];
  readonly outages: number[];
  readonly starts: number[];
  readonly untils: number[];
}

/** A list is tried again where others have moved on meanwhile. */
const TRIES_MAX = 3;
const EVER = Number.MAX_SAFE_INTEGER;

/** One for all lists of an open database. */
export class InterruptionHistory {
  private readonly limits: HistoryLimits;
  private readonly tails = new Map<Table, Tail>();
  private readonly blocks = new Map<number, InterruptionBlock>();
  /** What touches the time from here on is held; a block's begin. */
  private fromMs = EVER;
  private growing: Promise<unknown> = Promise.resolve();

  constructor(limits: HistoryLimits = HISTORY_LIMITS) {
    this.limits = limits;
  }

  /** Bytes held. */
  get bytes(): number {
    let sum = 0;
    for (const block of this.blocks.values()) sum += block.bytes;
    return sum;
  }

  /** Forgets all: the database is another one. */
  clear(): void {
    this.tails.clear();
    this.blocks.clear();
    this.fromMs = EVER;
  }

  /**
   * Adds up the ended interruptions that a transaction on this connection sees, reading what is not held
   * yet; false, and nothing is added, where they do not fit or are fewer than those held.
   */
  async addTo(connection: DuckDBConnection, rows: RowCounts, asked: HistorySums): Promise<boolean> {
    const { fromMs } = asked.earlier ?? asked.period;
    for (let i = 0; i < TRIES_MAX && !this.isPast(rows); i++) {
      if (this.holds(rows, fromMs)) {
        this.add(rows, asked);
        return true;
      }
      if (!(await this.grow(connection, rows, fromMs))) return false;
    }
    return false;
  }

  private isPast(rows: RowCounts): boolean {
    return [...this.tails].some(([table, { folded }]) => rows[table] < folded);
  }

  private holds(rows: RowCounts, fromMs: number): boolean {
    const hasAll = (table: Table): boolean => {
      const tail = this.tails.get(table);
      return tail !== undefined && rows[table] <= tail.folded + tail.lines.length;
    };
    return fromMs >= this.fromMs && INTERRUPTION_TABLES.every(hasAll);
  }

  private add(rows: RowCounts, { period, sums, earlier, before }: HistorySums): void {
    for (const block of this.blocks.values()) {
      block.addTo(sums, period);
      if (earlier) block.addStartsTo(before, earlier);
    }
    for (const [table, { folded, lines, outages, starts, untils }] of this.tails) {
      for (let i = 0; i < rows[table] - folded; i++) {
        const [line, startMs] = [lines[i]!, starts[i]!];
        addInterruption(sums, period, line, outages[i] !== 0, startMs, untils[i]!);
        if (earlier && startMs >= earlier.fromMs && startMs < earlier.toMs) before[line]!++;
      }
    }
  }

  /** One after the other; false = there is no room. */
  private grow(connection: DuckDBConnection, rows: RowCounts, fromMs: number): Promise<boolean> {
    const grown = this.growing
      .catch(() => undefined)
      .then(async () => {
        if (this.isPast(rows)) return false;
        await this.readTails(connection, rows);
        if (fromMs < this.fromMs && !(await this.reachBack(connection, fromMs))) return false;
        await this.foldTails();
        return true;
      });
    this.growing = grown;
    return grown;
  }

  private async readTails(connection: DuckDBConnection, rows: RowCounts): Promise<void> {
    for (const table of INTERRUPTION_TABLES) {
      const folded = Math.max(0, rows[table] - this.limits.tailRows);
      const tail = this.tails.get(table) ?? emptyTail(folded);
      this.tails.set(table, tail);
      const known = tail.folded + tail.lines.length;
      if (rows[table] <= known) continue;
      await readEnded(connection, table, `rowid >= ${known}`, (...row) => pushRow(tail, ...row));
    }
  }

  /** Reads what touches the time from a block's begin on up to where what is held begins. */
  private async reachBack(connection: DuckDBConnection, fromMs: number): Promise<boolean> {
    const period = { fromMs: Math.floor(fromMs / BLOCK_MS) * BLOCK_MS, toMs: this.fromMs };
    const found = [...this.tails].map(([table, { folded }]) => ({
      table,
      rows: `rowid < ${folded} and start_ms < ${whole(period.toMs)}`,
    }));
    const blocks = new Map<number, InterruptionBlock>();
    for (const { table, rows } of found) {
      const span = await spanOf(connection, table, rows, period);
      if (span === null) continue;
      if (this.bytes + bytesOf(blocks) + span.pieces * PIECE_BYTES > this.limits.bytesMax)
        return false;
      for (let atMs = span.fromMs; atMs <= span.toMs; atMs += BLOCK_MS) {
        const ended = `${rows} and end_ms >= ${atMs} and end_ms < ${atMs + BLOCK_MS}`;
        await readEnded(connection, table, ended, (...row) => fold(blocks, period, ...row));
      }
    }
    await settleAll(blocks);
    for (const [index, block] of blocks) this.blocks.set(index, block);
    this.fromMs = period.fromMs;
    return true;
  }

  /** Puts older rows of long tails into blocks; the oldest blocks go where there is no room. */
  private async foldTails(): Promise<void> {
    const { tailRows, bytesMax } = this.limits;
    for (const tail of this.tails.values()) {
      const count = tail.lines.length - tailRows;
      if (count <= 2 * tailRows) continue;
      const period = { fromMs: this.fromMs, toMs: EVER };
      for (let i = 0; i < count; i++) {
        const { lines, outages, starts, untils } = tail;
        fold(this.blocks, period, lines[i]!, outages[i]!, starts[i]!, untils[i]!);
      }
      for (const column of columnsOf(tail)) column.splice(0, count);
      tail.folded += count;
    }
    await settleAll(this.blocks);
    while (this.bytes > bytesMax) {
      const oldest = Math.min(...this.blocks.keys());
      this.blocks.delete(oldest);
      this.fromMs = (oldest + 1) * BLOCK_MS;
    }
  }
}

/** A block a turn of the thread. */
async function settleAll(blocks: ReadonlyMap<number, InterruptionBlock>): Promise<void> {
  for (const block of blocks.values()) {
    block.settle();
    await setImmediate();
  }
}

const emptyTail = (folded: number): Tail => ({
  folded,
  lines: [],
  outages: [],
  starts: [],
  untils: [],
});

const columnsOf = ({ lines, outages, starts, untils }: Tail): number[][] => [
  lines,
  outages,
  starts,
  untils,
];

function bytesOf(blocks: ReadonlyMap<number, InterruptionBlock>): number {
  return [...blocks.values()].reduce((sum, { bytes }) => sum + bytes, 0);
}

type TakeRow = (line: number, outage: number, startMs: number, untilMs: number) => void;

function pushRow(tail: Tail, line: number, outage: number, startMs: number, untilMs: number): void {
  tail.lines.push(line);
  tail.outages.push(outage);
  tail.starts.push(startMs);
  tail.untils.push(untilMs);
}

function readEnded(
  connection: DuckDBConnection,
  table: Table,
  rows: string,
  take: TakeRow,
): Promise<void> {
  const text = `select line_id, outage::integer, start_ms::double, until_ms::double
    from (${endedFacts({ tables: [table], rows: () => rows })})`;
  return readColumns(connection, text, { words: 2, doubles: 2 }, (count, words, times) => {
    const [lines, outages] = words;
    const [starts, untils] = times;
    for (let i = 0; i < count; i++) take(lines![i]!, outages![i]!, starts![i]!, untils![i]!);
  });
}

/** How many pieces rows make, and the blocks in which they end; null = there are none. */
async function spanOf(
  connection: DuckDBConnection,
  table: Table,
  rows: string,
  { fromMs, toMs }: Period,
): Promise<{ pieces: number; fromMs: number; toMs: number } | null> {
  const [span] = await selectRows<{ pieces: number; least: number | null; most: number | null }>(
    connection,
    `select sum(least(end_ms, ${whole(toMs)}) // ${BLOCK_MS}
         - greatest(start_ms, ${whole(fromMs)}) // ${BLOCK_MS} + 1)::double as pieces,
         min(end_ms) as least, max(end_ms) as most
       from ${table} where ${rows} and end_ms >= ${whole(fromMs)}`,
  );
  const { pieces, least, most } = span!;
  if (least === null || most === null) return null;
  return { pieces, fromMs: Math.floor(least / BLOCK_MS) * BLOCK_MS, toMs: most };
}

/** Cuts what of an interruption lies in a period at the edges of blocks. */
function fold(
  blocks: Map<number, InterruptionBlock>,
  { fromMs, toMs }: Period,
  line: number,
  outage: number,
  startMs: number,
  untilMs: number,
): void {
  if (startMs >= toMs || untilMs < fromMs) return;
  const endMs = Math.min(untilMs, toMs);
  for (let atMs = Math.max(startMs, fromMs); ;) {
    const index = Math.floor(atMs / BLOCK_MS);
    let block = blocks.get(index);
    if (!block) blocks.set(index, (block = new InterruptionBlock(index)));
    const cutMs = Math.min(endMs, block.fromMs + BLOCK_MS);
    block.push(line, atMs, cutMs, atMs === startMs, outage !== 0);
    if (cutMs === endMs) return;
    atMs = cutMs;
  }
}
