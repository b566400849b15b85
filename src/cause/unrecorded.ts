// What a node that seems to be the cause may stand for where its records are missing: a shared
// component that is known from other nodes, one that no record names, a card or cable section of it
// that no record names. Where one of these explains the hits better, the node is not to blame.

import type { Chosen } from './candidates.js';
import type { Explained } from './localise.js';
import { GRID, NAMED_FROM, type Network } from './network.js';
import { logChoose } from './poisson.js';
import { CAUSE_PRIOR, SHARE_PRIORS } from './settings.js';

/** A cause before its rivals are known. */
export type Reading = Omit<Explained, 'others'>;

/** A line that was hit, and how probable that is by all but the cause at hand. */
export interface HitChance {
  readonly line: number;
  readonly chance: number;
}

/** What the search knows of the causes it chose. */
export interface Judged {
  /** Log-likelihood that a cause adds to the others with another share. */
  readonly gainAt: (cause: Chosen, share: number) => number;
  /** Lines of a cause that were hit, each with the probability of that without it. */
  readonly hitsOf: (cause: Chosen) => readonly HitChance[];
  readonly prior: (cause: { component: number; share: number }) => number;
}

/** Puts what no record names in the place of nodes that it explains better. */
export function reinterpret(
  network: Network,
  chosen: readonly Chosen[],
  judged: Judged,
): Reading[] {
  const isNode = ({ component, share }: Chosen): boolean =>
    share >= NAMED_FROM && network.components[component]!.kind === 'node';
  const isShared = ({ component, share }: Chosen): boolean =>
    share >= NAMED_FROM && network.components[component]!.kind === 'trunk';
  const joined = new Map<Chosen, Chosen[]>();
  const explained: Reading[] = [];
  const loose: Reading[] = [];
  for (const cause of chosen) {
    const score = cause.gain + judged.prior(cause);
    const entry = { ...cause, score, isUnknown: cause.share < NAMED_FROM, joined: [] };
    if (!isNode(cause)) {
      explained.push(entry);
      continue;
    }
    const on = chosen.filter(isShared);
    const unrecorded = logUnrecordedOn(network, cause.component);
    const fits = on.map((shared) => gainNear(cause, shared.share, judged) + unrecorded);
    const best = fits.reduce((at, fit, i) => (fit > (fits[at] ?? -Infinity) ? i : at), 0);
    const hidden = hiddenScore(network, cause.component, judged.hitsOf(cause));
    const instead = fits[best] ?? -Infinity;
    if (instead > Math.max(score, hidden)) {
      joined.set(on[best]!, [...(joined.get(on[best]!) ?? []), cause]);
    } else if (hidden > score) {
      explained.push({ ...entry, score: hidden, isUnknown: true });
    } else {
      loose.push(entry);
    }
  }
  explained.push(...together(network, loose, judged));
  for (const [shared, nodes] of joined) {
    const at = explained.findIndex(({ component }) => component === shared.component);
    explained[at] = { ...explained[at]!, joined: nodes };
  }
  return explained;
}

/** The best gain with a share, or the one next to it: no two nodes are hit quite alike. */
function gainNear(cause: Chosen, share: number, { gainAt }: Judged): number {
  const near = [share - 1, share, share + 1].filter((g) => g >= NAMED_FROM && g < GRID.length);
  return Math.max(...near.map((g) => gainAt(cause, g)));
}

/** Several nodes without records, hit together: something shared that no record names? */
function together(network: Network, nodes: readonly Reading[], judged: Judged): Reading[] {
  const may = nodes.filter(({ component }) => logUnrecordedOn(network, component) > UNRECORDED_MIN);
  if (may.length < 2) return [...nodes];
  const one = may.toSorted((a, b) => b.score - a.score || a.component - b.component)[0]!;
  let score = CAUSE_PRIOR + SHARE_PRIORS[one.share - NAMED_FROM]! - Math.log(network.kinds);
  for (const node of may) {
    score += gainNear(node, one.share, judged) + logUnrecordedOn(network, node.component);
  }
  if (score <= may.reduce((sum, node) => sum + node.score, 0)) return [...nodes];
  const rest = nodes.filter((node) => !may.includes(node));
  return [...rest, { ...one, score, isUnknown: true, joined: may.filter((node) => node !== one) }];
}

/** Below this a node's records are too good for another shared component to be missed, nats. */
const UNRECORDED_MIN = -12;

/** ln of the chance that a node lies on a given shared component without a record saying so. */
function logUnrecordedOn({ sharedChance, missing, nodeLines }: Network, node: number): number {
  if (sharedChance === 0) return -Infinity;
  return Math.log(sharedChance) + nodeLines[node]! * Math.log(Math.min(1, missing[node]!));
}

/**
 * ln of (probability of a node's hits by a card or cable section of it that no record names) over (by
 * chance), priors included; -Infinity where the records leave no room for one. Of the lines without a
 * record any may lie on it; lines recorded elsewhere speak neither for nor against it.
 */
function hiddenScore(network: Network, node: number, hits: readonly HitChance[]): number {
  let best = -Infinity;
  const lines = network.nodeLines[node]!;
  for (const { size, prior, known, gaps, isGap } of network.inner) {
    const room = gaps[node]!;
    const on = hits.filter(({ line }) => isGap[line] === 1);
    const byChance = on.reduce((sum, { chance }) => sum + Math.log(chance), 0);
    const parts = lines / size;
    for (const count of new Set([Math.floor(parts), Math.ceil(parts)])) {
      const hidden = count - known[node]!;
      const own = Math.round(lines / count);
      if (count < 2 || hidden < 1 || own < on.length || room < own) continue;
      const ways = logChoose(room - on.length, own - on.length) - logChoose(room, own);
      const unrecorded = own * Math.log(network.missing[node]!);
      const fixed = ways + unrecorded - byChance + prior + Math.log(hidden) + CAUSE_PRIOR;
      for (let share = NAMED_FROM; share < GRID.length; share++) {
        const h = GRID[share]!;
        const fit = on.length * Math.log(h) + (own - on.length) * Math.log1p(-h);
        best = Math.max(best, fixed + fit + SHARE_PRIORS[share - NAMED_FROM]!);
      }
    }
  }
  return best;
}
