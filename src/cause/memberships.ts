// Which line lies on which component, as far as gappy records tell: recorded pairs with the share of
// them taken to be right, and soft pairs where a record is missing (SPEC section 7). What a name says
// is never read: a component's place is the node of most of its recorded lines.

import { EdgeList, type Edges, turned } from './edges.js';
import { placesOf } from './places.js';
import { logBinomial, logPoisson } from './poisson.js';
import { type CauseSettings, EXCLUSIVE_KINDS, INNER_KINDS } from './settings.js';

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

/** Weight of a record that speaks against the others. */
const DOUBTFUL = 0.05;
/** Lines of a pool that may lie on a component nobody recorded. */
const UNSEEN_LINES = 1;
/** A lone record of a shared component, where it has many lines at other nodes. */
const STRAY_SHARE = 0.05;
/** Estimated share at the node from which it is (SPEC section 7). */
const INFER_SHARE_MIN = 0.25;
/** Wrong records of one component at one node that are expected at least. */
const STRAYS_MIN = 0.002;
const WEIGHT_MIN = 0.02;

/** Works the soft memberships out; a function of the set of rows. */
export function softMemberships(rows: MembershipRows, settings: CauseSettings): Memberships {
  return new Softening(rows, settings).run();
}

class Softening {
  private readonly rows: MembershipRows;
  private readonly lineCount: number;
  private readonly settings: CauseSettings;
  private readonly recorded: Edges;
  private readonly members: Edges;
  private readonly edges = new EdgeList();
  private readonly doubts: RecordDoubt[] = [];
  private readonly nodeOf: Int32Array;
  private readonly home: Int32Array;
  private readonly nodeLines: Int32Array;
  private readonly missing: Float64Array;
  private readonly inner: InnerKind[] = [];

  constructor(rows: MembershipRows, settings: CauseSettings) {
    this.rows = rows;
    const lineCount = rows.lines.length;
    this.lineCount = lineCount;
    this.settings = settings;
    const list = new EdgeList();
    for (let i = 0; i < rows.line.length; i++) list.add(rows.line[i]!, rows.component[i]!, 1);
    this.recorded = list.byLine(lineCount, rows.components.length);
    this.members = turned(this.recorded, rows.components.length);
    const places = placesOf(rows.components, this.recorded, this.members);
    this.nodeOf = places.ofLine;
    this.home = places.ofComponent;
    this.nodeLines = places.lines;
    this.missing = new Float64Array(rows.components.length);
  }

  run(): Memberships {
    const inner = [...INNER_KINDS].filter((kind) => this.hasKind(kind));
    for (const kind of inner) this.addInner(kind);
    this.estimateMissing();
    for (const kind of this.kinds()) {
      if (INNER_KINDS.has(kind)) continue;
      if (EXCLUSIVE_KINDS.has(kind)) this.addOuter(kind);
      else this.addShared(kind);
    }
    const { nodeOf, nodeLines, missing, inner: kinds, doubts } = this;
    if (this.rows.works?.length) this.addWorks(this.rows.works);
    const byLine = this.edges.byLine(this.lineCount, this.rows.components.length);
    return { byLine, nodeOf, nodeLines, missing, inner: kinds, doubts };
  }

  private kinds(): string[] {
    return [...new Set(this.rows.components.map(({ kind }) => kind))];
  }

  private hasKind(kind: string): boolean {
    return this.rows.components.some((component) => component.kind === kind);
  }

  private isKind(component: number, kind: string): boolean {
    return this.rows.components[component]!.kind === kind;
  }

  /** Components of a kind that a line is recorded on. */
  private recordedOn(line: number, kind: string): number[] {
    const found: number[] = [];
    for (let i = this.recorded.first[line]!; i < this.recorded.first[line + 1]!; i++) {
      if (this.isKind(this.recorded.other[i]!, kind)) found.push(this.recorded.other[i]!);
    }
    return found;
  }

  /** Cards or cable sections: a recorded one of the line's node, else shared among the node's. */
  private addInner(kind: string): void {
    const { lineCount } = this;
    const { components } = this.rows;
    const lines = new Int32Array(components.length);
    const pool = new Uint8Array(lineCount);
    for (let line = 0; line < lineCount; line++) {
      const node = this.nodeOf[line]!;
      const on = this.recordedOn(line, kind);
      const fits = on.filter((c) => node < 0 || this.home[c] < 0 || this.home[c] === node);
      for (const component of fits) {
        lines[component]!++;
        this.edges.add(line, component, (1 - this.settings.recordError) / fits.length);
      }
      for (const component of on) {
        if (fits.includes(component)) continue;
        this.edges.add(line, component, DOUBTFUL);
        this.doubts.push({ line, component });
      }
      if (fits.length === 0 && node >= 0) pool[line] = 1;
    }
    const ofNode = this.innerOf(kind);
    const known = new Int32Array(components.length);
    const gaps = new Int32Array(components.length);
    for (const [node, list] of ofNode) known[node] = list.length;
    this.inner.push({ kind, known, gaps, isGap: pool });
    for (let line = 0; line < lineCount; line++) {
      if (pool[line] === 0) continue;
      const node = this.nodeOf[line]!;
      gaps[node]!++;
      const candidates = ofNode.get(node);
      if (candidates) this.addPool(line, candidates, lines);
    }
  }

  private innerOf(kind: string): Map<number, number[]> {
    const ofNode = new Map<number, number[]>();
    for (let component = 0; component < this.rows.components.length; component++) {
      const home = this.home[component]!;
      if (home < 0 || !this.isKind(component, kind)) continue;
      const list = ofNode.get(home);
      if (list) list.push(component);
      else ofNode.set(home, [component]);
    }
    return ofNode;
  }

