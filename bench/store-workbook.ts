// The part of the store's bench that times the workbook of all lines, and looks at what it holds in
// memory: the peak of the process, and how much more its buffers hold after each row, which would be
// some 1 kB if rows waited for the zip.

import { join } from 'node:path';
import { askList } from '../src/lists/list.js';
import { WORST } from '../src/lists/worst.js';
import { writeXlsx } from '../src/lists/xlsx.js';
import type { Store } from '../src/store/store.js';
import type { Period } from '../src/store/period-parts.js';
import { ZONE } from './simulated-store.js';

const MB = 1e6;

/** Memory beside the rows that were taken until then. */
interface Sample {
  readonly rows: number;
  readonly rssBytes: number;
  readonly bufferBytes: number;
}

/** The slope of a straight line through the samples' buffers, bytes a row. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (one: Sample) => number): number =>
    samples.reduce((sum, one) => sum + of(one), 0) / samples.length;
  const [rows, bytes] = [mean((one) => one.rows), mean((one) => one.bufferBytes)];
  const spread = mean((one) => (one.rows - rows) ** 2);
  const common = mean((one) => (one.rows - rows) * (one.bufferBytes - bytes));
  return spread === 0 ? 0 : common / spread;
}

/** Writes the workbook of the worst list of all lines over a period. */
export async function measureWorkbook(store: Store, folder: string, period: Period) {
  const connection = await store.instance.connect();
  const samples: Sample[] = [];
  let rows = 0;
  const sample = (): void => {
    const { rss, external } = process.memoryUsage();
    samples.push({ rows, rssBytes: rss, bufferBytes: external });
  };
  try {
    sample();
    const beganMs = performance.now();
    const read = { at: 'latest' as const };
    const limit = 1_000_000;
    const asked = { read, readingMs: null, period, filter: {}, by: 'line' as const, limit };
    const answer = await askList(connection, WORST, { ...asked, zone: ZONE });
    const chunks = (async function* () {
      for await (const chunk of answer.chunks) {
        rows += chunk.length;
        sample();
        yield chunk;
      }
    })();
    await writeXlsx(join(folder, 'worst.xlsx'), { ...answer, chunks }, 'en');
    const seconds = Math.round(performance.now() - beganMs) / 1000;
    sample();
    const peak = Math.max(...samples.map((one) => one.rssBytes)) - samples[0]!.rssBytes;
    const peakMb = Math.round(peak / MB);
    // The first sample is from before the result: DuckDB's buffers are not the workbook's.
    const slope = Math.round(slopeOf(samples.slice(1)));
    process.stdout.write(
      `workbook of ${rows} lines x ${answer.columns.length} columns in ${seconds} s; ` +
        `${peakMb} MB more at most, buffers ${slope} bytes a row\n`,
    );
    return { xlsx_s: seconds, xlsx_rows: rows, xlsx_peak_mb: peakMb, xlsx_slope_bytes: slope };
  } finally {
    connection.closeSync();
  }
}
