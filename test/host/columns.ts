// Reads what GET /api/interruptions/columns answers, by its description alone.

/** One (line, partition) and its interruptions; end null = open. */
export interface ColumnGroup {
  readonly line: string;
  readonly episodes: number;
  readonly rows: readonly { readonly start: number; readonly end: number | null }[];
}

export interface Columns {
  readonly fromMs: number;
  readonly toMs: number;
  readonly readingMs: number;
  readonly leadMs: number;
  readonly unsure: number;
  readonly groups: readonly ColumnGroup[];
}

const LONG = 4_294_967_295;

export function readColumns(bytes: Buffer): Columns {
  expectText(bytes.toString('latin1', 0, 4));
  const [rows, groups, names, longs, nameBytes, unsure] = [1, 2, 3, 4, 5, 6].map((i) =>
    bytes.readUInt32LE(4 * i),
  );
  const [fromMs, toMs, readingMs, leadMs] = [0, 1, 2, 3].map((i) => bytes.readDoubleLE(32 + 8 * i));
  let at = 64;
  const section = (count: number, width: 4 | 8): number[] => {
    const values = Array.from({ length: count }, (_, i) =>
      width === 8 ? bytes.readDoubleLE(at + 8 * i) : bytes.readUInt32LE(at + 4 * i),
    );
    at += Math.ceil((count * width) / 8) * 8;
    return values;
  };
  const starts = section(rows!, 8);
  const durations = section(rows!, 4);
  const counts = section(groups!, 4);
  const nameOf = section(groups!, 4);
  const episodes = section(groups!, 4);
  const longRows = section(longs!, 4);
  const longEnds = new Map(section(longs!, 8).map((end, i) => [longRows[i]!, end]));
  const offsets = section(names! + 1, 4);
  const texts = bytes.subarray(at, at + nameBytes!);
  if (Math.ceil((at + nameBytes!) / 8) * 8 !== bytes.length) throw new Error('bytes are left over');
  const endOf = (row: number): number | null => {
    if (durations[row] !== LONG) return starts[row]! + durations[row]!;
    const end = longEnds.get(row)!;
    return end < 0 ? null : end;
  };
  let row = 0;
  const read = counts.map((count, group): ColumnGroup => {
    const name = nameOf[group]!;
    const line = texts.toString('utf8', offsets[name], offsets[name + 1]);
    const first = row;
    row += count;
    const own = Array.from({ length: count }, (_, i) => first + i);
    return {
      line,
      episodes: episodes[group]!,
      rows: own.map((one) => ({ start: starts[one]!, end: endOf(one) })),
    };
  });
  return {
    fromMs: fromMs!,
    toMs: toMs!,
    readingMs: readingMs!,
    leadMs: leadMs!,
    unsure: unsure!,
    groups: read,
  };
}

function expectText(magic: string): void {
  if (magic !== 'FLC1') throw new Error(`these are no columns: ${magic}`);
}
