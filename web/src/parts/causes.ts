// Root causes of a period as short rows: what it is, how many lines, since when.

import type { Cause, Causes } from '../../../src/api/cause-contract.js';
import { hrefOf } from '../shell/address.js';
import { get } from '../shell/api.js';
import { whole } from '../shell/format.js';
import { language, words } from '../shell/i18n.js';
import type { Span } from '../shell/scope.js';
import { serverNowMs } from '../shell/store.js';
import { COMMON } from '../shell/words.js';
import { clockNear } from '../shell/zone.js';
import { causeName } from './cause-name.js';
import { KeyedTable } from './table.js';

const t = words({
  ...COMMON,
  causes: ['Causes', '原因'],
  none: ['No cause.', '没有原因。'],
  hit: ['Lines', '线路'],
});

const LIMIT = 1000;

/**
 * Causes that begin in a period, of one line or of all, those that may still change first, and the time
 * they were read at.
 */
export async function causesOf(
  { from, to }: Span,
  signal: AbortSignal,
  line: string | null = null,
): Promise<{ readingMs: number | null; causes: Cause[] }> {
  const found = await get<Causes>('causes', { from, to, line, limit: LIMIT }, signal);
  return { readingMs: found.readingMs, causes: [...found.provisional, ...found.causes] };
}

/** Whether lines of it are still down, or it may still grow. */
export const isActive = ({ phase, closedMs }: Cause): boolean =>
  phase !== 'final' || closedMs === null;

/** Causes as a table; each leads to its page. */
export function causeTable(): KeyedTable<Cause> {
  return new KeyedTable<Cause>(
    [
      {
        title: t('cause'),
        class: 'wide',
        text: causeName,
        sub: ({ explanation }) => explanation[language()],
        href: ({ id }) => hrefOf('causes', id),
      },
      {
        title: t('hit'),
        class: 'number strong',
        text: ({ lines, members }) => `${whole(lines)} / ${whole(members)}`,
      },
      { title: t('since'), class: 'number', text: ({ at }) => clockNear(at, serverNowMs()) },
    ],
    ({ id }) => id,
    { caption: t('causes'), empty: t('none'), test: 'causes-then' },
  );
}
