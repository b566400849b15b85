// Where lines and components are, as nodes: what is recorded, and what follows from it.

import type { Edges } from './edges.js';
import type { ComponentName } from './memberships.js';
import { INNER_KINDS } from './settings.js';

/** Nodes by their component index, -1 = not known. */
export interface Places {
  readonly ofLine: Int32Array;
  /** Of cards and cable sections; of other components -1. */
  readonly ofComponent: Int32Array;
  /** Lines of a node, by its component index. */
  readonly lines: Int32Array;
}

/** Places lines at their recorded node, else where their cards and cable sections lie. */
export function placesOf(
  components: readonly ComponentName[],
  byLine: Edges,
  byComponent: Edges,
): Places {
  const lineCount = byLine.first.length - 1;
  const ofLine = new Int32Array(lineCount).fill(-1);
  for (let line = 0; line < lineCount; line++) {
    ofLine[line] = only(byLine, line, (other) => (components[other]!.kind === 'node' ? other : -1));
  }
  const ofComponent = Int32Array.from(components, ({ kind }, component) =>
    INNER_KINDS.has(kind) ? homeOf(byComponent, component, ofLine) : -1,
  );
  const lines = new Int32Array(components.length);
  for (let line = 0; line < lineCount; line++) {
    if (ofLine[line]! < 0) ofLine[line] = only(byLine, line, (other) => ofComponent[other]!);
    if (ofLine[line]! >= 0) lines[ofLine[line]!]!++;
  }
  return { ofLine, ofComponent, lines };
}

/** The one node that a line's components tell of; -1 for none, or several. */
function only(
  { first, other }: Edges,
  line: number,
  nodeOf: (component: number) => number,
): number {
  let found = -1;
  for (let i = first[line]!; i < first[line + 1]!; i++) {
    const node = nodeOf(other[i]!);
    if (node < 0 || node === found) continue;
    if (found >= 0) return -1;
    found = node;
  }
  return found;
}

/** The node of more than half of a component's lines whose node is known, else -1. */
function homeOf({ first, other }: Edges, component: number, ofLine: Int32Array): number {
  const counts = new Map<number, number>();
  let known = 0;
  for (let i = first[component]!; i < first[component + 1]!; i++) {
    const node = ofLine[other[i]!]!;
    if (node < 0) continue;
    known++;
    counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  for (const [node, count] of counts) if (count * 2 > known) return node;
  return -1;
}
