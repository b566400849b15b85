// Imports one version of the lines' records after the other into a store file, for the test that kills
// it; says which after each commit.

import { bringInNow } from '../../src/records/import.js';
import { readRecordText } from '../../src/records/read.js';
import { openStore } from '../../src/store/store.js';

const LINES = 2_000;
const [file] = process.argv.slice(2);
const store = await openStore(file!);
for (let turn = 0; ; turn++) {
  const branch = `${process.pid}-${turn}`;
  const rows = Array.from({ length: LINES }, (_, i) => `L-${i},${branch}`);
  const text = `line,branch\n${rows.join('\n')}\n`;
  const records = readRecordText('lines', 'lines.csv', text, { timeZone: 'UTC' });
  await bringInNow(store, [records], { fromMs: turn + 1 });
  process.send!(turn);
}
