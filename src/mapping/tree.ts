// The values that a mapping takes, as trees of objects and their members: one tree for the object,
// one for each record in it. Slots are numbered in a walk from the root down, so that what lies
// below a member is one range, which is forgotten when the member comes again.

import { MAPPING_DEPTH_MAX } from '../../assembly/mapping-layout.js';

/** An object that is looked into. */
export interface TreeNode {
  readonly members: Map<string, TreeMember>;
  /** Every other key. */
  any: TreeMember | null;
}

/** A member of an object: its value, its key, or what is below it, is taken. */
export interface TreeMember {
  node: TreeNode | null;
  takesValue: boolean;
  takesKey: boolean;
  slot: number;
  keySlot: number;
  /** Slots of this member and of all below it: [from, until). */
  from: number;
  until: number;
}

/** Something taken; its slot is known once the trees are numbered. */
export interface Taken {
  readonly member: TreeMember;
  readonly isKey: boolean;
}

/** Slot of something taken. */
export function slotOf({ member, isKey }: Taken): number {
  return isKey ? member.keySlot : member.slot;
}

/** An object of which nothing is taken yet. */
export function emptyNode(): TreeNode {
  return { members: new Map(), any: null };
}

/** A member of which nothing is taken yet. */
export function emptyMember(): TreeMember {
  const slots = { slot: -1, keySlot: -1, from: 0, until: 0 };
  return { node: null, takesValue: false, takesKey: false, ...slots };
}

/** Takes what a path leads to; null when it is too deep. A path that ends in null takes the key. */
export function take(root: TreeNode, parts: readonly (string | null)[]): Taken | null {
  const member = name(root, parts);
  if (member === null) return null;
  const isKey = parts.at(-1) === null;
  if (isKey) member.takesKey = true;
  else member.takesValue = true;
  return { member, isKey };
}

/** The member that a path leads to, so that it is no `other key`; null when it is too deep. */
export function name(root: TreeNode, parts: readonly (string | null)[]): TreeMember | null {
  if (parts.length > MAPPING_DEPTH_MAX) return null;
  let node = root;
  let member: TreeMember | null = null;
  for (const part of parts) {
    if (member !== null) node = member.node ??= emptyNode();
    member = memberOf(node, part);
  }
  return member;
}

function memberOf(node: TreeNode, part: string | null): TreeMember {
  if (part === null) return (node.any ??= emptyMember());
  const known = node.members.get(part);
  if (known) return known;
  const member = emptyMember();
  node.members.set(part, member);
  return member;
}

/** The members of an object, every other key last. */
export function membersOf(node: TreeNode): TreeMember[] {
  return node.any === null ? [...node.members.values()] : [...node.members.values(), node.any];
}

/** Numbers the slots of a tree from `first` on; the number behind the last. */
export function numberSlots(node: TreeNode, first: number): number {
  let next = first;
  for (const member of membersOf(node)) {
    member.from = next;
    if (member.takesKey) member.keySlot = next++;
    if (member.takesValue) member.slot = next++;
    if (member.node) next = numberSlots(member.node, next);
    member.until = next;
  }
  return next;
}