  private addPool(line: number, candidates: number[], lines: Int32Array): void {
    let known = 0;
    for (const component of candidates) known += lines[component]!;
    for (const component of candidates) {
      const share = lines[component]! / (known + UNSEEN_LINES);
      const weight = share * (1 - this.settings.recordError);
      if (weight >= WEIGHT_MIN) this.edges.add(line, component, weight);
    }
  }

  /** Share of inner records missing at each node, drawn a little towards that of all nodes. */
  private estimateMissing(): void {
    const { inner, nodeLines, settings } = this;
    const gapsAt = (node: number): number => inner.reduce((sum, { gaps }) => sum + gaps[node]!, 0);
    const places = this.nodeLines.reduce((sum, lines) => sum + lines, 0) * inner.length;
    let gaps = 0;
    for (let node = 0; node < nodeLines.length; node++) gaps += gapsAt(node);
    const overall = settings.missingRate ?? (places > 0 ? gaps / places : 0);
    for (let node = 0; node < nodeLines.length; node++) {
      const estimate = (gapsAt(node) + 2 * overall) / (nodeLines[node]! * inner.length + 2);
      this.missing[node] = settings.missingRate ?? estimate;
    }
  }

  /** Nodes, areas, power rooms: recorded, else shared as among the node's known lines. */
  private addOuter(kind: string): void {
    const { lineCount } = this;
    const counts = new Map<number, Map<number, number>>();
    const right = 1 - this.settings.recordError;
    for (let line = 0; line < lineCount; line++) {
      const on = this.recordedOn(line, kind);
      for (const component of on) {
        this.edges.add(line, component, right / on.length);
        const node = this.nodeOf[line]!;
        if (node < 0) continue;
        const ofNode = counts.get(node) ?? new Map<number, number>();
        counts.set(node, ofNode.set(component, (ofNode.get(component) ?? 0) + 1 / on.length));
      }
    }
    for (let line = 0; line < lineCount; line++) {
      const node = this.nodeOf[line]!;
      if (node < 0 || this.recordedOn(line, kind).length > 0) continue;
      if (kind === 'node') {
        this.edges.add(line, node, right);
        continue;
      }
      let known = UNSEEN_LINES;
      for (const count of counts.get(node)?.values() ?? []) known += count;
      for (const [component, count] of counts.get(node) ?? []) {
        const weight = (count / known) * right;
        if (weight >= WEIGHT_MIN) this.edges.add(line, component, weight);
      }
    }
  }

  /** Trunk sections and whatever lines may have several of. */
  private addShared(kind: string): void {
    const linesAt = this.linesAtNodes();
    const right = 1 - this.settings.recordError;
    for (let component = 0; component < this.rows.components.length; component++) {
      if (!this.isKind(component, kind)) continue;
      const counts = new Map<number, number>();
      for (let i = this.members.first[component]!; i < this.members.first[component + 1]!; i++) {
        const node = this.nodeOf[this.members.other[i]!]!;
        counts.set(node, (counts.get(node) ?? 0) + 1);
      }
      const most = Math.max(...counts.values());
      for (let i = this.members.first[component]!; i < this.members.first[component + 1]!; i++) {
        const line = this.members.other[i]!;
        const node = this.nodeOf[line]!;
        const share = node < 0 ? 1 : counts.get(node)! / this.nodeLines[node]!;
        const stray = kind !== 'work' && counts.get(node) === 1 && most >= 5 && share < STRAY_SHARE;
        this.edges.add(line, component, stray ? DOUBTFUL : right);
        if (stray) this.doubts.push({ line, component });
      }
      if (kind === 'work') continue;
      for (const [node, count] of counts) this.inferShared(component, node, count, linesAt);
    }
  }

  /** The lines of a node that may lie on it without a record saying so. */
  private inferShared(
    component: number,
    node: number,
    count: number,
    linesAt: ReadonlyMap<number, readonly number[]>,
  ): void {
    if (node < 0) return;
    const { lineCount } = this;
    const { components } = this.rows;
    const lines = this.nodeLines[node]!;
    const share = count / lines;
    const kept = Math.max(0.02, 1 - this.missing[node]!);
    const whole = Math.min(1, share / kept);
    if (whole < INFER_SHARE_MIN || share >= 1) return;
    const size = this.members.first[component + 1]! - this.members.first[component]!;
    const stray = Math.max(STRAYS_MIN, (lines / lineCount) * size * this.settings.recordError);
    const doubt =
      logPoisson(count, stray) -
      logBinomial(count, lines, Math.min(0.98, whole * kept)) +
      Math.log(components.length);
    const isOn = 1 / (1 + Math.exp(doubt));
    const weight = isOn * ((whole - share) / (1 - share)) * (1 - this.settings.recordError);
    if (weight < WEIGHT_MIN) return;
    for (const line of linesAt.get(node) ?? []) this.edges.add(line, component, weight);
  }

  /** A work touches the lines of its components, as surely as they lie there. */
  private addWorks(works: readonly (readonly [work: number, component: number])[]): void {
    const { first, other, weight } = turned(
      this.edges.byLine(this.lineCount, this.rows.components.length),
      this.rows.components.length,
    );
    for (const [work, component] of works) {
      for (let i = first[component]!; i < first[component + 1]!; i++) {
        this.edges.add(other[i]!, work, weight[i]!);
      }
    }
  }

  private linesAtNodes(): ReadonlyMap<number, readonly number[]> {
    const lines = new Map<number, number[]>();
    for (let line = 0; line < this.lineCount; line++) {
      const node = this.nodeOf[line]!;
      if (node < 0) continue;
      const list = lines.get(node);
      if (list) list.push(line);
      else lines.set(node, [line]);
    }
    return lines;
  }
}
