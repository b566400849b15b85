// The part of the store's bench that times KPIs and targets.

import { readFigures } from '../src/kpi/figures.js';
import { recomputeMonth } from '../src/kpi/frozen.js';
import { addMonths, monthAt, monthOf } from '../src/kpi/month.js';
import { readTargetsReport } from '../src/kpi/report.js';
import { movedTo, readTargets } from '../src/kpi/targets-file.js';
import type { Store } from '../src/store/store.js';
import { p95 } from './percentile.js';

/** Times that targets are asked for. */
const TARGETS_ASKED = 20;

/**
 * The targets page's data: first the KPIs of the running month with nothing kept, then, with the months
 * that goals tell frozen as in a service, the targets made anew each time.
 */
export async function measureTargets(store: Store, firstMs: number, toMs: number) {
  const connection = await store.instance.connect();
  try {
    const { timeZone } = store;
    const read = { at: 'latest' as const, readingMs: toMs - 1, timeZone };
    const month = monthAt(read.readingMs, timeZone);
    const first = performance.now();
    await readFigures(connection, monthOf(month, timeZone), 'latest', ['branch']);
    const runningMs = performance.now() - first;
    const targets = movedTo(readTargets(), Number(month.slice(0, 4)));
    const before = addMonths(month, -1);
    const named = (targets.goals ?? []).flatMap(({ from }) => (from === undefined ? [] : [from]));
    const told = [...new Set([before, ...named])].map((name) => monthOf(name, timeZone));
    const closed = told.filter(({ toMs: endMs }) => endMs > firstMs && endMs < toMs);
    for (const one of closed) await recomputeMonth(connection, one, 'latest', 'bench');
    const times: number[] = [];
    for (let i = 0; i < TARGETS_ASKED; i++) {
      const beganMs = performance.now();
      await readTargetsReport(connection, read, targets);
      times.push(performance.now() - beganMs);
    }
    process.stdout.write(
      `KPIs of the running month by branch ${Math.round(runningMs)} ms; targets p95 ${p95(times)} ms\n`,
    );
    return {
      kpi_running_month_ms: Math.round(runningMs),
      targets_p95_ms: closed.length > 0 ? p95(times) : null,
    };
  } finally {
    connection.closeSync();
  }
}
