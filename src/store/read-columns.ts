// Results as columns of numbers, for sums over many rows: no JavaScript value is made for a cell.

import { type SqlParameters, type SqlRunner, readBytes } from './sql.js';

const wordsOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Int32Array =>
  new Int32Array(buffer, byteOffset, byteLength / 4);
const doublesOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Float64Array =>
  new Float64Array(buffer, byteOffset, byteLength / 8);

/** Columns of one chunk: first those of integers, then those of doubles. */
type Take = (count: number, words: readonly Int32Array[], doubles: readonly Float64Array[]) => void;

/** Reads rows of `words` integers, then `doubles` doubles, none of them null. */
export function readColumns(
  connection: SqlRunner,
  text: string,
  { words, doubles = 0 }: { words: number; doubles?: number },
  take: Take,
  parameters: SqlParameters = {},
): Promise<void> {
  const widths = Array.from({ length: words + doubles }, (_, i) => (i < words ? 4 : 8));
  return readBytes(connection, text, parameters, widths, (count, columns) =>
    take(count, columns.slice(0, words).map(wordsOf), columns.slice(words).map(doublesOf)),
  );
}
