// A naive twin of the burst engine's arithmetic: the log-likelihood of a burst under a set of causes,
// line by line over the whole network, as SPEC section 7 writes it.

import type { Network } from '../../src/cause/network.js';

/** A component and the share of its members that it hits. */
export interface TwinCause {
  readonly component: number;
  readonly share: number;
}

/** Weight of a line on a component, 0 = none. */
export function weightOf({ byLine }: Network, line: number, component: number): number {
  for (let i = byLine.first[line]!; i < byLine.first[line + 1]!; i++) {
    if (byLine.other[i] === component) return byLine.weight[i]!;
  }
  return 0;
}

/** Sum over all lines of ln P(hit or not | causes), with P(hit) = 1 - (1 - p0) * prod(1 - w h). */
export function logLikelihood(
  network: Network,
  hits: ReadonlyMap<number, number>,
  causes: readonly TwinCause[],
): number {
  let sum = 0;
  for (let line = 0; line < network.lines.length; line++) {
    const chance = hits.get(line);
    let spared = 1;
    for (const { component, share } of causes)
      spared *= 1 - weightOf(network, line, component) * share;
    sum += chance === undefined ? Math.log(spared) : Math.log(1 - (1 - chance) * spared);
  }
  return sum;
}
