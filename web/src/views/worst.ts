// The worst lines of any period, by branch and product. Days and months are cut in the
// network's zone.

import type { Worst } from '../../../src/api/contract.js';
import { BUCKET_MS, getHeat, getWorst } from '../api.js';
import { choices, el } from '../dom.js';
import { exportLinks } from '../export-links.js';
import { duration, whole } from '../format.js';
import { byName } from '../heat-data.js';
import { t, type Key } from '../i18n.js';
import { LiveQuery } from '../live-query.js';
import { panel, type View } from '../panel.js';
import { PERIODS, hrefOf, lineHref, type Period, type Route } from '../route.js';
import { edgeMs, serverNowMs } from '../store.js';
import { KeyedTable } from '../table.js';
import * as zone from '../zone.js';

type WorstRoute = Extract<Route, { view: 'worst' }>;
type Row = Worst['rows'][number];

const DAY_MS = 86_400_000;
const GAP_MS = 5000;
const MAX_AGE_MS = 60_000;
const LIMIT = 200;
const TITLES: Record<Period, Key | null> = {
  today: 'today',
  '24h': null,
  '7d': null,
  '30d': null,
  month: 'month',
  custom: 'custom',
};

/** From and to of a period, to excluded. */
function spanOf(route: WorstRoute): { from: number; to: number } {
  const to = edgeMs();
  if (route.period === 'custom' && route.from !== null && route.to !== null) {
    return { from: route.from, to: route.to };
  }
  if (route.period === 'today') return { from: zone.startOfDayMs(to), to };
  if (route.period === 'month') return { from: zone.startOfMonthMs(to), to };
  const days = route.period === '7d' ? 7 : route.period === '30d' ? 30 : 1;
  return { from: to - days * DAY_MS, to };
}

function table(most: () => number, spanNow: () => { from: number; to: number }): KeyedTable<Row> {
  const count = (title: Key, of: (row: Row) => number) => ({
    title: t(title),
    class: 'number',
    text: (row: Row) => whole(of(row)),
  });
  const href = (row: Row): string => {
    const { from, to } = spanNow();
    return lineHref(row.line, Math.floor(from), Math.ceil(to));
  };
  return new KeyedTable<Row>(
    [
      { title: t('line'), class: 'wide', text: (row) => row.line, href },
      { title: t('branch'), text: (row) => row.branch ?? '' },
      { title: t('product'), text: (row) => row.product ?? '' },
      { title: t('customer'), class: 'rest', text: (row) => row.customer ?? '' },
      {
        ...count('interruptions', (row) => row.interruptions),
        class: 'number strong barred',
        bar: (row: Row) => row.interruptions / Math.max(1, most()),
      },
      count('momentary', (row) => row.momentary),
      count('outages', (row) => row.outages),
      { title: t('downTime'), class: 'number', text: (row) => duration(row.downMs) },
      count('flapEpisodes', (row) => row.flapEpisodes),
      count('repeatFaults', (row) => row.repeatFaults),
      {
        title: t('lastStart'),
        class: 'number',
        text: (row) => (row.lastStart === null ? '' : zone.clockNear(row.lastStart, serverNowMs())),
      },
      {
        title: t('state'),
        class: 'state',
        text: (row) => (row.down ? t('down') : t('up')),
        mark: (row) => (row.down ? 'is-down' : 'is-up'),
      },
    ],
    (row) => row.line,
    { caption: t('worst'), empty: t('noLines'), test: 'worst' },
  );
}

function go(route: WorstRoute): void {
  location.hash = hrefOf(route);
}

