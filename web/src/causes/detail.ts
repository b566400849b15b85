// One root cause: its evidence, its lines by time, what it cannot be told from, the runners-up, its
// customers, and what operators say of it.

import type { Cause, CauseDetail } from '../../../src/api/cause-contract.js';
import { hrefOf } from '../shell/address.js';
import { get } from '../shell/api.js';
import { el } from '../shell/dom.js';
import { percent, whole } from '../shell/format.js';
import { LiveQuery } from '../shell/live-query.js';
import { serverNowMs } from '../shell/store.js';
import { type View, lineHref } from '../shell/view.js';
import * as zone from '../shell/zone.js';
import { panel } from '../parts/panel.js';
import { KeyedTable } from '../parts/table.js';
import { causeName, componentName } from '../parts/cause-name.js';
import { feedbackPart } from './feedback.js';
import { evidenceOf, t } from './words.js';

const GAP_MS = 2_000;
const MAX_AGE_MS = 30_000;
/** The others stand with their lines. */
const CUSTOMERS_TOLD = 12;
/** To either side of a line's interruption on its page. */
const AROUND_MS = 3_600_000;

type Line = CauseDetail['lines'][number];

/** Bars of equal width, as high as their lines; read aloud as one picture. */
function picture({ picture: { stepMs, counts }, lines }: CauseDetail): HTMLElement {
  const most = Math.max(1, ...counts);
  const seconds = Math.round((stepMs * counts.length) / 100) / 10;
  const label = t('pictureLabel', { lines: whole(lines.length), seconds });
  const box = el('div', {
    class: 'cause-picture',
    test: 'picture',
    attrs: { role: 'img', 'aria-label': label },
  });
  for (const count of counts) {
    const bar = el('i');
    bar.style.height = `${(count / most) * 100}%`;
    box.append(bar);
  }
  return el('figure', {}, box, el('figcaption', { class: 'dim', text: label }));
}

function fact(title: string, text: string): HTMLElement | null {
  if (text === '') return null;
  return el('div', {}, el('dt', { text: title }), el('dd', { text }));
}

function facts(detail: CauseDetail): HTMLElement {
  const { cause, customers } = detail;
  const same = cause.components.slice(1).map(componentName).join(', ');
  const first = customers.slice(0, CUSTOMERS_TOLD);
  const hit = first.map(({ customer, keyCustomer, lines }) => {
    return `${customer}${keyCustomer ? ` (${t('keyCustomer')})` : ''} × ${whole(lines)}`;
  });
  const more = customers.length - first.length;
  if (more > 0) hit.push(t('moreCustomers', { more: whole(more) }));
  return el(
    'dl',
    { class: 'cause-facts' },
    fact(t('state'), t(`phase_${cause.phase}`)),
    fact(t('confidence'), percent(cause.confidence)),
    fact(t('begin'), zone.dateTime(cause.at)),
    fact(t('downNow'), cause.linesDown === null ? '' : whole(cause.linesDown)),
    fact(t('closed'), cause.closedMs === null ? '' : zone.dateTime(cause.closedMs)),
    fact(t('same'), same),
    fact(t('within'), cause.within.map(componentName).join(', ')),
    fact(t('works'), cause.works.join(', ')),
    fact(t('customers'), hit.join(', ')),
  );
}

function nextTable(): KeyedTable<Cause['runnersUp'][number]> {
  return new KeyedTable<Cause['runnersUp'][number]>(
    [
      { title: t('component'), text: causeName },
      { title: t('odds'), class: 'number', text: ({ odds }) => odds.toPrecision(2) },
    ],
    ({ components }) => components.map(componentName).join(),
    { caption: t('listOfNext'), empty: t('noNext'), test: 'next-best' },
  );
}

const time = (ms: number): string => zone.clockNear(ms, serverNowMs());

function lineTable(): KeyedTable<Line> {
  return new KeyedTable<Line>(
    [
      {
        title: t('line'),
        class: 'wide',
        text: ({ line }) => line,
        href: ({ line, start }) => lineHref(line, start - AROUND_MS, start + AROUND_MS),
      },
      { title: t('start'), class: 'number', text: ({ start }) => time(start) },
      { title: t('end'), class: 'number', text: ({ end }) => (end === null ? '' : time(end)) },
      { title: t('branch'), text: ({ branch }) => branch ?? '' },
      { title: t('customer'), class: 'rest', text: ({ customer }) => customer ?? '' },
    ],
    ({ line }) => line,
    { caption: t('listOfLines'), empty: '–', test: 'cause-lines' },
  );
}

/** The page of one cause. */
export function causeDetail(id: string): View {
  const head = el('div', { class: 'inside' });
  const next = nextTable();
  const lines = lineTable();
  const back = el('a', { class: 'button', text: t('back'), attrs: { href: hrefOf('causes') } });
  const box = panel(t('causes'), { class: 'cause-head', controls: [back], body: [head] });
  const feedback = feedbackPart(() => query.again());
  const nextBox = panel(t('nextBest'), { class: 'list-panel', body: [next.element] });
  const lineBox = panel(t('hit'), { class: 'list-panel', body: [lines.element] });
  const query = new LiveQuery<CauseDetail>({
    panel: box.element,
    gapMs: GAP_MS,
    maxAgeMs: MAX_AGE_MS,
    changed: () => false,
    load: (signal) => get<CauseDetail>(`causes/${encodeURIComponent(id)}`, {}, signal),
    apply: (detail) => {
      for (const one of [box, nextBox, lineBox]) one.ready();
      box.note(causeName(detail.cause));
      const evidence = el('p', {
        class: 'strong',
        test: 'evidence',
        text: evidenceOf(detail.cause),
      });
      head.replaceChildren(evidence, picture(detail), facts(detail));
      next.update(detail.cause.runnersUp);
      lines.update(detail.lines);
      feedback.show(detail);
    },
  });
  const parts = el('div', { class: 'cause-parts' }, nextBox.element, feedback.element);
  return {
    element: el('div', { class: 'view stacked cause' }, box.element, parts, lineBox.element),
    unmount: () => query.stop(),
  };
}
