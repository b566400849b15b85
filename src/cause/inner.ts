// Memberships of cards and cable sections, which lie within one node: a recorded one where it fits the
// line's node, else shared among the node's as its known lines are.

import type { InnerKind } from './memberships.js';
import type { Recorded } from './recorded.js';

/** Lines of a pool that may lie on a component nobody recorded. */
export const UNSEEN_LINES = 1;
/** Weaker memberships are left out. */
export const WEIGHT_MIN = 0.02;

/** Adds those of a kind; returns what is not recorded of it. */
export function addInner(recorded: Recorded, kind: string): InnerKind {
  const { components } = recorded.rows;
  const { isGap, lines } = addRecorded(recorded, kind);
  const ofNode = componentsByNode(recorded, kind);
  const known = new Int32Array(components.length);
  const gaps = new Int32Array(components.length);
  for (const [node, list] of ofNode) known[node] = list.length;
  for (let line = 0; line < recorded.lineCount; line++) {
    if (isGap[line] === 0) continue;
    const node = recorded.nodeOf[line]!;
    gaps[node]!++;
    const candidates = ofNode.get(node);
    if (candidates) addPool(recorded, line, candidates, lines);
  }
  return { kind, known, gaps, isGap };
}

/** Adds recorded ones; returns which lines have none that fits, and the lines by component. */
function addRecorded(recorded: Recorded, kind: string): { isGap: Uint8Array; lines: Int32Array } {
  const { lineCount, nodeOf, home, edges, settings } = recorded;
  const lines = new Int32Array(recorded.rows.components.length);
  const isGap = new Uint8Array(lineCount);
  for (let line = 0; line < lineCount; line++) {
    const node = nodeOf[line]!;
    const on = recorded.on(line, kind);
    const fits = on.filter((c) => node < 0 || home[c]! < 0 || home[c] === node);
    for (const component of fits) {
      lines[component]!++;
      edges.add(line, component, (1 - settings.recordError) / fits.length);
    }
    for (const component of on) if (!fits.includes(component)) recorded.doubt(line, component);
    if (fits.length === 0 && node >= 0) isGap[line] = 1;
  }
  return { isGap, lines };
}

function componentsByNode({ rows, home }: Recorded, kind: string): Map<number, number[]> {
  const ofNode = new Map<number, number[]>();
  for (const [component, name] of rows.components.entries()) {
    const node = home[component]!;
    if (node < 0 || name.kind !== kind) continue;
    const list = ofNode.get(node);
    if (list) list.push(component);
    else ofNode.set(node, [component]);
  }
  return ofNode;
}

function addPool(
  { edges, settings }: Recorded,
  line: number,
  candidates: readonly number[],
  lines: Int32Array,
): void {
  let known = 0;
  for (const component of candidates) known += lines[component]!;
  for (const component of candidates) {
    const share = lines[component]! / (known + UNSEEN_LINES);
    const weight = share * (1 - settings.recordError);
    if (weight >= WEIGHT_MIN) edges.add(line, component, weight);
  }
}