/** A choice of branch or product; the names come from the heat map's newest column. */
function nameChoice(route: WorstRoute, by: 'branch' | 'product', abort: AbortSignal): HTMLElement {
  const select = el('select', { attrs: { name: by } });
  const fill = (names: string[]): void => {
    const options = names.map((name) => el('option', { text: name, attrs: { value: name } }));
    select.replaceChildren(el('option', { text: t('all'), attrs: { value: '' } }), ...options);
    select.value = route[by];
  };
  fill(route[by] === '' ? [] : [route[by]]);
  select.addEventListener('change', () => go({ ...route, [by]: select.value }));
  const to = Math.floor(edgeMs() / BUCKET_MS) * BUCKET_MS + BUCKET_MS;
  getHeat({ by, from: to - BUCKET_MS, to, limit: 1000 }, abort)
    .then((heat) => byName(heat).rows.map((row) => row.name))
    .then((names) => fill(names.filter((name) => name !== '')))
    .catch((error: unknown) => {
      // without names the choice stays at what it is; the list itself says what is wrong
      if (!abort.aborted) select.title = String(error);
    });
  return el('label', { class: 'field' }, el('span', { text: t(by) }), select);
}

function timeField(name: 'from' | 'to', ms: number): HTMLInputElement {
  const input = el('input', { attrs: { type: 'datetime-local', name, required: '' } });
  input.value = zone.toLocalInput(ms);
  return input;
}

function spanForm(route: WorstRoute): HTMLElement {
  const { from, to } = spanOf(route);
  const [first, second] = [timeField('from', from), timeField('to', to)];
  const form = el(
    'form',
    { class: 'span-form' },
    el('label', { class: 'field' }, el('span', { text: t('from') }), first),
    el('label', { class: 'field' }, el('span', { text: t('to') }), second),
    el('button', { class: 'button', text: t('show'), attrs: { type: 'submit' } }),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const [start, end] = [zone.parseLocal(first.value), zone.parseLocal(second.value)];
    second.setCustomValidity(start !== null && end !== null && start < end ? '' : t('from'));
    if (form.reportValidity()) go({ ...route, period: 'custom', from: start, to: end });
  });
  return form;
}

function periodChoices(route: WorstRoute): HTMLElement {
  const items = PERIODS.map((period) => {
    const title = TITLES[period];
    const text = period.replace('h', ` ${t('h')}`).replace('d', ` ${t('d')}`);
    const kept = period === 'custom' ? spanOf(route) : { from: null, to: null };
    const from = kept.from === null ? null : Math.floor(kept.from);
    const to = kept.to === null ? null : Math.ceil(kept.to);
    return {
      text: title === null ? text : t(title),
      href: hrefOf({ ...route, period, from, to }),
      current: period === route.period,
      test: `period-${period}`,
    };
  });
  return choices(t('period'), items);
}

function filterOf(route: WorstRoute): { branch: string | null; product: string | null } {
  return { branch: route.branch || null, product: route.product || null };
}

function timesOf(span: { from: number; to: number }): { from: number; to: number } {
  return { from: Math.floor(span.from), to: Math.ceil(span.to) };
}

export function worstView(route: WorstRoute): View {
  const abort = new AbortController();
  let most = 1;
  let span = spanOf(route);
  const list = table(
    () => most,
    () => span,
  );
  const box = panel(t('worst'), {
    class: 'list-panel',
    controls: [
      nameChoice(route, 'branch', abort.signal),
      nameChoice(route, 'product', abort.signal),
      periodChoices(route),
      route.period === 'custom' ? spanForm(route) : null,
      exportLinks('worst', () => ({ ...timesOf(span), ...filterOf(route) })),
    ],
    body: [list.element],
  });
  const query = new LiveQuery<Worst>({
    panel: box.element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed: (status) => status.changedFromMs !== null && status.changedFromMs < span.to + GAP_MS,
    load: (signal) => {
      span = spanOf(route);
      return getWorst({ ...timesOf(span), ...filterOf(route), limit: LIMIT }, signal);
    },
    apply: (worst) => {
      box.ready();
      most = Math.max(1, ...worst.rows.map((row) => row.interruptions));
      list.update(worst.rows);
      const { total, rows, fromMs, toMs } = worst;
      const times = `${zone.dateTime(fromMs)} – ${zone.dateTime(toMs)}`;
      const shown = { shown: whole(rows.length), total: whole(total) };
      box.note(`${rows.length === total ? whole(total) : t('shown', shown)} · ${times}`);
    },
  });
  const destroy = (): void => {
    query.stop();
    abort.abort();
  };
  return { element: el('div', { class: 'view' }, box.element), destroy };
}
