// Where the naive KPIs put their figures: by KPI, month, group and variant.

import type { Row } from './naive-files.js';

export type Variant = 'gross' | 'planned' | 'net';

/** A calendar month of Asia/Shanghai (UTC+8): [from, to). */
export interface Month {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** The month's end, or just behind the last event. */
  readonly end: number;
}

const OFFSET = 8 * 3_600_000;

export function monthsOf(fromMs: number, toMs: number, lastMs: number): Month[] {
  const months: Month[] = [];
  for (let from = fromMs; from < toMs;) {
    const local = new Date(from + OFFSET);
    const to = Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 1) - OFFSET;
    const name = local.toISOString().slice(0, 7);
    months.push({ name, from, to, end: Math.min(to, lastMs + 1) });
    from = to;
  }
  return months;
}

export const dayOf = (ms: number): number => Math.floor((ms + OFFSET) / 86_400_000);
export const dayStart = (day: number): number => day * 86_400_000 - OFFSET;

/** The groups a line counts in. */
export function groupsOf(line: Row | undefined): string[] {
  return [
    'all|',
    `branch|${line?.['branch'] ?? ''}`,
    `product|${line?.['product'] ?? ''}`,
    `customer|${line?.['customer'] ?? ''}`,
  ];
}

/** A numerator and a denominator. */
type Figure = [number, number];

/** Numerators and denominators by `kpi|month|variant`, then by `dimension|name`. */
export class Figures {
  readonly #byGroup = new Map<string, Map<string, Figure>>();

  /** All of them by `kpi|month|dimension|name|variant`. */
  get all(): Map<string, Figure> {
    const all = new Map<string, Figure>();
    for (const [key, groups] of this.#byGroup) {
      const [kpi, month, variant] = key.split('|');
      for (const [group, figure] of groups) all.set(`${kpi}|${month}|${group}|${variant}`, figure);
    }
    return all;
  }

  add(
    kpi: string,
    month: Month,
    groups: readonly string[],
    numerator: number,
    denominator = 0,
  ): void {
    this.addVariant(kpi, month, groups, 'gross', numerator, denominator);
  }

  addVariant(
    kpi: string,
    month: Month,
    groups: readonly string[],
    variant: Variant,
    numerator: number,
    denominator = 0,
  ): void {
    const own = this.#of(kpi, month, variant);
    for (const group of groups) {
      const figure = own.get(group);
      if (figure) {
        figure[0] += numerator;
        figure[1] += denominator;
      } else own.set(group, [numerator, denominator]);
    }
  }

  atLeast(kpi: string, month: Month, groups: readonly string[], value: number): void {
    const own = this.#of(kpi, month, 'gross');
    for (const group of groups) own.set(group, [Math.max(value, own.get(group)?.[0] ?? 0), 0]);
  }

  #of(kpi: string, month: Month, variant: Variant): Map<string, Figure> {
    const key = `${kpi}|${month.name}|${variant}`;
    const found = this.#byGroup.get(key);
    if (found) return found;
    const made = new Map<string, Figure>();
    this.#byGroup.set(key, made);
    return made;
  }
}
