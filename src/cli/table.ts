// Tables for people. Columns line up by the width that a terminal gives each character.

import { printable } from './output.js';

/** A column: its title, and whether it holds numbers (then it is aligned to the right). */
export interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
}

/** First and last code points that fill two cells of a terminal (Unicode, East Asian Width W, F). */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

/** Cells of a terminal that a text fills. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) continue;
    width += point >= 0x1100 && WIDE.some(([from, to]) => point >= from && point <= to) ? 2 : 1;
  }
  return width;
}

/** An aligned table with a line under its titles. */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) => row.map(printable));
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => displayWidth(row[i]!))));
  const lineOf = (row: readonly string[]): string =>
    row
      .map((cell, i) => {
        const space = ' '.repeat(widths[i]! - displayWidth(cell));
        return columns[i]!.isNumber ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd();
  const [titles, ...body] = cells.map(lineOf);
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [titles, rule, ...body, ''].join('\n');
}
