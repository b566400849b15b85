// truth.json: what was planted in a simulated period and what came of it. Invariant: lines and
// components by name, times in epoch ms; only what started within [fromMs, toMs).
//
// { version, seed, variant, lines, fromMs, toMs, firstMs, lastMs, timeZone,
//   bursts:   [{at, outage, components: [{kind, name}], lines: [name], starts: [ms]}],
//   works:    [{work, start, end, status, components, lines, starts}],
//   badPlant: [{month, kind, name, lines: [name], extraPerMonth: [number]}],
//   bouts:    [{line, starts: [ms]}],
//   counts:   {all | branch | product: [{name, month, ...Counts of tally.ts}]} }
// firstMs and lastMs are the times of the first and the last event. starts[i] is when lines[i] went
// down for it; a work may take a line down twice. The interruptions that the events make stand beside
// it in interruptions.csv.

import { TIME_ZONE, monthName, monthOf, monthStartMs } from './clock.js';
import type { Network } from './network.js';
import { planMonth } from './plan.js';
import { workStatus, worksIn, type Period } from './records.js';
import { FileSink } from './sink.js';
import type { Tally } from './tally.js';
import type { Hits, StreamTruth } from './truth.js';

const TRUTH_VERSION = 1;

/** Writes truth.json. @throws FlaplineError STORE_UNWRITABLE */
export async function writeTruth(
  path: string,
  network: Network,
  run: Period & { readonly seed: number; readonly variant: number },
  truth: StreamTruth,
  tally: Tally,
): Promise<void> {
  const { seed, variant, fromMs, toMs } = run;
  const lines = network.lineNames.length;
  const { firstMs, lastMs } = tally;
  const times = { fromMs, toMs, firstMs, lastMs, timeZone: TIME_ZONE };
  const head = { version: TRUTH_VERSION, seed, variant, lines, ...times };
  const counts = { all: tally.totals(), branch: tally.byBranch(), product: tally.byProduct() };
  const sink = await FileSink.create(path);
  try {
    sink.append(JSON.stringify(head).slice(0, -1));
    await writeList(sink, 'bursts', burstsOf(network, run, truth));
    await writeList(sink, 'works', worksOf(network, run, truth));
    await writeList(sink, 'badPlant', badPlantOf(network, run));
    await writeList(sink, 'bouts', boutsOf(network, run, truth));
    sink.append(`,\n"counts":${JSON.stringify(counts)}}\n`);
    await sink.flush();
  } finally {
    await sink.close();
  }
}

async function writeList(sink: FileSink, name: string, items: Iterable<object>): Promise<void> {
  sink.append(`,\n"${name}":[`);
  let separator = '\n';
  for (const item of items) {
    sink.append(separator + JSON.stringify(item));
    separator = ',\n';
    if (sink.full) await sink.drain();
  }
  sink.append('\n]');
}

function hitsWithin(network: Network, hits: Hits, toMs: number) {
  const places = hits.startsMs.flatMap((startMs, i) => (startMs < toMs ? [i] : []));
  return {
    components: componentsOf(network, hits.components),
    lines: places.map((i) => network.lineNames[hits.lines[i]]),
    starts: places.map((i) => hits.startsMs[i]),
  };
}

function componentsOf(network: Network, indices: readonly number[]) {
  return indices.map((index) => {
    const { kind, name } = network.components[index];
    return { kind, name };
  });
}

function* burstsOf(network: Network, { toMs }: Period, truth: StreamTruth): Generator<object> {
  for (const hits of truth.bursts ?? []) {
    const within = hitsWithin(network, hits, toMs);
    if (within.lines.length === 0) continue;
    yield { at: hits.atMs, outage: hits.outage, ...within };
  }
}

function* worksOf(network: Network, period: Period, truth: StreamTruth): Generator<object> {
  const hitsByWork = new Map(truth.works?.map((hits) => [hits.work, hits]));
  for (const work of worksIn(network, period)) {
    const hits = hitsByWork.get(work.name);
    const nothing = {
      components: componentsOf(network, work.components),
      lines: [],
      starts: [],
    };
    yield {
      work: work.name,
      start: work.startMs,
      end: work.endMs,
      status: workStatus(work, period.toMs),
      ...(hits === undefined ? nothing : hitsWithin(network, hits, period.toMs)),
    };
  }
}

function* badPlantOf(network: Network, { fromMs, toMs }: Period): Generator<object> {
  for (let month = monthOf(fromMs); monthStartMs(month) < toMs; month++) {
    for (const { component, lines, extraPerMonth } of planMonth(network, month).badPlant) {
      const { kind, name } = network.components[component];
      yield {
        month: monthName(month),
        kind,
        name,
        lines: Array.from(lines, (line) => network.lineNames[line]),
        extraPerMonth: Array.from(extraPerMonth, (extra) => Math.round(extra * 10) / 10),
      };
    }
  }
}

function* boutsOf(network: Network, { toMs }: Period, truth: StreamTruth): Generator<object> {
  for (const { line, startsMs } of truth.bouts ?? []) {
    const starts = startsMs.filter((startMs) => startMs < toMs);
    if (starts.length > 0) yield { line: network.lineNames[line], starts };
  }
}
