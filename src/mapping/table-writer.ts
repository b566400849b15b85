// The bytes of a mapping's table: rooms reserved one after the other, 4-byte aligned, and texts
// that are kept once each.

import { MAPPING_BYTES_MAX } from '../../assembly/mapping-layout.js';

const ALIGNMENT = 4;

/** Bytes that grow; every offset is from their start. */
export class TableWriter {
  private readonly view = new DataView(new ArrayBuffer(MAPPING_BYTES_MAX));
  private readonly texts = new Map<string, number>();
  private used = 0;

  /** Whether everything so far found room. */
  get fits(): boolean {
    return this.used <= MAPPING_BYTES_MAX;
  }

  /** Offset of `bytes` zero bytes. Beyond the limit nothing is written any more. */
  reserve(bytes: number): number {
    const at = this.used;
    this.used = Math.ceil((at + bytes) / ALIGNMENT) * ALIGNMENT;
    return at;
  }

  /** Writes a u32. */
  put(at: number, value: number): void {
    if (at + 4 <= MAPPING_BYTES_MAX) this.view.setUint32(at, value, true);
  }

  /** Writes bytes of a text at a place. */
  putText(at: number, text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    if (at + bytes.length > MAPPING_BYTES_MAX) return;
    new Uint8Array(this.view.buffer).set(bytes, at);
  }

  /** Writes {offset, length} of a text that is kept in the table. */
  putRef(at: number, text: string): void {
    const length = Buffer.byteLength(text);
    let offset = this.texts.get(text);
    if (offset === undefined) {
      offset = this.reserve(length);
      this.putText(offset, text);
      this.texts.set(text, offset);
    }
    this.put(at, offset);
    this.put(at + 4, length);
  }

  /** A table of rows that `write` fills; its offset. */
  rows<Row>(rows: readonly Row[], size: number, write: (row: Row, at: number) => void): number {
    const start = this.reserve(rows.length * size);
    rows.forEach((row, i) => write(row, start + i * size));
    return start;
  }

  /** The bytes written. */
  bytes(): Uint8Array {
    return new Uint8Array(this.view.buffer).slice(0, this.used);
  }
}
