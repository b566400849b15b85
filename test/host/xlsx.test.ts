// Workbooks as exceljs reads them back: every cell of many rows, what XML cannot hold, a sheet that is
// written no faster than it is taken, a file that cannot be written.

import { PassThrough } from 'node:stream';
import { join } from 'node:path';
import ExcelJS from 'exceljs';
import { describe, expect, it } from 'vitest';
import type { ColumnKind, ListRow } from '../../src/lists/column.js';
import type { ListAnswer } from '../../src/lists/list.js';
import { RowWriter } from '../../src/lists/xlsx-rows.js';
import { writeXlsx } from '../../src/lists/xlsx.js';
import { temporaryFolder, usesServices } from './service-fixture.js';

usesServices();

const DAY = 86_400_000;
const KINDS: readonly ColumnKind[] = [
  ...['text', 'flag', 'count', 'number', 'percent', 'duration', 'time'].map(
    (kind) => kind as ColumnKind,
  ),
  ...Array.from({ length: 21 }, (): ColumnKind => 'value'),
];
/** exceljs reads an entity as if it stood there twice: no text here is one. */
const TEXTS = ['<a href="x"> & </a>', '广州 & 深圳', '=1+1', ' x ', 'a\nb', '', '😀', '_x0041_'];

/** A row of every kind of cell; later columns hold now a text, now a number, now nothing. */
function rowOf(i: number): ListRow {
  const cells = [
    TEXTS[i % TEXTS.length]!,
    i % 2 === 0,
    i,
    i / 7,
    -i * 1e-9,
    i * 1000,
    i % 5 === 0 ? null : i * DAY + 123_000,
  ];
  const others = Array.from({ length: 21 }, (_, k) => [`t${i}`, i * k, null][(i + k) % 3]!);
  return [...cells, ...others];
}

function answerOf(rows: number, chunkRows: number, onChunk: () => void = () => {}): ListAnswer {
  return {
    name: 'many',
    columns: KINDS.map((kind, i) => ({
      name: `c${i}`,
      kind,
      title: { en: `C${i}`, zh: `列${i}` },
      what: 'a column',
    })),
    about: { zone: 'Asia/Shanghai' },
    chunks: (async function* () {
      for (let from = 0; from < rows; from += chunkRows) {
        onChunk();
        const count = Math.min(chunkRows, rows - from);
        yield Array.from({ length: count }, (_, i) => rowOf(from + i));
      }
    })(),
  };
}

/** What a cell of a list is once Excel has read it. */
function read(value: ExcelJS.CellValue, kind: ColumnKind): unknown {
  if (!(value instanceof Date)) return value ?? null;
  return kind === 'time' ? value.getTime() - 8 * 3_600_000 : value.getTime() + 25_569 * DAY;
}

describe('a workbook', () => {
  it('holds every cell of rows that came in chunks', async () => {
    const file = join(temporaryFolder(), 'many.xlsx');
    await writeXlsx(file, answerOf(2_600, 1_100), 'zh');
    const book = new ExcelJS.Workbook();
    await book.xlsx.readFile(file);
    const sheet = book.worksheets[0]!;
    expect(sheet.rowCount).toBe(2_601);
    expect(sheet.autoFilter).toBe('A1:AB2601');
    expect(sheet.getRow(1).getCell(28).value).toBe('列27');
    for (let i = 0; i < 2_600; i++) {
      const row = sheet.getRow(i + 2);
      const told = KINDS.map((kind, k) => read(row.getCell(k + 1).value, kind));
      const wanted = rowOf(i).map((cell, k) => {
        // exceljs reads an empty text as nothing, and durations as dates.
        return cell === '' ? null : KINDS[k] === 'duration' ? Number(cell) : cell;
      });
      expect(told).toEqual(wanted.map((cell) => (cell === 0 ? expect.closeTo(0, 9) : cell)));
    }
    expect(sheet.getCell('G3').numFmt).toBe('yyyy-mm-dd hh:mm:ss');
    expect(sheet.getCell('A3').numFmt).toBe('@');
  });

  it('is written no faster than the zip takes it', async () => {
    const zip = new PassThrough();
    const stream = { pipes: [zip], uncork: () => {} };
    const styles = { addStyleModel: () => 1 };
    const place = { book: { styles } as never, sheet: { stream } as never, firstRow: 2 };
    const writer = new RowWriter(place, ['text'], [{}], 'UTC');
    let done = false;
    const rows: ListRow[] = Array.from({ length: 3_000 }, () => ['a text of some length']);
    const written = writer.write(rows).then(() => (done = true));
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(done).toBe(false);
    expect(zip.writableLength + zip.readableLength).toBeLessThan(150_000);
    let text = '';
    zip.on('data', (data: Buffer) => (text += data.toString()));
    await written;
    expect(text.match(/<row /g)).toHaveLength(3_000);
  });

  it('that cannot be written is an error, and the rows are not read on', async () => {
    let chunks = 0;
    const answer = answerOf(400_000, 2_000, () => chunks++);
    await expect(writeXlsx('/dev/full', answer, 'en')).rejects.toThrow(/ENOSPC/);
    expect(chunks).toBeLessThan(150);
  });
});
