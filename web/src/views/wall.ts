// The first view, made for a wall: the live flap heat map by branch or product, beside it the
// lines flapping now and the worst lines of the last 24 h.

import type { Heat } from '../../../src/api/contract.js';
import { BUCKET_MS } from '../api.js';
import { choices, el } from '../dom.js';
import { flappingList } from '../flapping-list.js';
import { LiveHeat } from '../heat-live.js';
import { HeatMap } from '../heat-map.js';
import { t } from '../i18n.js';
import { Legend } from '../legend.js';
import { LiveQuery } from '../live-query.js';
import { panel, type View } from '../panel.js';
import { probeHeat } from '../probe.js';
import { RANGES, hrefOf, type By, type Range } from '../route.js';
import { edgeMs } from '../store.js';
import { worstList } from '../worst-list.js';
import { dateTime } from '../zone.js';

const GAP_MS = 500;
const MAX_AGE_MS = 10_000;
const LIST_LIMIT = 100;

function controls(by: By, range: Range): HTMLElement[] {
  const bys: [By, string][] = [
    ['branch', t('byBranch')],
    ['product', t('byProduct')],
  ];
  const ranges = Object.keys(RANGES) as Range[];
  const byItems = bys.map(([key, text]) => ({
    text,
    href: hrefOf({ view: 'wall', by: key, range }),
    current: key === by,
    test: `by-${key}`,
  }));
  const rangeItems = ranges.map((key) => ({
    text: key.replace('h', ` ${t('h')}`).replace('d', ` ${t('d')}`),
    href: hrefOf({ view: 'wall', by, range: key }),
    current: key === range,
    test: `range-${key}`,
  }));
  return [choices(t('map'), byItems), choices(t('range'), rangeItems)];
}

function heatPanel(by: By, range: Range): View {
  const open = (name: string, time: number): string => hrefOf({ view: 'cell', by, name, time });
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
      location.hash = open(cell.row.name, cell.bucketMs);
    },
    mark: null,
    columns: (minutes) => legend.columns(minutes),
  });
  const box = panel(t('map'), {
    class: 'heat-panel',
    controls: controls(by, range),
    body: [map.element, legend.element],
    loading: t('loadingHeat'),
  });
  const live = new LiveHeat(by, RANGES[range]);
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
  const destroy = (): void => {
    query.stop();
    map.destroy();
    legend.destroy();
    probeHeat(null);
  };
  return { element: box.element, destroy };
}

export function wallView(by: By, range: Range): View {
  const heat = heatPanel(by, range);
  const lists = [flappingList(false, LIST_LIMIT), worstList()];
  const side = el('div', { class: 'side' }, ...lists.map((list) => list.element));
  return {
    element: el('div', { class: 'view wall' }, heat.element, side),
    destroy: () => {
      heat.destroy();
      for (const list of lists) list.destroy();
    },
  };
}
