// Memberships of trunk sections and whatever else a line may lie on several of: recorded ones, and those
// that so many lines of a node are recorded on that its others likely lie there too (SPEC section 7).

import { WEIGHT_MIN } from './inner.js';
import { logBinomial, logPoisson } from './poisson.js';
import type { Recorded } from './recorded.js';

/** A lone record of a shared component, where it has many lines at other nodes. */
const STRAY_SHARE = 0.05;
/** Estimated share at the node from which it is (SPEC section 7). */
const INFER_SHARE_MIN = 0.25;
/** Wrong records of one component at one node that are expected at least. */
const STRAYS_MIN = 0.002;

/** Adds those of a kind. `missing` = share of records missing, by node. */
export function addShared(recorded: Recorded, kind: string, missing: Float64Array): void {
  const { rows, nodeOf, nodeLines, edges } = recorded;
  const { first, other } = recorded.byComponent;
  const linesAt = linesAtNodes(recorded);
  const right = 1 - recorded.settings.recordError;
  for (const [component, name] of rows.components.entries()) {
    if (name.kind !== kind) continue;
    const counts = new Map<number, number>();
    for (let i = first[component]!; i < first[component + 1]!; i++) {
      const node = nodeOf[other[i]!]!;
      counts.set(node, (counts.get(node) ?? 0) + 1);
    }
    const most = Math.max(...counts.values());
    for (let i = first[component]!; i < first[component + 1]!; i++) {
      const line = other[i]!;
      const node = nodeOf[line]!;
      const share = node < 0 ? 1 : counts.get(node)! / nodeLines[node]!;
      const stray = kind !== 'work' && counts.get(node) === 1 && most >= 5 && share < STRAY_SHARE;
      if (stray) recorded.doubt(line, component);
      else edges.add(line, component, right);
    }
    if (kind === 'work') continue;
    for (const [node, count] of counts) {
      if (node < 0) continue;
      const weight = inferredWeight(recorded, component, node, count, missing[node]!);
      if (weight < WEIGHT_MIN) continue;
      for (const line of linesAt.get(node) ?? []) edges.add(line, component, weight);
    }
  }
}

/** How surely a line of a node lies on it without a record saying so, `count` of them being recorded. */
function inferredWeight(
  { rows, nodeLines, byComponent, lineCount, settings }: Recorded,
  component: number,
  node: number,
  count: number,
  missing: number,
): number {
  const lines = nodeLines[node]!;
  const share = count / lines;
  const kept = Math.max(0.02, 1 - missing);
  const whole = Math.min(1, share / kept);
  if (whole < INFER_SHARE_MIN || share >= 1) return 0;
  const size = byComponent.first[component + 1]! - byComponent.first[component]!;
  const stray = Math.max(STRAYS_MIN, (lines / lineCount) * size * settings.recordError);
  const doubt =
    logPoisson(count, stray) -
    logBinomial(count, lines, Math.min(0.98, whole * kept)) +
    Math.log(rows.components.length);
  const isOn = 1 / (1 + Math.exp(doubt));
  return isOn * ((whole - share) / (1 - share)) * (1 - settings.recordError);
}

function linesAtNodes({ lineCount, nodeOf }: Recorded): ReadonlyMap<number, readonly number[]> {
  const lines = new Map<number, number[]>();
  for (let line = 0; line < lineCount; line++) {
    const node = nodeOf[line]!;
    if (node < 0) continue;
    const list = lines.get(node);
    if (list) list.push(line);
    else lines.set(node, [line]);
  }
  return lines;
}
