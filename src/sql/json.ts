// A statement's answer as JSON: names and rows as arrays, since two columns may have one name.

import type { SqlAnswer } from './sandbox.js';

/** The answer as it comes; `truncated` = there were more rows. */
export async function* sqlJsonOf({
  columns,
  chunks,
  truncated,
}: SqlAnswer): AsyncGenerator<string> {
  yield `{"columns":${JSON.stringify(columns.map(({ name }) => name))},"rows":[`;
  let between = '';
  for await (const rows of chunks) {
    if (rows.length === 0) continue;
    yield between + rows.map((row) => JSON.stringify(row)).join(',');
    between = ',';
  }
  yield `],"truncated":${truncated()}}\n`;
}
