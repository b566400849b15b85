// Which class of the rules a line belongs to, by its record. A cell counts as the text in which the
// rules write it: true, 2048, 广州; what a record does not say matches nothing.

import { LINE_COLUMNS } from '../config/line-columns.js';
import type { LineClass } from '../config/rules.js';
import type { LineRow } from './lines.js';

/** Number of a line's class from 1, 0 = none; the first that matches. */
export type Classify = (row: LineRow) => number;

/** A test of one column. */
interface ColumnTest {
  readonly key: keyof LineRow;
  readonly values: ReadonlySet<string>;
}

/** Makes the judge of lines for the classes of rules. */
export function classifier(classes: readonly LineClass[]): Classify {
  const tests = classes.map(({ match }) =>
    LINE_COLUMNS.flatMap(({ column, key }): ColumnTest[] => {
      const values = match[column];
      return values ? [{ key, values: new Set(values) }] : [];
    }),
  );
  return (row) =>
    1 +
    tests.findIndex((columns) =>
      columns.every(({ key, values }) => row[key] !== null && values.has(String(row[key]))),
    );
}
