// Rows of tables copied out of the kernels' memory until their transaction: the kernels go on while it
// is written, and it can be written again when it failed. One copy of a column's bytes, no JavaScript
// value a row; rows of a table that come one after another make one piece.

import { COLUMN, type ColumnKind, type ColumnSource, type RowSink } from './chunks.js';

const ROWS_FIRST = 64;

/** One column of a piece: nothing, texts, or values of a fixed width. */
type Column =
  | { readonly form: 'nothing' }
  | { readonly form: 'texts'; readonly texts: Uint8Array[] }
  | { readonly form: 'values'; readonly width: number; bytes: Uint8Array<ArrayBuffer> };

/** A column as it is held: bytes of values, a text a row, or null = it is empty. */
export type HeldColumn = Uint8Array<ArrayBuffer> | readonly Uint8Array[] | null;

/** Rows of one table as they are held. */
export interface HeldRows<Table> {
  readonly table: Table;
  readonly rows: number;
  readonly columns: readonly HeldColumn[];
}

/** Rows of tables that can be appended to others. */
export interface RowSource<Table extends string> {
  /** Appends all rows; may be called again. */
  passOn(sink: RowSink<Table>): void;
}

/** Copied rows of one table, all with the same columns empty. */
class Piece {
  rows = 0;
  private readonly columns: readonly Column[];

  constructor(kinds: readonly ColumnKind[], sources: readonly ColumnSource[]) {
    this.columns = sources.map((source, i): Column => {
      if ('nothing' in source) return { form: 'nothing' };
      if ('texts' in source) return { form: 'texts', texts: [] };
      const width = COLUMN[kinds[i]!].bytes;
      return { form: 'values', width, bytes: new Uint8Array(ROWS_FIRST * width) };
    });
  }

  /** True when rows with these sources have the same columns empty. */
  takes(sources: readonly ColumnSource[]): boolean {
    return sources.every((source, i) => {
      return 'nothing' in source === (this.columns[i]!.form === 'nothing');
    });
  }

  /** Copies rows; returns how many bytes. */
  add(memory: ArrayBuffer, rows: number, sources: readonly ColumnSource[]): number {
    const copied = this.columns.map((column, i) => this.addTo(column, memory, rows, sources[i]!));
    this.rows += rows;
    return copied.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** The copied columns themselves: values, texts, or null where a column is empty. */
  held(): HeldColumn[] {
    return this.columns.map((column) => {
      if (column.form === 'nothing') return null;
      if (column.form === 'texts') return column.texts;
      return column.bytes.subarray(0, this.rows * column.width);
    });
  }

  /** Where the copied columns are. */
  sources(): ColumnSource[] {
    return this.columns.map((column): ColumnSource => {
      if (column.form === 'nothing') return { nothing: true };
      if (column.form === 'texts') return { texts: (row) => column.texts[row]! };
      return { at: 0, memory: column.bytes.buffer };
    });
  }

  private addTo(column: Column, memory: ArrayBuffer, rows: number, source: ColumnSource): number {
    if (column.form === 'texts' && 'texts' in source) {
      const texts = Array.from({ length: rows }, (_, row) => source.texts(row));
      for (const text of texts) column.texts.push(text);
      return texts.reduce((sum, text) => sum + text.length, 0);
    }
    if (column.form !== 'values') return 0;
    const from = this.rows * column.width;
    const bytes = rows * column.width;
    column.bytes = withRoom(column.bytes, from, from + bytes);
    if ('at' in source) {
      column.bytes.set(new Uint8Array(source.memory ?? memory, source.at, bytes), from);
    } else if ('constant' in source) {
      new Int32Array(column.bytes.buffer, from, rows).fill(source.constant);
    }
    return bytes;
  }
}

/** The same bytes, the first `used` of them kept, with room for `wanted`. */
function withRoom(
  bytes: Uint8Array<ArrayBuffer>,
  used: number,
  wanted: number,
): Uint8Array<ArrayBuffer> {
  if (wanted <= bytes.length) return bytes;
  const larger = new Uint8Array(Math.max(wanted, bytes.length * 2));
  larger.set(bytes.subarray(0, used));
  return larger;
}

/** Rows of several tables. */
export class Pieces<Table extends string> implements RowSink<Table>, RowSource<Table> {
  private readonly kinds: Readonly<Record<Table, readonly ColumnKind[]>>;
  private readonly pieces = new Map<Table, Piece[]>();
  /** Bytes held. */
  bytes = 0;

  constructor(kinds: Readonly<Record<Table, readonly ColumnKind[]>>) {
    this.kinds = kinds;
  }

  append(table: Table, memory: ArrayBuffer, rows: number, sources: readonly ColumnSource[]): void {
    const of = this.pieces.get(table) ?? [];
    this.pieces.set(table, of);
    let piece = of.at(-1);
    if (!piece?.takes(sources)) {
      piece = new Piece(this.kinds[table], sources);
      of.push(piece);
    }
    this.bytes += piece.add(memory, rows, sources);
  }

  /** Rows held of a table. */
  rowsOf(table: Table): number {
    return (this.pieces.get(table) ?? []).reduce((sum, { rows }) => sum + rows, 0);
  }

  /** All rows as they are held. */
  held(): HeldRows<Table>[] {
    return [...this.pieces].flatMap(([table, of]) =>
      of.map((piece) => ({ table, rows: piece.rows, columns: piece.held() })),
    );
  }

  passOn(sink: RowSink<Table>): void {
    const none = new ArrayBuffer(0);
    for (const [table, of] of this.pieces) {
      for (const piece of of) sink.append(table, none, piece.rows, piece.sources());
    }
  }
}
