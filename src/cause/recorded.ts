// Records in force as the memberships are worked out from: recorded pairs from both ends, and where lines
// and components are.

import { EdgeList, type Edges, turned } from './edges.js';
import type { MembershipRows, RecordDoubt } from './memberships.js';
import { placesOf } from './places.js';
import type { CauseSettings } from './settings.js';

/** Weight of a record that speaks against the others. */
const DOUBTFUL = 0.05;

/** Records, and the memberships and doubts that are gathered from them. */
export class Recorded {
  readonly rows: MembershipRows;
  readonly settings: CauseSettings;
  readonly lineCount: number;
  readonly byLine: Edges;
  readonly byComponent: Edges;
  /** A line's node, and the one that a card or cable section lies in; -1 = not known. */
  readonly nodeOf: Int32Array;
  readonly home: Int32Array;
  /** Lines of a node, by its component index. */
  readonly nodeLines: Int32Array;
  readonly edges = new EdgeList();
  readonly doubts: RecordDoubt[] = [];

  constructor(rows: MembershipRows, settings: CauseSettings) {
    this.rows = rows;
    this.settings = settings;
    this.lineCount = rows.lines.length;
    const list = new EdgeList();
    for (let i = 0; i < rows.line.length; i++) list.add(rows.line[i]!, rows.component[i]!, 1);
    this.byLine = list.byLine(this.lineCount, rows.components.length);
    this.byComponent = turned(this.byLine, rows.components.length);
    const places = placesOf(rows.components, this.byLine, this.byComponent);
    this.nodeOf = places.ofLine;
    this.home = places.ofComponent;
    this.nodeLines = places.lines;
  }

  isKind(component: number, kind: string): boolean {
    return this.rows.components[component]!.kind === kind;
  }

  /** Components of a kind that a line is recorded on. */
  on(line: number, kind: string): number[] {
    const { first, other } = this.byLine;
    const found: number[] = [];
    for (let i = first[line]!; i < first[line + 1]!; i++) {
      if (this.isKind(other[i]!, kind)) found.push(other[i]!);
    }
    return found;
  }

  /** A record that the others speak against. */
  doubt(line: number, component: number): void {
    this.edges.add(line, component, DOUBTFUL);
    this.doubts.push({ line, component });
  }
}
