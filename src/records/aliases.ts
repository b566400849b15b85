// aliases.csv = key, line: which lines an alarmed object carries, in the file's order.

import { type BadRow, readCsv } from './csv.js';
import { nameProblem } from './names.js';

/** An alias: an alarmed key, and a line that it carries. */
export type Alias = readonly [key: string, line: string];

/** Reads the aliases of a file. Throws FILE_UNREADABLE, BAD_DATA for a header without the columns. */
export async function readAliases(file: string, onBad: (bad: BadRow) => void): Promise<Alias[]> {
  const aliases: Alias[] = [];
  for await (const { row, cells } of readCsv(file, ['key', 'line'], onBad)) {
    const { key, line } = cells as { key: string; line: string };
    const reason = nameProblem('key', key) ?? nameProblem('line', line);
    if (reason === null) aliases.push([key, line]);
    else onBad({ file, row, reason });
  }
  return aliases;
}
