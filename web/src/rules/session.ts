// A period judged again and again: the network as it was observed and a quiet one, under rules that move.
// Counts by line are those of `flapline backtest`: episodes found in the period, on evidence from before it.

import type { Columns } from './columns.js';
import { type FlapRules, type Found, Kernel } from './kernel.js';
import { type Network, observed, quietNetwork, shortestSpans } from './network.js';

/** The mean month of the calendar: 365.2425 / 12 days. */
const MONTH_MS = 2_629_746_000;

export interface WhatIfLine {
  readonly line: string;
  /** Episodes that are stored, and that the rules find. */
  readonly stored: number;
  readonly found: number;
}

export interface WhatIf {
  readonly stored: number;
  readonly found: number;
  /** Lines with an episode in both, in what is stored only, under the rules only. */
  readonly flagged: {
    readonly both: number;
    readonly onlyStored: number;
    readonly onlyFound: number;
  };
  /** Episodes in the quiet network, and over how many months. */
  readonly quiet: number;
  readonly months: number;
  readonly different: number;
  /** Lines that differ, largest difference first, the first of them. */
  readonly lines: readonly WhatIfLine[];
  /** What it took, ms. */
  readonly tookMs: number;
}

/** A network with what is known of it: spans by K. */
class Judged {
  private readonly spans = new Map<number, Float64Array>();

  constructor(
    readonly network: Network,
    private readonly kernel: Kernel,
  ) {}

  /** Which groups have enough starts close enough for one of the rules. */
  private wanted({ flap }: FlapRules): (group: number) => boolean {
    const tests = flap.map(({ starts, windowMs }) => {
      let spans = this.spans.get(starts);
      if (!spans) {
        spans = shortestSpans(this.network, starts);
        this.spans.set(starts, spans);
      }
      return { spans, windowMs };
    });
    return (group) => tests.some(({ spans, windowMs }) => spans[group] <= windowMs);
  }

  judge(rules: FlapRules, take: (found: Found) => void): void {
    if (rules.flap.length === 0) return;
    this.kernel.judge(this.network, rules, this.wanted(rules), take);
  }

  /** Episodes found in [fromMs, toMs), by group and in all. */
  count(rules: FlapRules, fromMs: number, toMs: number): { counts: Uint32Array; total: number } {
    const counts = new Uint32Array(this.network.rows.length - 1);
    let total = 0;
    this.judge(rules, ({ group, atMs, untilMs }) => {
      if (untilMs !== null || atMs < fromMs || atMs >= toMs) return;
      counts[group]++;
      total++;
    });
    return { counts, total };
  }
}

export class Session {
  private readonly seen: Judged;
  private readonly quiet: Judged;

  /** `today`: the rules whose episodes are left out of the quiet network. */
  constructor(
    module: WebAssembly.Module,
    private readonly columns: Columns,
    today: FlapRules,
  ) {
    const kernel = new Kernel(module, columns.counts.length);
    this.seen = new Judged(observed(columns), kernel);
    const { fromMs, toMs } = columns;
    const calm = calmCounts(this.seen, today, fromMs, toMs);
    this.quiet = new Judged(quietNetwork(calm, fromMs, toMs), kernel);
  }

  /** What these rules would have flagged; at most `limit` lines are named. */
  move(rules: FlapRules, limit: number): WhatIf {
    const beganMs = performance.now();
    const { fromMs, toMs } = this.columns;
    const { counts, total } = this.seen.count(rules, fromMs, toMs);
    const quiet = this.quiet.count(rules, fromMs, toMs).total;
    return {
      ...this.compared(counts, limit),
      found: total,
      quiet,
      months: (toMs - fromMs) / MONTH_MS,
      tookMs: performance.now() - beganMs,
    };
  }

  /** By line: what is stored against what was found. */
  private compared(
    counts: Uint32Array,
    limit: number,
  ): Pick<WhatIf, 'stored' | 'flagged' | 'different' | 'lines'> {
    const { names, episodes, nameCount, nameOf } = this.columns;
    const [was, would] = [new Uint32Array(nameCount), new Uint32Array(nameCount)];
    for (let g = 0; g < names.length; g++) {
      was[names[g]] += episodes[g];
      would[names[g]] += counts[g];
    }
    const flagged = { both: 0, onlyStored: 0, onlyFound: 0 };
    const differing: number[] = [];
    let stored = 0;
    for (let name = 0; name < nameCount; name++) {
      stored += was[name];
      if (was[name] > 0 && would[name] > 0) flagged.both++;
      else if (was[name] > 0) flagged.onlyStored++;
      else if (would[name] > 0) flagged.onlyFound++;
      if (was[name] !== would[name]) differing.push(name);
    }
    const change = (name: number): number => Math.abs(would[name] - was[name]);
    const lines = differing
      .toSorted((a, b) => change(b) - change(a) || a - b)
      .slice(0, limit)
      .map((name) => ({ line: nameOf(name), stored: was[name], found: would[name] }));
    return { stored, flagged, different: differing.length, lines };
  }
}

/** Starts of the period by group that lie in no episode of the rules. */
function calmCounts(judged: Judged, rules: FlapRules, fromMs: number, toMs: number): Uint32Array {
  const { rows, starts } = judged.network;
  const episodes = new Map<number, { sinceMs: number; untilMs: number }[]>();
  judged.judge(rules, ({ group, sinceMs, untilMs }) => {
    const own = episodes.get(group) ?? [];
    episodes.set(group, own);
    if (untilMs === null) own.push({ sinceMs, untilMs: Infinity });
    else own.find((one) => one.sinceMs === sinceMs)!.untilMs = untilMs;
  });
  const counts = new Uint32Array(rows.length - 1);
  for (let group = 0; group < counts.length; group++) {
    const own = episodes.get(group) ?? [];
    for (let row = rows[group]; row < rows[group + 1]; row++) {
      const at = starts[row];
      if (at < fromMs || at >= toMs) continue;
      if (!own.some(({ sinceMs, untilMs }) => at >= sinceMs && at <= untilMs)) counts[group]++;
    }
  }
  return counts;
}
