// What the rows of a heat map are (branch, product, or the components of a kind) and where they lead:
// to the cell, with what the row stands for as a filter.

import type { QueryParts } from '../shell/address.js';
import { words } from '../shell/i18n.js';
import { COMMON } from '../shell/words.js';

const t = words({
  ...COMMON,
  area: ['Area', '区域'],
  node: ['Node', '局站'],
  power: ['Power room', '电源室'],
  trunk: ['Trunk section', '中继段'],
  cable: ['Cable section', '光缆段'],
  card: ['Card', '板卡'],
  port: ['Port', '端口'],
});

const KINDS = ['area', 'node', 'power', 'trunk', 'cable', 'card', 'port'] as const;

/** The title of rows; a kind of component that has no word of ours has its own. */
export function rowTitle(by: string): string {
  if (by === 'branch' || by === 'product') return t(by);
  const known = KINDS.find((kind) => kind === by);
  return known === undefined ? by : t(known);
}

/** What the rows of `by` are, in an address. */
export const byOf = (query: Readonly<Record<string, string>>): string => query['by'] ?? 'branch';

/** How the API is asked for such rows. */
export function rowsQuery(by: string): {
  by: 'branch' | 'product' | 'component';
  rows: string | null;
} {
  if (by === 'branch' || by === 'product') return { by, rows: null };
  return { by: 'component', rows: by };
}

/** The filter that leaves the lines of one row. */
export function rowFilter(by: string, name: string): QueryParts {
  if (by === 'branch' || by === 'product') return { [by]: name };
  return { kind: by, component: name };
}
