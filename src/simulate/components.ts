// What the simulated lines share: nodes (about 620 for 48,840 lines), cards of about 16 lines,
// cable sections of about 45, trunk sections that a few neighbouring nodes share, power rooms and
// areas. Invariant: a line has exactly one card, cable, node, power room and area, and one to
// three trunks.

import type { Random } from './random.js';
import { BRANCHES, sharesOf } from './province.js';

export const COMPONENT_KINDS = ['card', 'cable', 'trunk', 'node', 'power', 'area'] as const;
export type ComponentKind = (typeof COMPONENT_KINDS)[number];

/** Something lines share (SPEC section 2). */
export interface Component {
  readonly kind: ComponentKind;
  readonly name: string;
  /** line indices, ascending */
  readonly lines: Int32Array;
}

const LINES_PER_NODE = 48_840 / 620;
const LINES_PER_CARD = 16;
const LINES_PER_CABLE = 45;
const NODES_PER_TRUNK = 620 / 260;
const NODES_PER_POWER_ROOM = 2;
const NODES_PER_AREA = 8;
const TRUNK_REACH = 3;
const NODE_SIZE_SHAPE = 1.5;

interface Node {
  readonly branch: number;
  /** ordinal within the branch, from 0 */
  readonly ordinal: number;
  readonly lines: number[];
}

/** Places every line on a node of its branch and the nodes on what they share. */
export function buildComponents(branchOf: Uint8Array, random: Random): Component[] {
  const nodes = placeLines(branchOf, random);
  const members = new Map<string, { kind: ComponentKind; lines: number[] }>();
  const put = (kind: ComponentKind, name: string, lines: readonly number[] | Int32Array): void => {
    const known = members.get(name);
    if (known === undefined) members.set(name, { kind, lines: [...lines] });
    else for (const line of lines) known.lines.push(line);
  };
  const trunkCount = Math.max(1, Math.round(nodes.length / NODES_PER_TRUNK));
  nodes.forEach((node, index) => {
    const code = BRANCHES[node.branch].code;
    const name = `${code}-N${pad(node.ordinal + 1, 3)}`;
    put('node', name, node.lines);
    put(
      'power',
      `${code}-P${pad(Math.floor(node.ordinal / NODES_PER_POWER_ROOM) + 1, 3)}`,
      node.lines,
    );
    put('area', `${code}-A${pad(Math.floor(node.ordinal / NODES_PER_AREA) + 1, 2)}`, node.lines);
    deal(node.lines, LINES_PER_CARD, random, (i, lines) =>
      put('card', `${name}-C${pad(i + 1, 2)}`, lines),
    );
    deal(node.lines, LINES_PER_CABLE, random, (i, lines) =>
      put('cable', `${name}-K${pad(i + 1, 2)}`, lines),
    );
    for (const trunk of trunksOf(index, nodes.length, trunkCount, random)) {
      put('trunk', `T${pad(trunk + 1, 3)}`, node.lines);
    }
  });
  return COMPONENT_KINDS.flatMap((kind) =>
    [...members]
      .filter(([, member]) => member.kind === kind)
      .map(([name, member]) => ({ kind, name, lines: Int32Array.from(member.lines).toSorted() }))
      .toSorted((x, y) => (x.name < y.name ? -1 : 1)),
  );
}

function placeLines(branchOf: Uint8Array, random: Random): Node[] {
  const nodeCount = Math.max(BRANCHES.length, Math.round(branchOf.length / LINES_PER_NODE));
  const nodes: Node[] = [];
  const byBranch = sharesOf(BRANCHES, nodeCount).map((count, branch) => {
    const own = Array.from({ length: count }, (_, ordinal) => ({ branch, ordinal, lines: [] }));
    nodes.push(...own);
    return { own, cumulative: cumulativeSizes(count, random) };
  });
  branchOf.forEach((branch, line) => {
    const { own, cumulative } = byBranch[branch];
    const mark = random.next() * cumulative[cumulative.length - 1];
    const node: Node =
      own[
        Math.max(
          0,
          cumulative.findIndex((sum) => sum >= mark),
        )
      ];
    node.lines.push(line);
  });
  return nodes.filter((node) => node.lines.length > 0);
}

function cumulativeSizes(count: number, random: Random): number[] {
  let sum = 0;
  return Array.from({ length: count }, () => (sum += random.gamma(NODE_SIZE_SHAPE)));
}

function deal(
  lines: readonly number[],
  size: number,
  random: Random,
  put: (index: number, lines: Int32Array) => void,
): void {
  const shuffled = Int32Array.from(lines);
  random.shuffle(shuffled);
  const groups = Math.ceil(lines.length / size);
  for (let i = 0; i < groups; i++) {
    put(
      i,
      shuffled.filter((_, position) => position % groups === i),
    );
  }
}

function trunksOf(node: number, nodes: number, trunks: number, random: Random): Set<number> {
  const centre = Math.floor((node * trunks) / nodes);
  const found = new Set<number>();
  for (let i = 1 + random.int(3); i > 0; i--) {
    const step = random.int(2 * TRUNK_REACH + 1) - TRUNK_REACH;
    found.add((centre + step + trunks) % trunks);
  }
  return found;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
