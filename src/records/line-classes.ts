// Which class of the rules a line belongs to, by its record. A cell counts as the text in which the
// rules write it: true, 2048, 广州; what a record does not say matches nothing.

import { CLASS_COLUMNS } from '../config/record-kinds.js';
import type { LineClass } from '../config/rules.js';

/** Number of a line's class from 1, 0 = none; the first that matches. */
export type Classify = (row: Readonly<Record<string, unknown>>) => number;

/** Makes the judge of lines for the classes of rules. */
export function classifier(classes: readonly LineClass[]): Classify {
  const tests = classes.map(({ match }) =>
    CLASS_COLUMNS.flatMap((column) => {
      const values = match[column];
      return values ? [{ column, values: new Set(values) }] : [];
    }),
  );
  return (row) =>
    1 +
    tests.findIndex((columns) =>
      columns.every(({ column, values }) => {
        const value = row[column] ?? null;
        return value !== null && values.has(String(value));
      }),
    );
}
