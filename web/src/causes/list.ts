// The list of root causes: those that may still change first, then those of the period.

import type { Cause, Causes } from '../../../src/api/cause-contract.js';
import { type Address, hrefOf } from '../shell/address.js';
import { get } from '../shell/api.js';
import { el } from '../shell/dom.js';
import { percent, whole } from '../shell/format.js';
import { LiveQuery } from '../shell/live-query.js';
import { type Span, filterQuery, scopeOf, spanOf } from '../shell/scope.js';
import { serverNowMs } from '../shell/store.js';
import type { View } from '../shell/view.js';
import * as zone from '../shell/zone.js';
import { exportLinks } from '../parts/export-links.js';
import { filterBar } from '../parts/filter-bar.js';
import { panel } from '../parts/panel.js';
import { periodPicker } from '../parts/period-picker.js';
import { KeyedTable } from '../parts/table.js';
import { causeName } from '../parts/cause-name.js';
import { evidenceOf, t } from './words.js';

const PERIODS = ['today', '24h', '7d', '30d', 'month'] as const;
const GAP_MS = 1_000;
const MAX_AGE_MS = 15_000;
const LIMIT = 500;

const time = (ms: number): string => zone.clockNear(ms, serverNowMs());

function table(): KeyedTable<Cause> {
  return new KeyedTable<Cause>(
    [
      { title: t('begin'), class: 'number', text: ({ at }) => time(at) },
      {
        title: t('component'),
        class: 'wide',
        text: causeName,
        sub: evidenceOf,
        href: ({ id }) => hrefOf('causes', id),
      },
      {
        title: t('hit'),
        class: 'number strong barred',
        text: ({ lines, members }) => `${whole(lines)} / ${whole(members)}`,
        bar: ({ lines, members }) => lines / Math.max(1, members),
      },
      { title: t('confidence'), class: 'number', text: (cause) => percent(cause.confidence) },
      {
        title: t('downNow'),
        class: 'number',
        text: ({ linesDown }) => (linesDown === null ? '' : whole(linesDown)),
      },
      {
        title: t('closed'),
        class: 'number',
        text: ({ closedMs }) => (closedMs === null ? '' : time(closedMs)),
      },
      {
        title: t('state'),
        class: 'state',
        text: ({ phase }) => t(`phase_${phase}`),
        mark: ({ phase, linesDown }) =>
          phase === 'growing' || (linesDown ?? 0) > 0 ? 'is-down' : 'is-up',
      },
    ],
    ({ id }) => id,
    { caption: t('listOfCauses'), empty: t('none'), test: 'causes' },
  );
}

/** The list over a period. */
export function causeList({ query: asked }: Address): View {
  const scope = scopeOf(asked, '24h');
  const filter = filterQuery(scope);
  const abort = new AbortController();
  const list = table();
  let span: Span = spanOf(scope);
  const box = panel(t('causes'), {
    class: 'list-panel',
    controls: [
      filterBar(scope, ['branch', 'product'], abort.signal),
      periodPicker(scope, PERIODS),
      exportLinks('causes', () => ({ ...span, ...filter })),
    ],
    body: [list.element],
  });
  const query = new LiveQuery<Causes>({
    panel: box.element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed: (status) => status.changedFromMs !== null && status.changedFromMs < span.to + GAP_MS,
    load: (signal) => {
      span = spanOf(scope);
      return get<Causes>('causes', { ...span, ...filter, limit: LIMIT }, signal);
    },
    apply: ({ provisional, causes, total, isWorking }) => {
      box.ready();
      list.update([...provisional, ...causes]);
      const shown = { shown: whole(causes.length), total: whole(total) };
      const count = causes.length < total ? t('shown', shown) : whole(total + provisional.length);
      box.note(isWorking ? `${count} · ${t('working')}` : count);
    },
  });
  return {
    element: el('div', { class: 'view' }, box.element),
    unmount: () => {
      query.stop();
      abort.abort();
    },
  };
}
