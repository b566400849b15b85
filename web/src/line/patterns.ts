// How long a line's interruptions last, and at what hours of the week they start. Both are tables whose
// cells carry their number as a bar or a shade, so that nothing is said by colour alone.

import type { LineDetail } from '../../../src/api/line-contract.js';
import { el } from '../shell/dom.js';
import { duration, whole } from '../shell/format.js';
import { language } from '../shell/i18n.js';
import { t } from './words.js';

const HOURS = 24;
const DAYS = 7;
/** A Monday. */
const MONDAY_MS = Date.UTC(2007, 0, 1);
const DAY_MS = 86_400_000;

function binText(edges: readonly number[], i: number): string {
  if (i === edges.length - 1) return `≥ ${duration(edges[i])}`;
  return i === 0 ? `< ${duration(edges[1])}` : `${duration(edges[i])} –`;
}

/** Bars of how many interruptions lasted so long. */
export function durationBars({ edgesMs, counts }: LineDetail['durations']): HTMLElement {
  const most = Math.max(1, ...counts);
  const rows = counts.map((count, i) => {
    const bar = el('i', { class: edgesMs[i] >= 60_000 ? 'bar-outage' : 'bar-momentary' });
    bar.style.width = `${(100 * count) / most}%`;
    return el(
      'tr',
      {},
      el('th', { text: binText(edgesMs, i), attrs: { scope: 'row' } }),
      el('td', { class: 'bars' }, bar),
      el('td', { class: 'number', text: count === 0 ? '' : whole(count) }),
    );
  });
  const caption = el('caption', { class: 'unseen', text: t('durations') });
  return el('table', { class: 'durations', test: 'durations' }, caption, el('tbody', {}, ...rows));
}

function dayName(day: number): string {
  const format = new Intl.DateTimeFormat(language(), { weekday: 'short', timeZone: 'UTC' });
  return format.format(MONDAY_MS + day * DAY_MS);
}

/** Shades of starts by hour of the week, Monday first. */
export function weekTable(week: LineDetail['week']): HTMLElement {
  const most = Math.max(1, ...week);
  const heads = Array.from({ length: HOURS }, (_, hour) =>
    el('th', { text: hour % 3 === 0 ? String(hour) : '', attrs: { scope: 'col' } }),
  );
  const rows = Array.from({ length: DAYS }, (_, day) => {
    const cells = Array.from({ length: HOURS }, (_cell, hour) => {
      const count = week[day * HOURS + hour];
      const title = `${dayName(day)} ${hour}:00 – ${hour + 1}:00: ${whole(count)}`;
      const text = count === 0 ? '' : whole(count);
      const cell = el('td', { text, attrs: { title } });
      const strength = Math.round((100 * count) / most);
      if (count > 0) cell.style.setProperty('--strength', `${Math.max(14, strength)}%`);
      if (strength > 55) cell.className = 'strong';
      return cell;
    });
    return el('tr', {}, el('th', { text: dayName(day), attrs: { scope: 'row' } }), ...cells);
  });
  return el(
    'table',
    { class: 'week', test: 'week' },
    el('caption', { class: 'unseen', text: t('week') }),
    el('thead', {}, el('tr', {}, el('th', { class: 'corner' }), ...heads)),
    el('tbody', {}, ...rows),
  );
}
