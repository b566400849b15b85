// CSV as RFC 4180 has it: comma, CRLF-free fields or quoted ones, a header. Invariant: a field
// reads back as the text it was; null is the empty field, times are RFC 3339 with the local
// offset.

import { FileSink } from './sink.js';

export type Cell = string | number | boolean | null;

/** One row with its newline. */
export function csvRow(cells: readonly Cell[]): string {
  return `${cells.map(csvField).join(',')}\n`;
}

function csvField(cell: Cell): string {
  const text = cell === null ? '' : String(cell);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Writes a header and rows, a piece at a time. */
export async function writeCsv(
  path: string,
  header: readonly string[],
  rows: Iterable<readonly Cell[]>,
): Promise<void> {
  const sink = await FileSink.create(path);
  try {
    sink.append(csvRow(header));
    for (const row of rows) {
      sink.append(csvRow(row));
      if (sink.full) await sink.drain();
    }
    await sink.flush();
  } finally {
    await sink.close();
  }
}
