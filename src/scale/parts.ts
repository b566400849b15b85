// A text of bytes as records of a bounded size, and back: part i of n, in the order of one partition.
// Each begins with its index and the number of parts, 4 bytes each, little-endian.

/** Bytes of a part behind its head: below what brokers take of a record by default (1 MiB). */
export const PART_BYTES = 900_000;
const HEAD_BYTES = 8;

/** The parts of a text, at least one. */
export function partsOf(text: Buffer): Buffer[] {
  const count = Math.max(1, Math.ceil(text.length / PART_BYTES));
  return Array.from({ length: count }, (_, i) => {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32LE(i, 0);
    head.writeUInt32LE(count, 4);
    return Buffer.concat([head, text.subarray(i * PART_BYTES, (i + 1) * PART_BYTES)]);
  });
}

/** Puts the parts of one partition together. */
export class Assembly {
  private parts: Buffer[] = [];

  /** Bytes that wait for the rest. */
  get bytes(): number {
    return this.parts.reduce((sum, { length }) => sum + length, 0);
  }

  /** The whole text once the last part is there. Throws RangeError for one that does not fit here. */
  add(part: Buffer): Buffer | null {
    if (part.length < HEAD_BYTES) throw new RangeError(`a part of ${part.length} bytes is none`);
    const [index, count] = [part.readUInt32LE(0), part.readUInt32LE(4)];
    if (index !== this.parts.length || index >= count) {
      throw new RangeError(`part ${index + 1} of ${count} came as part ${this.parts.length + 1}`);
    }
    this.parts.push(part.subarray(HEAD_BYTES));
    if (index + 1 < count) return null;
    const text = Buffer.concat(this.parts);
    this.parts = [];
    return text;
  }
}
