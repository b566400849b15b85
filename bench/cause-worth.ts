// Bench: how many planted faults of cards and cable sections are named by the share of records missing: the
// measurement behind src/cause/worth.ts. Seeds of its own.

import { DEFAULT_CAUSE_SETTINGS } from '../src/cause/settings.js';
import { NAMED_SHARE, namedShare } from '../src/cause/worth.js';
import { type PlantedNetwork, historyOf, plantedNetworks, recordsOf } from './cause-data.js';
import { print, rounded } from './cause-outcome.js';

const LEVELS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
const SEEDS = [201, 202];
const BURSTS = ['--bursts', '150', '--gap', '200', '--wrong', '0.05'];
const NEAR_BEFORE_MS = 5_000;
const NEAR_AFTER_MS = 60_000;

/** Measured beside what is assumed, by kind and share missing. */
export async function measureWorth(signal: AbortSignal): Promise<Record<string, number[]>> {
  const options = LEVELS.flatMap((missing) =>
    SEEDS.map((seed) => ['--seed', String(seed), '--missing', String(missing), ...BURSTS]),
  );
  const kinds = Object.keys(NAMED_SHARE);
  const counts = new Map(kinds.map((kind) => [kind, LEVELS.map(() => ({ planted: 0, named: 0 }))]));
  let at = 0;
  for await (const network of plantedNetworks(options, signal)) {
    const level = Math.floor(at++ / SEEDS.length);
    for (const { kind, isNamed } of namedOf(network)) {
      const count = counts.get(kind)?.[level];
      if (!count) continue;
      count.planted++;
      if (isNamed) count.named++;
    }
  }
  const measured: Record<string, number[]> = {};
  for (const [kind, byLevel] of counts) {
    measured[kind] = byLevel.map(({ planted, named }) => rounded(named / planted));
    const words = LEVELS.map(
      (missing, i) => `${missing}: ${measured[kind]![i]!} (${namedShare(kind, missing)})`,
    );
    print(`${kind} faults named by the share of records missing (assumed): ${words.join('  ')}`);
  }
  return measured;
}

/** Of each planted fault its kind, and whether a cause near it names it. */
function namedOf(network: PlantedNetwork): { kind: string; isNamed: boolean }[] {
  const records = recordsOf(network.rows, DEFAULT_CAUSE_SETTINGS);
  const history = historyOf(network, records, DEFAULT_CAUSE_SETTINGS);
  const found = history.bursts.flatMap(({ causes, network: of }) =>
    causes
      .filter(({ isUnknown }) => !isUnknown)
      .map(({ atMs, components }) => ({
        atMs,
        names: components.map((i) => `${of.components[i]!.kind}/${of.components[i]!.name}`),
      })),
  );
  return network.bursts.flatMap(({ at, causes }) =>
    causes.map((same) => {
      const names = new Set(same.map((pair) => pair.join('/')));
      const isNamed = found.some(
        (cause) =>
          cause.atMs >= at - NEAR_BEFORE_MS &&
          cause.atMs <= at + NEAR_AFTER_MS &&
          cause.names.some((name) => names.has(name)),
      );
      return { kind: same[0]![0], isNamed };
    }),
  );
}
