// The part of the store's bench that times KPIs and targets.

import { readFigures } from '../src/kpi/figures.js';
import { keepMonths } from '../src/kpi/frozen.js';
import { monthAt, monthOf } from '../src/kpi/month.js';
import { readTargetsReport } from '../src/kpi/report.js';
import { movedTo, readTargets } from '../src/kpi/targets-file.js';
import type { Store } from '../src/store/store.js';
import { p95 } from './percentile.js';

/** Times that targets are asked for. */
const TARGETS_ASKED = 20;

/**
 * The targets page's data: first the KPIs of the running month with nothing kept, then, with all months
 * that are closed frozen as in a service, the targets made anew each time, the first time too.
 */
export async function measureTargets(store: Store, toMs: number) {
  const connection = await store.instance.connect();
  try {
    const { timeZone } = store;
    const read = { at: 'latest' as const, readingMs: toMs - 1, timeZone };
    const month = monthAt(read.readingMs, timeZone);
    const first = performance.now();
    await readFigures(connection, monthOf(month, timeZone), 'latest', ['branch']);
    const runningMs = performance.now() - first;
    const targets = movedTo(readTargets(), Number(month.slice(0, 4)));
    const freezing = performance.now();
    const frozen = await keepMonths(connection, 'latest', timeZone);
    const freezingMs = (performance.now() - freezing) / Math.max(1, frozen.length);
    const times: number[] = [];
    for (let i = 0; i < TARGETS_ASKED; i++) {
      const beganMs = performance.now();
      await readTargetsReport(connection, read, targets);
      times.push(performance.now() - beganMs);
    }
    process.stdout.write(
      `KPIs of the running month by branch ${Math.round(runningMs)} ms; ${frozen.length} months ` +
        `frozen, ${Math.round(freezingMs)} ms each; targets p95 ${p95(times)} ms, ` +
        `the first time ${Math.round(times[0]!)} ms\n`,
    );
    return {
      kpi_running_month_ms: Math.round(runningMs),
      kpi_month_frozen_ms: Math.round(freezingMs),
      targets_p95_ms: frozen.length > 0 ? p95(times) : null,
      targets_first_ms: Math.round(times[0]!),
    };
  } finally {
    connection.closeSync();
  }
}
