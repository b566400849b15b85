// The network as the burst engine reads it: weighted memberships by line and by component, and of each
// component its size and the log-likelihood of none of its lines being hit, for every share.

import { type Edges, turned } from './edges.js';
import {
  type ComponentName,
  type InnerKind,
  type Memberships,
  type MembershipRows,
  type RecordDoubt,
  softMemberships,
} from './memberships.js';
import { type CauseSettings, CONTAINER_KINDS, DIFFUSE_SHARES, SHARES } from './settings.js';
import type { Steps } from './steps.js';

/** Shares of a cause's members, the diffuse ones first. */
export const GRID: readonly number[] = [...DIFFUSE_SHARES, ...SHARES];
/** Index in GRID of the first share that names a component. */
export const NAMED_FROM = DIFFUSE_SHARES.length;

/** Share of records missing from which a node tells little of what is usual. */
const POOR = 0.5;

/** Everything of one set of records that a burst is judged by. */
export interface Network {
  /** Names of the lines by index. */
  readonly lines: readonly string[];
  /** Lines that lie on any component. */
  readonly knownLines: number;
  readonly components: readonly ComponentName[];
  readonly byLine: Edges;
  readonly byComponent: Edges;
  /** Sum of the weights of a component's members. */
  readonly size: Float64Array;
  /** Sum of ln(1 - w h) over a component's members, GRID.length values each. */
  readonly quiet: Float64Array;
  /** -ln(components of the kind * kinds). */
  readonly prior: Float64Array;
  /** 1 where a share too small to blame the component can be told. */
  readonly isContainer: Uint8Array;
  readonly nodeOf: Int32Array;
  /** Lines of a node, and the share of their records that is missing, by its component index. */
  readonly nodeLines: Int32Array;
  readonly missing: Float64Array;
  readonly inner: readonly HiddenKind[];
  /** Shared components (trunk sections) that a node lies on, on average, over their number. */
  readonly sharedChance: number;
  readonly kinds: number;
  readonly doubts: readonly RecordDoubt[];
}

/** Components of an inner kind that no record names. */
export interface HiddenKind {
  readonly kind: string;
  /** Lines of a usual one. */
  readonly size: number;
  /** -ln(components of the kind * kinds). */
  readonly prior: number;
  /** Recorded components of a node, by its component index. */
  readonly known: Int32Array;
  /** Lines without a record, by node's component index. */
  readonly gaps: Int32Array;
  /** 1 for a line without one. */
  readonly isGap: Uint8Array;
}

/** Makes the network of the records in force, in steps. */
export function* networkSteps(rows: MembershipRows, settings: CauseSettings): Steps<Network> {
  const soft = yield* softMemberships(rows, settings);
  yield;
  const { byLine, nodeOf, nodeLines, missing, doubts } = soft;
  const { lines, components } = rows;
  const byComponent = turned(byLine, components.length);
  yield;
  const size = new Float64Array(components.length);
  const quiet = new Float64Array(components.length * GRID.length);
  const logs = new QuietLogs();
  for (let component = 0; component < components.length; component++) {
    for (let i = byComponent.first[component]!; i < byComponent.first[component + 1]!; i++) {
      const weight = byComponent.weight[i]!;
      size[component]! += weight;
      const ofWeight = logs.of(weight);
      for (let g = 0; g < GRID.length; g++) quiet[component * GRID.length + g]! += ofWeight[g]!;
    }
  }
  yield;
  const prior = priorsOf(components);
  return {
    lines,
    knownLines: countKnown(byLine),
    components,
    byLine,
    byComponent,
    size,
    quiet,
    prior,
    isContainer: Uint8Array.from(components, ({ kind }) => (CONTAINER_KINDS.has(kind) ? 1 : 0)),
    nodeOf,
    nodeLines,
    missing,
    inner: soft.inner.map((kind) => hiddenKind(kind, soft, components, prior)),
    sharedChance: sharedChance(components, nodeLines, byComponent, nodeOf),
    kinds: new Set(components.map(({ kind }) => kind)).size,
    doubts,
  };
}

/** ln(1 - w h) for every share; few weights are many members', and logarithms are dear. */
class QuietLogs {
  private readonly made = new Map<number, Float64Array>();

  of(weight: number): Float64Array {
    const before = this.made.get(weight);
    if (before) return before;
    const logs = Float64Array.from(GRID, (share) => Math.log1p(-weight * share));
    this.made.set(weight, logs);
    return logs;
  }
}

/** How large the components of a kind usually are where records are good. */
function hiddenKind(
  { kind, known, gaps, isGap }: InnerKind,
  { nodeLines, missing }: Memberships,
  components: readonly ComponentName[],
  prior: Float64Array,
): HiddenKind {
  let lines = 0;
  let count = 0;
  let kindPrior = 0;
  for (let node = 0; node < nodeLines.length; node++) {
    if (known[node] === 0 || missing[node]! > POOR) continue;
    lines += nodeLines[node]!;
    count += known[node]!;
  }
  for (const [component, name] of components.entries()) {
    if (name.kind !== kind) continue;
    kindPrior = prior[component]!;
  }
  const usual = count > 0 ? lines / count : 0;
  return { kind, size: Math.max(1, usual), prior: kindPrior, known, gaps, isGap };
}

/** Chance that a node lies on a given shared component. */
function sharedChance(
  components: readonly ComponentName[],
  nodeLines: Int32Array,
  byComponent: Edges,
  nodeOf: Int32Array,
): number {
  let places = 0;
  let shared = 0;
  for (const [component, { kind }] of components.entries()) {
    if (kind !== 'trunk') continue;
    shared++;
    const nodes = new Map<number, number>();
    for (let i = byComponent.first[component]!; i < byComponent.first[component + 1]!; i++) {
      const node = nodeOf[byComponent.other[i]!]!;
      nodes.set(node, (nodes.get(node) ?? 0) + byComponent.weight[i]!);
    }
    for (const [node, weight] of nodes) if (node >= 0 && weight * 2 > nodeLines[node]!) places++;
  }
  const nodes = nodeLines.filter((lines) => lines > 0).length;
  return shared > 0 && nodes > 0 ? Math.max(1, places / nodes) / shared : 0;
}

function countKnown({ first }: Edges): number {
  let known = 0;
  for (let line = 0; line + 1 < first.length; line++) if (first[line + 1]! > first[line]!) known++;
  return known;
}

/** Works in progress that a work is taken to be one of: raises its prior (SPEC section 7). */
const WORKS_IN_PROGRESS = 10;

function priorsOf(components: readonly ComponentName[]): Float64Array {
  const ofKind = new Map<string, number>();
  for (const { kind } of components) ofKind.set(kind, (ofKind.get(kind) ?? 0) + 1);
  return Float64Array.from(components, ({ kind }) => {
    const count = kind === 'work' ? WORKS_IN_PROGRESS : ofKind.get(kind)!;
    return -Math.log(count * ofKind.size);
  });
}
