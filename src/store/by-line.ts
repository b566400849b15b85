// Rows put in the order of their lines by counting: where each line's begin, and which they are.

/** The rows of a line are order[begins[line]] to before order[begins[line + 1]], as they came. */
export interface ByLine {
  readonly begins: Int32Array;
  readonly order: Int32Array;
}

/** Orders rows by their lines' ids, all below `size`; row i stands in the order as i times `stride`. */
export function byLine(lines: Int32Array, size: number, stride = 1): ByLine {
  const begins = new Int32Array(size + 1);
  for (let i = 0; i < lines.length; i++) begins[lines[i]! + 1]!++;
  for (let line = 0; line < size; line++) begins[line + 1]! += begins[line]!;
  const order = new Int32Array(lines.length);
  const next = begins.slice();
  for (let i = 0; i < lines.length; i++) order[next[lines[i]!]!++] = i * stride;
  return { begins, order };
}
