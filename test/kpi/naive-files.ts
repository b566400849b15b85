// What the naive KPIs are counted from: truth.json, interruptions.csv and the record files of
// `flapline simulate`, read plainly.

import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** One interruption of the truth; end null = open when the stream ended. */
export interface Interruption {
  readonly start: number;
  readonly end: number | null;
  readonly cause: string | null;
  /** Until when it is planned, null where it is not. */
  plannedUntil: number | null;
}

/** A row of a CSV file by its header. */
export type Row = Readonly<Record<string, string>>;

/** Everything of a simulated folder. */
export interface World {
  readonly fromMs: number;
  readonly toMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly lines: readonly Row[];
  readonly interruptions: ReadonlyMap<string, Interruption[]>;
  readonly components: readonly Row[];
  readonly works: readonly Row[];
  readonly tickets: readonly Row[];
  readonly callbacks: readonly Row[];
  readonly satisfaction: readonly Row[];
  readonly customers: readonly Row[];
  readonly branches: readonly Row[];
}

/** A line of CSV; a quoted field may hold commas and doubled quotes. */
function cellsOf(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  for (const match of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    cells.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
  }
  return cells;
}

function readRows(file: string): Row[] {
  const [header, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n').map(cellsOf);
  return lines.map((cells) => Object.fromEntries(header!.map((name, i) => [name, cells[i] ?? ''])));
}

async function readInterruptions(file: string): Promise<Map<string, Interruption[]>> {
  const byLine = new Map<string, Interruption[]>();
  let isHeader = true;
  for await (const text of createInterface({ input: createReadStream(file) })) {
    if (isHeader) {
      isHeader = false;
      continue;
    }
    const [line, start, end, cause] = text.split(',') as [string, string, string, string];
    const one: Interruption = {
      start: Number(start),
      end: end === '' ? null : Number(end),
      cause: cause === '' ? null : cause,
      plannedUntil: null,
    };
    const own = byLine.get(line);
    if (own) own.push(one);
    else byLine.set(line, [one]);
  }
  for (const own of byLine.values()) own.sort((a, b) => a.start - b.start);
  return byLine;
}

/** Reads a folder of `flapline simulate`. */
export async function readWorld(folder: string): Promise<World> {
  const rows = (name: string): Row[] => readRows(join(folder, `${name}.csv`));
  const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as World;
  const { fromMs, toMs, firstMs, lastMs } = truth;
  return {
    fromMs,
    toMs,
    firstMs,
    lastMs,
    lines: rows('lines'),
    interruptions: await readInterruptions(join(folder, 'interruptions.csv')),
    components: rows('components'),
    works: rows('works'),
    tickets: rows('tickets'),
    callbacks: rows('callbacks'),
    satisfaction: rows('satisfaction'),
    customers: rows('customers'),
    branches: rows('branches'),
  };
}
