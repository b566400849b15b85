// The filters a page offers, as fields that change the address. Names come from the records; a filter
// that is set stands out, and one button takes all away.

import type { Names } from '../../../src/api/contract.js';
import { go, hrefWith } from '../shell/address.js';
import { getNames } from '../shell/api.js';
import { el } from '../shell/dom.js';
import { words } from '../shell/i18n.js';
import { type Filters, type Scope, noFilters } from '../shell/scope.js';
import { COMMON } from '../shell/words.js';

const t = words({
  ...COMMON,
  filters: ['Filters', '筛选'],
  key: ['Key customers', '大客户'],
  planned: ['Planned works', '割接'],
  onlyKey: ['only key customers', '仅大客户'],
  notKey: ['no key customers', '非大客户'],
  onlyPlanned: ['only planned', '仅割接'],
  notPlanned: ['unplanned', '非割接'],
  onlyMomentary: ['momentary', '瞬断'],
  onlyOutage: ['outages', '阻断'],
  clear: ['Clear filters', '清除筛选'],
  anyCustomer: ['all', '全部'],
});

type Offered = Exclude<keyof Filters, 'kind' | 'component'>;
type Choice = readonly [value: string, text: string];

/** Of a select: no filter. */
const ALL = '*';
const collator = new Intl.Collator('zh-Hans-CN');

const CHOICES: Record<'key' | 'class' | 'planned', () => Choice[]> = {
  key: () => [
    ['yes', t('onlyKey')],
    ['no', t('notKey')],
  ],
  class: () => [
    ['momentary', t('onlyMomentary')],
    ['outage', t('onlyOutage')],
  ],
  planned: () => [
    ['no', t('notPlanned')],
    ['yes', t('onlyPlanned')],
  ],
};

function field(name: string, title: string, isSet: boolean, control: HTMLElement): HTMLElement {
  const look = isSet ? 'field is-set' : 'field';
  return el('label', { class: look, test: `filter-${name}` }, el('span', { text: title }), control);
}

/** A select of one filter; returns how to fill it with other choices. */
function selectField(
  scope: Scope,
  name: Offered,
): { element: HTMLElement; fill: (choices: readonly Choice[]) => void } {
  const given = scope[name];
  const select = el('select', { attrs: { name } });
  const fill = (choices: readonly Choice[]): void => {
    const known = given === null || choices.some(([value]) => value === given);
    const all: Choice[] = [
      [ALL, t('all')],
      ...choices,
      ...(known ? [] : [[given, given] as const]),
    ];
    select.replaceChildren(...all.map(([value, text]) => el('option', { text, attrs: { value } })));
    select.value = given ?? ALL;
  };
  select.addEventListener('change', () => {
    go(hrefWith({ [name]: select.value === ALL ? null : select.value }));
  });
  fill([]);
  return { element: field(name, t(name), given !== null, select), fill };
}

function named(names: readonly string[]): Choice[] {
  return names
    .toSorted((a, b) => Number(a === '') - Number(b === '') || collator.compare(a, b))
    .map((name) => [name, name === '' ? t('unnamed') : name]);
}

/** A field with suggestions: customers are too many for a list. */
function customerField(scope: Scope): {
  element: HTMLElement;
  fill: (names: readonly string[]) => void;
} {
  const list = el('datalist', { attrs: { id: 'customers' } });
  const input = el('input', {
    attrs: {
      name: 'customer',
      list: 'customers',
      type: 'search',
      placeholder: t('anyCustomer'),
      autocomplete: 'off',
    },
  });
  input.value = scope.customer ?? '';
  input.addEventListener('change', () => go(hrefWith({ customer: input.value || null })));
  const fill = (names: readonly string[]): void =>
    list.replaceChildren(
      ...names
        .filter((name) => name !== '')
        .map((name) => el('option', { attrs: { value: name } })),
    );
  const element = field('customer', t('customer'), scope.customer !== null, input);
  element.append(list);
  return { element, fill };
}

/** What makes up a bar: each field, and what to do with the names once they are known. */
function fieldOf(scope: Scope, name: Offered): [HTMLElement, (names: Names) => void] {
  if (name === 'customer') {
    const { element, fill } = customerField(scope);
    return [element, ({ customers }) => fill(customers)];
  }
  const { element, fill } = selectField(scope, name);
  if (name === 'branch') return [element, ({ branches }) => fill(named(branches))];
  if (name === 'product') return [element, ({ products }) => fill(named(products))];
  fill(CHOICES[name]());
  return [element, () => undefined];
}

/** Fields for some of the filters; `signal` ends the question for names. */
export function filterBar(
  scope: Scope,
  offered: readonly Offered[],
  signal: AbortSignal,
): HTMLElement {
  const made = offered.map((name) => fieldOf(scope, name));
  const attrs = { role: 'group', 'aria-label': t('filters') };
  const bar = el('div', { class: 'filters', attrs }, ...made.map(([element]) => element));
  if (scope.component !== null) {
    const text = `${scope.kind} ${scope.component} ✕`;
    const href = hrefWith({ kind: null, component: null });
    bar.append(el('a', { class: 'button is-set', text, test: 'component', attrs: { href } }));
  }
  if (scope.component !== null || offered.some((name) => scope[name] !== null)) {
    const href = hrefWith(noFilters());
    bar.append(el('a', { class: 'button', text: t('clear'), test: 'clear', attrs: { href } }));
  }
  getNames(signal)
    .then((names) => {
      for (const [, take] of made) take(names);
    })
    .catch((error: unknown) => {
      // without names the fields stay as they are; the view itself says what is wrong
      if (!signal.aborted) bar.title = String(error);
    });
  return bar;
}
