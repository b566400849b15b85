// Tables out and CSV in: widths of East Asian text, and records read in pieces of any size with bad rows
// told by their lines.

import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { displayWidth, textTable } from '../../src/cli/table.js';
import { printable } from '../../src/cli/output.js';
import { csvRows, textOf } from '../../src/records/csv.js';
import { aliasPairs, readRecordFile } from '../../src/records/read.js';
import { scratch } from './command.js';

const file = scratch();
const ZONE = { timeZone: 'Asia/Shanghai' };

describe('a table', () => {
  it.each([
    ['abc', 3],
    ['广州', 4],
    ['ＡＢ', 4],
    ['é', 1],
    ['한국', 4],
    ['→─×', 3],
    ['', 0],
  ])('knows that %s is %i wide', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('lines up', () => {
    const columns = [{ title: '分公司' }, { title: 'n', isNumber: true }];
    expect(
      textTable(columns, [
        ['广州', '5'],
        ['x', '1,000'],
      ]),
    ).toBe('分公司      n\n──────  ─────\n广州        5\nx       1,000\n');
  });

  it('shows no control characters', () => {
    expect(printable('a\u001b[31m\nb\u202ec')).toBe('a\ufffd[31m\ufffdb\ufffdc');
  });
});

function read(text: string): { rows: unknown[]; bad: string[] } {
  const bad: string[] = [];
  const rows: unknown[] = [];
  for (const { row, cells, problem } of csvRows('in.csv', textOf(Buffer.from(text)), ['line'])) {
    if (problem === null) rows.push({ row, cells });
    else bad.push(`${row}: ${problem}`);
  }
  return { rows, bad };
}

describe('records', () => {
  it('are read with quotes, line breaks in them, a BOM and CRLF', () => {
    const text = '\uFEFFLine, Branch\r\na,"x, ""y"""\r\n"b\nc",\r\n\r\nd,e';
    expect(read(text)).toEqual({
      rows: [
        { row: 2, cells: { line: 'a', branch: 'x, "y"' } },
        { row: 3, cells: { line: 'b\nc', branch: '' } },
        { row: 6, cells: { line: 'd', branch: 'e' } },
      ],
      bad: [],
    });
  });

  it('that are bad are told by the line they begin on', () => {
    const { rows, bad } = read('line,x\na\nb,c,d\ne"f,g\n"h"i,j\nk,l\n"m,n\no,p\n');
    expect(rows).toEqual([
      { row: 6, cells: { line: 'k', x: 'l' } },
      { row: 8, cells: { line: 'o', x: 'p' } },
    ]);
    expect(bad).toEqual([
      '2: 1 cells where the header has 2',
      '3: 3 cells where the header has 2',
      '4: a quote in a cell that does not begin with one',
      '5: text behind a closing quote',
      '7: a quote is not closed',
    ]);
  });

  it('need their columns', async () => {
    expect(() => read('')).toThrow(/its header lacks line; found none/);
    expect(() => read('a,b\n')).toThrow(/its header lacks line; found a, b/);
    await expect(readRecordFile('aliases', file('nosuch.csv'), ZONE)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
    });
  });

  it('that are large are read whole', async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => `key ${i},"line, ${i}, 线路"`);
    writeFileSync(file('aliases.csv'), `key,line\n${rows.join('\n')}\n`);
    const records = await readRecordFile('aliases', file('aliases.csv'), ZONE);
    expect(records.bad).toEqual([]);
    const aliases = aliasPairs([records]);
    expect(aliases.length).toBe(50_000);
    expect(aliases.at(-1)).toEqual(['key 49999', 'line, 49999, 线路']);
  });
});
