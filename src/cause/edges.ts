// Edges between lines and components as columns, by line and by component. Duplicates are joined; the
// order of the rows does not show in the result.

/** Weights are whole multiples of 1 / this: sums of them are exact, whatever the order. */
const WEIGHT_UNITS = 65_536;

/** Rows of (line, component) with a weight, in any order. */
export class EdgeList {
  private lines = new Int32Array(1024);
  private components = new Int32Array(1024);
  private weights = new Float64Array(1024);
  count = 0;

  add(line: number, component: number, weight: number): void {
    if (this.count === this.lines.length) this.enlarge();
    this.lines[this.count] = line;
    this.components[this.count] = component;
    this.weights[this.count++] = Math.round(weight * WEIGHT_UNITS) / WEIGHT_UNITS;
  }

  /** Lists by line; of equal pairs the largest weight counts. */
  byLine(lineCount: number, componentCount: number): Edges {
    const { lines: group, components: other, weights: weight } = this;
    return grouped(lineCount, componentCount, this.count, { group, other, weight });
  }

  private enlarge(): void {
    const size = this.count * 2;
    this.lines = copyInto(new Int32Array(size), this.lines);
    this.components = copyInto(new Int32Array(size), this.components);
    this.weights = copyInto(new Float64Array(size), this.weights);
  }
}

function copyInto<Column extends Int32Array | Float64Array>(to: Column, from: Column): Column {
  to.set(from);
  return to;
}

/** Lists of (other end, weight): those of x stand from first[x] to first[x + 1], ordered by other. */
export interface Edges {
  readonly first: Int32Array;
  readonly other: Int32Array;
  readonly weight: Float64Array;
}

/** The same edges from the other end. */
export function turned(edges: Edges, otherCount: number): Edges {
  const count = edges.other.length;
  const owner = new Int32Array(count);
  for (let x = 0; x + 1 < edges.first.length; x++)
    owner.fill(x, edges.first[x], edges.first[x + 1]);
  const { other: group, weight } = edges;
  return grouped(otherCount, edges.first.length - 1, count, { group, other: owner, weight });
}

/** Rows in the order of a column of indices below `groups`, stably. */
function orderBy(column: Int32Array, groups: number, rows: Int32Array): Int32Array {
  const at = new Int32Array(groups + 1);
  for (const row of rows) at[column[row]! + 1]!++;
  for (let x = 0; x < groups; x++) at[x + 1]! += at[x]!;
  const ordered = new Int32Array(rows.length);
  for (const row of rows) ordered[at[column[row]!]++] = row;
  return ordered;
}

function grouped(
  groups: number,
  others: number,
  count: number,
  { group, other, weight }: { group: Int32Array; other: Int32Array; weight: Float64Array },
): Edges {
  const all = new Int32Array(count);
  for (let row = 0; row < count; row++) all[row] = row;
  const rows = orderBy(group, groups, orderBy(other, others, all));
  const first = new Int32Array(groups + 1);
  const kept = { other: new Int32Array(count), weight: new Float64Array(count) };
  let out = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    const before = i > 0 ? rows[i - 1]! : -1;
    if (before >= 0 && group[before] === group[row] && other[before] === other[row]) {
      kept.weight[out - 1] = Math.max(kept.weight[out - 1]!, weight[row]!);
      continue;
    }
    kept.other[out] = other[row]!;
    kept.weight[out++] = weight[row]!;
    first[group[row]! + 1]!++;
  }
  for (let x = 0; x < groups; x++) first[x + 1]! += first[x]!;
  return { first, other: kept.other.slice(0, out), weight: kept.weight.slice(0, out) };
}
