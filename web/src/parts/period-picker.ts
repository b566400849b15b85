// The one choice of period: lengths up to now, a day, a month, any from and to, one step wider, and back
// to live. It changes the address only; what is shown follows from that.

import { go, hrefWith } from '../shell/address.js';
import { choices, el } from '../shell/dom.js';
import { words } from '../shell/i18n.js';
import { PERIODS, spanOf, type Period, type Scope, type Span } from '../shell/scope.js';
import { edgeMs } from '../shell/store.js';
import { COMMON } from '../shell/words.js';
import { parseLocal, toLocalInput } from '../shell/zone.js';

const t = words({
  ...COMMON,
  wider: ['Wider', '扩大'],
  live: ['Live', '实时'],
  toLive: ['Back to live', '回到实时'],
});

/** A wider period is so many times as long, around the same middle. */
const WIDER = 3;

function titleOf(period: Period): string {
  if (PERIODS[period] === null) return t(period === 'today' ? 'today' : 'month');
  const unit = period.endsWith('h') ? t('h') : t('d');
  return `${period.slice(0, -1)} ${unit}`;
}

function timeField(name: 'from' | 'to', ms: number): HTMLInputElement {
  const input = el('input', { attrs: { type: 'datetime-local', name, required: '' } });
  input.value = toLocalInput(ms);
  return input;
}

/** The form of any from and to, below its button. */
function spanForm(scope: Scope): HTMLElement {
  const { from, to } = spanOf(scope);
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
    const [start, end] = [parseLocal(first.value), parseLocal(second.value)];
    const ordered = start !== null && end !== null && start < end;
    second.setCustomValidity(ordered ? '' : `${t('from')} < ${t('to')}`);
    if (form.reportValidity()) go(hrefWith({ period: null, from: start, to: end }));
  });
  second.addEventListener('input', () => second.setCustomValidity(''));
  const fixed = scope.from !== null;
  const summary = el('summary', { class: 'button', text: t('custom'), test: 'period-custom' });
  if (fixed) summary.setAttribute('aria-current', 'true');
  return el('details', { class: 'custom-period' }, summary, form);
}

/** The address of a fixed period on the same page. */
export function spanHref({ from, to }: Span): string {
  return hrefWith({ period: null, from: Math.max(0, Math.floor(from)), to: Math.ceil(to) });
}

/** Shows a period that was dragged over in a chart; Back undoes it. */
export const brush = (from: number, to: number): void => go(spanHref({ from, to }));

/** The address of the last period that was not fixed. */
export const liveHref = (): string => hrefWith({ from: null, to: null });

/** The choice among `periods`; wider and live only where they lead somewhere. */
export function periodPicker(scope: Scope, periods: readonly Period[]): HTMLElement {
  const items = periods.map((period) => ({
    text: titleOf(period),
    href: hrefWith({ period, from: null, to: null }),
    current: scope.from === null && period === scope.period,
    test: `period-${period}`,
  }));
  const { from, to } = spanOf(scope);
  const half = ((to - from) * WIDER) / 2;
  const middle = (from + to) / 2;
  const end = Math.min(middle + half, edgeMs());
  const wider = spanHref({ from: middle - half, to: end });
  const attrs = { role: 'group', 'aria-label': t('period') };
  const picker = el('div', { class: 'period-picker', attrs }, choices(t('period'), items));
  picker.append(
    spanForm(scope),
    el('a', { class: 'button', text: t('wider'), test: 'period-wider', attrs: { href: wider } }),
  );
  if (scope.from !== null) {
    const live = { href: liveHref(), title: t('toLive') };
    picker.append(el('a', { class: 'button live', text: t('live'), test: 'live', attrs: live }));
  }
  return picker;
}
