// The naive KPIs: every figure of SPEC section 6 counted plainly from the truth and the records of a
// simulated period, without SQL and without anything of src.

import { readWorld } from './naive-files.js';
import { countLine, enrolmentsOf, windowsOf } from './naive-lines.js';
import { countRecords } from './naive-records.js';
import { Figures, monthsOf } from './naive-tally.js';

/** [numerator, denominator] by `kpi|month|dimension|name|variant`; 0 where there is none. */
export async function naiveFigures(folder: string): Promise<Map<string, [number, number]>> {
  const world = await readWorld(folder);
  const months = monthsOf(world.fromMs, world.toMs, world.lastMs);
  const windows = windowsOf(world);
  const enrolments = enrolmentsOf(world);
  const figures = new Figures();
  for (const line of world.lines) {
    const own = world.interruptions.get(line['line']!) ?? [];
    for (const one of own) {
      const window = (windows.get(line['line']!) ?? []).find(
        ([from, to]) => one.start >= from && one.start < to,
      );
      one.plannedUntil = window?.[1] ?? null;
    }
    countLine(figures, world, months, line, own, enrolments.get(line['customer']!));
  }
  countRecords(figures, world, months);
  return figures.all;
}
