// Blocks of bytes one after another, each at a multiple of 8 so that columns can be read where they lie.
// Texts are two blocks: their ends, then their bytes.

const ALIGNMENT = 8;

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Collects blocks. */
export class BlockWriter {
  private readonly blocks: Uint8Array[] = [];

  bytes(block: Uint8Array): void {
    this.blocks.push(block);
  }

  texts(texts: readonly Uint8Array[]): void {
    let end = 0;
    const ends = Uint32Array.from(texts, (text) => (end += text.length));
    const joined = Buffer.concat(texts, end);
    this.bytes(new Uint8Array(ends.buffer));
    this.bytes(joined);
  }

  /** All blocks, the first at a multiple of 8. */
  joined(): Buffer {
    const size = this.blocks.reduce((sum, { length }) => sum + aligned(length), 0);
    const all = Buffer.alloc(size);
    let at = 0;
    for (const block of this.blocks) {
      all.set(block, at);
      at += aligned(block.length);
    }
    return all;
  }
}

/** Reads blocks in the order in which they were written. Throws RangeError where they end too soon. */
export class BlockReader {
  private readonly memory: ArrayBuffer;
  private at: number;

  /** `from` is a multiple of 8. */
  constructor(memory: ArrayBuffer, from: number) {
    this.memory = memory;
    this.at = from;
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    const block = new Uint8Array(this.memory, this.at, length);
    this.at += aligned(length);
    return block;
  }

  texts(count: number): Uint8Array[] {
    const ends = new Uint32Array(this.memory, this.at, count);
    this.bytes(4 * count);
    const bytes = this.bytes(count === 0 ? 0 : ends[count - 1]!);
    return Array.from(ends, (end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1]!, end));
  }
}
