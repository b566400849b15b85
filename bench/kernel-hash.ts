// A hash over 32-bit words, the same as bench/native/hash.h: equal hashes mean equal columns, so a
// faster side did not skip work. Two lanes of 32 bits, printed as 16 hexadecimal digits.

/** Takes words in order. */
export class WordHash {
  private a = 0x811c9dc5 | 0;
  private b = 0x01000193;

  /** One word. */
  word(w: number): void {
    let a = Math.imul(this.a ^ w, 0x9e3779b1);
    a ^= a >>> 15;
    let b = Math.imul((this.b + w) | 0, 0x85ebca6b);
    b ^= b >>> 13;
    this.a = a;
    this.b = b;
  }

  /** The words of an array from index `from` on. */
  words(array: Uint32Array, from: number, count: number): void {
    let { a, b } = this;
    for (let i = from; i < from + count; i++) {
      const w = array[i];
      a = Math.imul(a ^ w, 0x9e3779b1);
      a ^= a >>> 15;
      b = Math.imul((b + w) | 0, 0x85ebca6b);
      b ^= b >>> 13;
    }
    this.a = a;
    this.b = b;
  }

  /** 16 hexadecimal digits. */
  text(): string {
    return [this.a, this.b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
