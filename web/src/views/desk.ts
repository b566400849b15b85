// The desk: the live flap heat map by branch, product or component, beside it the lines flapping now and
// the worst lines of the period. A cell leads to its lines.

import type { Heat } from '../../../src/api/contract.js';
import { LiveHeat, floorBucket } from '../heat/heat-live.js';
import { HeatMap } from '../heat/heat-map.js';
import { HeatTable } from '../heat/heat-table.js';
import { Legend } from '../heat/legend.js';
import { byOf, rowFilter, rowTitle } from '../heat/rows.js';
import { t } from '../heat/words.js';
import { asOther } from '../parts/as-table.js';
import { filterBar } from '../parts/filter-bar.js';
import { flappingList } from '../parts/flapping-list.js';
import { panel } from '../parts/panel.js';
import { periodPicker } from '../parts/period-picker.js';
import { worstList } from '../parts/worst-list.js';
import { type Address, go, hrefOf, hrefWith } from '../shell/address.js';
import { getNames } from '../shell/api.js';
import { el } from '../shell/dom.js';
import { LiveQuery } from '../shell/live-query.js';
import { probeHeat } from '../shell/probe.js';
import { type Scope, filterQuery, scopeOf, spanOf } from '../shell/scope.js';
import { edgeMs } from '../shell/store.js';
import type { Page, View } from '../shell/view.js';
import { dateTime } from '../shell/zone.js';

const PERIODS = ['6h', '24h', '3d', '7d'] as const;
const FILTERS = ['branch', 'product', 'customer', 'key', 'class', 'planned'] as const;
const GAP_MS = 500;
const MAX_AGE_MS = 10_000;
const LIST_LIMIT = 100;

/** The choice of what a row is; kinds of components come from the records. */
function rowChoice(by: string, signal: AbortSignal): HTMLElement {
  const select = el('select', { attrs: { name: 'by', 'aria-label': t('rows') }, test: 'by' });
  const fill = (kinds: readonly string[]): void => {
    const all = [...new Set(['branch', 'product', ...kinds, by])];
    const options = all.map((one) => el('option', { text: rowTitle(one), attrs: { value: one } }));
    select.replaceChildren(...options);
    select.value = by;
  };
  fill([]);
  select.addEventListener('change', () => go(hrefWith({ by: select.value })));
  getNames(signal)
    .then(({ kinds }) => fill(kinds))
    .catch((error: unknown) => {
      if (!signal.aborted) select.title = String(error);
    });
  return select;
}

function heatPanel(by: string, scope: Scope, asTable: boolean, signal: AbortSignal): View {
  const open = (name: string, time: number): string =>
    hrefOf('cell', '', { ...filterQuery(scope), ...rowFilter(by, name), by, t: time });
  const legend = new Legend(false);
  const title = `${rowTitle(by)} · ${t('lines')}`;
  const map = new HeatMap({
    test: 'heat',
    rowTitle: title,
    label: (heat: Heat) =>
      t('heatAria', {
        rows: heat.rows.length,
        from: dateTime(heat.fromMs),
        to: dateTime(heat.fromMs + heat.buckets * heat.bucketMs),
      }),
    rowHref: (name) => open(name, floorBucket(edgeMs())),
    open: (cell) => go(open(cell.row.name, cell.bucketMs)),
    mark: null,
    columns: (minutes) => legend.columns(minutes),
  });
  const table = new HeatTable(rowTitle(by), open);
  const box = panel(t('map'), {
    class: 'heat-panel',
    controls: [rowChoice(by, signal), periodPicker(scope, PERIODS), asOther(asTable)],
    body: asTable ? [table.element] : [map.element, legend.element],
    loading: t('loadingHeat'),
  });
  const live = new LiveHeat(by, () => spanOf(scope), filterQuery(scope));
  const query = new LiveQuery<Heat>({
    panel: box.element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed: (status) => live.changed(status),
    load: (asked, renewed) => live.load(asked, renewed),
    apply: (heat) => {
      box.ready();
      if (asTable) table.show(heat);
      else map.show(heat);
    },
  });
  probeHeat(map);
  const unmount = (): void => {
    query.stop();
    map.destroy();
    legend.destroy();
    probeHeat(null);
  };
  return { element: box.element, unmount };
}

function deskView({ query }: Address): View {
  const scope = scopeOf(query);
  const abort = new AbortController();
  const heat = heatPanel(byOf(query), scope, query['as'] === 'table', abort.signal);
  const flapping = flappingList(false, { ...filterQuery(scope), limit: LIST_LIMIT });
  const lists = [flapping, worstList(scope, query)];
  const side = el('div', { class: 'side' }, ...lists.map((list) => list.element));
  const boxes = el('div', { class: 'wall' }, heat.element, side);
  const bar = filterBar(scope, FILTERS, abort.signal);
  return {
    element: el('div', { class: 'view stacked' }, bar, boxes),
    unmount: () => {
      abort.abort();
      heat.unmount();
      for (const list of lists) list.unmount();
    },
  };
}

export const deskPage: Page = { page: '', title: () => t('map'), key: 'h', mount: deskView };
