// The cards of which several lines were interrupted, worst first: what a streak on the map is, in words.

import type { LineMap } from '../../../src/api/contract.js';
import { KeyedTable } from '../parts/table.js';
import { hrefOf } from '../shell/address.js';
import { whole } from '../shell/format.js';
import type { LineStates } from './line-map.js';
import { t } from './words.js';

const LINES_MIN = 3;
const ROWS = 30;

export interface Streak {
  readonly card: string;
  readonly branch: string;
  readonly lines: number;
  readonly hit: number;
  readonly starts: number;
}

/** The cards with at least three lines interrupted, by the share of their lines, then by starts. */
export function streaksOf(map: LineMap, { counts }: LineStates): Streak[] {
  const streaks: Streak[] = [];
  let branch = 0;
  for (const [index, { name, at }] of map.cards.entries()) {
    while ((map.branches[branch + 1]?.at ?? Number.POSITIVE_INFINITY) <= at) branch += 1;
    if (name === '') continue;
    const end = map.cards[index + 1]?.at ?? map.lines.length;
    let [hit, starts] = [0, 0];
    for (let line = at; line < end; line += 1) {
      if (counts[line] > 0) hit += 1;
      starts += counts[line];
    }
    if (hit < LINES_MIN) continue;
    streaks.push({ card: name, branch: map.branches[branch].name, lines: end - at, hit, starts });
  }
  const worst = streaks.toSorted(
    (a, b) => b.hit / b.lines - a.hit / a.lines || b.starts - a.starts,
  );
  return worst.slice(0, ROWS);
}

/** They as a table; each leads to the desk with that card's lines. */
export function streakTable(): KeyedTable<Streak> {
  return new KeyedTable<Streak>(
    [
      {
        title: t('card'),
        class: 'wide',
        text: ({ card }) => card,
        sub: ({ branch }) => branch,
        href: ({ card }) => hrefOf('', '', { by: 'card', kind: 'card', component: card }),
      },
      {
        title: t('hit'),
        class: 'number strong',
        text: ({ hit, lines }) => `${whole(hit)} / ${whole(lines)}`,
      },
      { title: t('starts'), class: 'number', text: ({ starts }) => whole(starts) },
    ],
    ({ card }) => card,
    { caption: t('cards'), empty: t('noCards'), test: 'streaks' },
  );
}
