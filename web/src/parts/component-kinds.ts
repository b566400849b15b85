// The kinds of components in the page's language; a kind of the operator's own stays as it is recorded.

import { words } from '../shell/i18n.js';

const t = words({
  port: ['port', '端口'],
  card: ['card', '板卡'],
  cable: ['cable', '光缆段'],
  trunk: ['trunk', '中继段'],
  node: ['node', '局站'],
  power: ['power', '电源室'],
  area: ['area', '区域'],
  work: ['work', '割接'],
});

/** Kinds of SPEC section 7, from the narrowest on. */
export const KINDS = ['port', 'card', 'cable', 'trunk', 'node', 'power', 'area', 'work'] as const;

/** The word for a kind. */
export function componentKind(kind: string): string {
  const known = KINDS.find((one) => one === kind);
  return known === undefined ? kind : t(known);
}
