// The desk: the live flap heat map by branch or product, beside it the lines flapping now and the worst
// lines of the last 24 h.

import type { Heat } from '../../../src/api/contract.js';
import { BUCKET_MS } from '../shell/api.js';
import { choices, el } from '../shell/dom.js';
import { flappingList } from '../parts/flapping-list.js';
import { LiveHeat } from '../heat/heat-live.js';
import { HeatMap } from '../heat/heat-map.js';
import { t } from '../heat/words.js';
import { Legend } from '../heat/legend.js';
import { LiveQuery } from '../shell/live-query.js';
import { panel } from '../parts/panel.js';
import { probeHeat } from '../shell/probe.js';
import { type Address, go, hrefOf, hrefWith } from '../shell/address.js';
import { type Scope, filterQuery, scopeOf, spanOf } from '../shell/scope.js';
import type { Page, View } from '../shell/view.js';
import { periodPicker } from '../parts/period-picker.js';
import { edgeMs } from '../shell/store.js';
import { worstList } from '../parts/worst-list.js';
import { dateTime } from '../shell/zone.js';

type By = 'branch' | 'product';

const PERIODS = ['6h', '24h', '3d', '7d'] as const;
const GAP_MS = 500;
const MAX_AGE_MS = 10_000;
const LIST_LIMIT = 100;

function controls(by: By, scope: Scope): HTMLElement[] {
  const bys: [By, string][] = [
    ['branch', t('byBranch')],
    ['product', t('byProduct')],
  ];
  const items = bys.map(([key, text]) => ({
    text,
    href: hrefWith({ by: key }),
    current: key === by,
    test: `by-${key}`,
  }));
  return [choices(t('map'), items), periodPicker(scope, PERIODS)];
}

function heatPanel(by: By, scope: Scope): View {
  const open = (name: string, time: number): string =>
    hrefOf('cell', '', { ...filterQuery(scope), by, [by]: name, t: time });
  const legend = new Legend(false);
  const map = new HeatMap({
    test: 'heat',
    rowTitle: `${t(by)} · ${t('lines')}`,
    label: (heat: Heat) =>
      t('heatAria', {
        rows: heat.rows.length,
        from: dateTime(heat.fromMs),
        to: dateTime(heat.fromMs + heat.buckets * heat.bucketMs),
      }),
    rowHref: (name) => open(name, Math.floor(edgeMs() / BUCKET_MS) * BUCKET_MS),
    open: (cell) => {
      go(open(cell.row.name, cell.bucketMs));
    },
    mark: null,
    columns: (minutes) => legend.columns(minutes),
  });
  const box = panel(t('map'), {
    class: 'heat-panel',
    controls: controls(by, scope),
    body: [map.element, legend.element],
    loading: t('loadingHeat'),
  });
  const live = new LiveHeat(by, () => spanOf(scope), filterQuery(scope));
  const query = new LiveQuery<Heat>({
    panel: box.element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed: (status) => live.changed(status),
    load: (signal, renewed) => live.load(signal, renewed),
    apply: (heat) => {
      box.ready();
      map.show(heat);
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
  const by = query['by'] === 'product' ? 'product' : 'branch';
  const heat = heatPanel(by, scopeOf(query));
  const lists = [flappingList(false, LIST_LIMIT), worstList()];
  const side = el('div', { class: 'side' }, ...lists.map((list) => list.element));
  return {
    element: el('div', { class: 'view wall' }, heat.element, side),
    unmount: () => {
      heat.unmount();
      for (const list of lists) list.unmount();
    },
  };
}

export const deskPage: Page = {
  page: '',
  title: () => t('map'),
  key: 'h',
  mount: deskView,
};
