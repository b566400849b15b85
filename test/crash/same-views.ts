// Two data folders compared: every documented view, row for row, sorted, without internal ids and
// without what tells when a row was recorded.

import { viewsOf } from '../host/service-fixture.js';

const ROWS_TOLD = 5;

/** Two folders compared. */
export interface Compared {
  /** View, rows of only one of them; empty when they are the same. */
  readonly different: readonly string[];
  /** Rows of the second folder, all views together, and the views that have any. */
  readonly rows: number;
  readonly filled: readonly string[];
}

/** Compares a folder with the one it should equal, all views or all but some. */
export async function compareViews(
  folder: string,
  whole: string,
  leftOut: readonly string[] = [],
): Promise<Compared> {
  const [views, wanted] = [await viewsOf(folder), await viewsOf(whole)];
  const names = Object.keys(wanted).filter((name) => !leftOut.includes(name));
  return {
    different: names.flatMap((name) => differences(name, views[name], wanted[name])),
    rows: names.reduce((sum, name) => sum + wanted[name].length, 0),
    filled: names.filter((name) => wanted[name].length > 0),
  };
}

function differences(name: string, rows: readonly string[], wanted: readonly string[]): string[] {
  const found = onlyIn(rows, wanted);
  const missing = onlyIn(wanted, rows);
  if (found.length + missing.length === 0) return [];
  const told = [`${name}: ${found.length} rows too many, ${missing.length} missing`];
  for (const row of found.slice(0, ROWS_TOLD)) told.push(`  + ${row}`);
  for (const row of missing.slice(0, ROWS_TOLD)) told.push(`  - ${row}`);
  return told;
}

/** The rows of a multiset that another lacks. */
function onlyIn(rows: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const row of others) counts.set(row, (counts.get(row) ?? 0) + 1);
  return rows.filter((row) => {
    const left = counts.get(row) ?? 0;
    counts.set(row, left - 1);
    return left <= 0;
  });
}
