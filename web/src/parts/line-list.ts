// Lines with what they had in a period, in four columns that fit beside a heat map: the lines of
// a cell, the worst lines of the day.

import type { Worst } from '../../../src/api/contract.js';
import { whose } from './flapping-list.js';
import { duration, whole } from '../shell/format.js';
import { t } from '../shell/words.js';
import { KeyedTable } from './table.js';

export type Line = Worst['rows'][number];

/** A table of lines; each leads to where `hrefOf` says. */
export function lineList(
  hrefOf: (line: string) => string,
  texts: { caption: string; empty: string; test: string },
): KeyedTable<Line> {
  return new KeyedTable<Line>(
    [
      {
        title: t('line'),
        class: 'wide',
        text: (row) => row.line,
        href: (row) => hrefOf(row.line),
        sub: whose,
      },
      {
        title: t('interruptions'),
        class: 'number strong',
        text: (row) => whole(row.interruptions),
      },
      { title: t('downTime'), class: 'number', text: (row) => duration(row.downMs) },
      {
        title: t('state'),
        class: 'state',
        text: (row) => (row.down ? t('down') : t('up')),
        mark: (row) => (row.down ? 'is-down' : 'is-up'),
      },
    ],
    (row) => row.line,
    texts,
  );
}
