// Which line lies on which component, as far as gappy records tell: recorded pairs with the share of
// them taken to be right, and soft pairs where a record is missing (SPEC section 7). What a name says
// is never read: a component's place is the node of most of its recorded lines.

import { type Edges, turned } from './edges.js';
import { UNSEEN_LINES, WEIGHT_MIN, addInner } from './inner.js';
import { Recorded } from './recorded.js';
import { type CauseSettings, EXCLUSIVE_KINDS, INNER_KINDS } from './settings.js';
import { addShared } from './shared.js';
import type { Steps } from './steps.js';

/** A component as recorded. */
export interface ComponentName {
  readonly kind: string;
  readonly name: string;
}

/** Records in force at one time, as rows of indices. */
export interface MembershipRows {
  readonly lines: readonly string[];
  readonly components: readonly ComponentName[];
  readonly line: Int32Array;
  readonly component: Int32Array;
  /** What planned works touch: pairs of a work's component index and another component's. */
  readonly works?: readonly (readonly [work: number, component: number])[];
}

/** A record that speaks against the others: the line's node is another than the component's. */
export interface RecordDoubt {
  readonly line: number;
  readonly component: number;
}

/** Weighted memberships, and what was learnt on the way. */
export interface Memberships {
  readonly byLine: Edges;
  /** A line's node, -1 = not known. */
  readonly nodeOf: Int32Array;
  /** Lines of a node, by its component index. */
  readonly nodeLines: Int32Array;
  /** Share of records missing, by node's component index. */
  readonly missing: Float64Array;
  /** What is not recorded inside nodes, a kind each. */
  readonly inner: readonly InnerKind[];
  readonly doubts: readonly RecordDoubt[];
}

/** Cards or cable sections by the nodes they lie in. */
export interface InnerKind {
  readonly kind: string;
  /** Recorded components, by node's component index. */
  readonly known: Int32Array;
  /** Lines without a record that fits, by node's component index. */
  readonly gaps: Int32Array;
  /** 1 for a line without one. */
  readonly isGap: Uint8Array;
}

/** Works the soft memberships out, in steps; a function of the set of rows. */
export function* softMemberships(
  rows: MembershipRows,
  settings: CauseSettings,
): Steps<Memberships> {
  const recorded = new Recorded(rows, settings);
  yield;
  const kinds = [...new Set(rows.components.map(({ kind }) => kind))];
  const inner: InnerKind[] = [];
  for (const kind of INNER_KINDS) {
    if (!kinds.includes(kind)) continue;
    inner.push(addInner(recorded, kind));
    yield;
  }
  const missing = estimateMissing(recorded, inner);
  for (const kind of kinds) {
    if (INNER_KINDS.has(kind)) continue;
    if (EXCLUSIVE_KINDS.has(kind)) addOuter(recorded, kind);
    else addShared(recorded, kind, missing);
    yield;
  }
  const { nodeOf, nodeLines, doubts } = recorded;
  if (rows.works?.length) addWorks(recorded, rows.works);
  const byLine = recorded.edges.byLine(recorded.lineCount, rows.components.length);
  return { byLine, nodeOf, nodeLines, missing, inner, doubts };
}

/** Share of inner records missing at each node, drawn a little towards that of all nodes. */
function estimateMissing(
  { nodeLines, settings }: Recorded,
  inner: readonly InnerKind[],
): Float64Array {
  const gapsAt = (node: number): number => inner.reduce((sum, { gaps }) => sum + gaps[node]!, 0);
  const places = nodeLines.reduce((sum, lines) => sum + lines, 0) * inner.length;
  let gaps = 0;
  for (let node = 0; node < nodeLines.length; node++) gaps += gapsAt(node);
  const overall = settings.missingRate ?? (places > 0 ? gaps / places : 0);
  return Float64Array.from(nodeLines, (lines, node) => {
    const estimate = (gapsAt(node) + 2 * overall) / (lines * inner.length + 2);
    return settings.missingRate ?? estimate;
  });
}

/** Nodes, areas, power rooms: recorded, else shared as among the node's known lines. */
function addOuter(recorded: Recorded, kind: string): void {
  const { lineCount, nodeOf, edges, settings } = recorded;
  const counts = new Map<number, Map<number, number>>();
  const right = 1 - settings.recordError;
  for (let line = 0; line < lineCount; line++) {
    const on = recorded.on(line, kind);
    for (const component of on) {
      edges.add(line, component, right / on.length);
      const node = nodeOf[line]!;
      if (node < 0) continue;
      const ofNode = counts.get(node) ?? new Map<number, number>();
      counts.set(node, ofNode.set(component, (ofNode.get(component) ?? 0) + 1 / on.length));
    }
  }
  for (let line = 0; line < lineCount; line++) {
    const node = nodeOf[line]!;
    if (node < 0 || recorded.on(line, kind).length > 0) continue;
    if (kind === 'node') {
      edges.add(line, node, right);
      continue;
    }
    let known = UNSEEN_LINES;
    for (const count of counts.get(node)?.values() ?? []) known += count;
    for (const [component, count] of counts.get(node) ?? []) {
      const weight = (count / known) * right;
      if (weight >= WEIGHT_MIN) edges.add(line, component, weight);
    }
  }
}

/** A work touches the lines of its components, as surely as they lie there. */
function addWorks(
  { edges, lineCount, rows }: Recorded,
  works: readonly (readonly [work: number, component: number])[],
): void {
  const { first, other, weight } = turned(
    edges.byLine(lineCount, rows.components.length),
    rows.components.length,
  );
  for (const [work, component] of works) {
    for (let i = first[component]!; i < first[component + 1]!; i++) {
      edges.add(other[i]!, work, weight[i]!);
    }
  }
}
