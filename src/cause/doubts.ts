// What records say against one another, and how much of them is missing by node: a list to be confirmed
// and gone through, where records are poor.

import type { Network } from './network.js';

/** Records to be confirmed, and their coverage by node. */
export interface RecordDoubts {
  /** The line's other records place it at `node`: this one is likely wrong. */
  readonly doubts: readonly {
    readonly line: string;
    readonly kind: string;
    readonly component: string;
    /** Null where no record says. */
    readonly node: string | null;
  }[];
  /** Share of card and cable records missing, the node with most of them first. */
  readonly nodes: readonly {
    readonly node: string;
    readonly lines: number;
    readonly missing: number;
  }[];
}

/** Those of a network. */
export function recordDoubts(network: Network): RecordDoubts {
  const { lines, components, nodeOf, nodeLines, missing } = network;
  const doubts = network.doubts.map(({ line, component }) => ({
    line: lines[line]!,
    kind: components[component]!.kind,
    component: components[component]!.name,
    node: components[nodeOf[line]!]?.name ?? null,
  }));
  const nodes = components.flatMap(({ name }, node) =>
    nodeLines[node]! > 0 ? [{ node: name, lines: nodeLines[node]!, missing: missing[node]! }] : [],
  );
  return {
    doubts: doubts.toSorted((a, b) => (a.line < b.line ? -1 : a.line > b.line ? 1 : 0)),
    nodes: nodes.toSorted((a, b) => b.lines * b.missing - a.lines * a.missing),
  };
}
