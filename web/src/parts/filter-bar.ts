// The filters a page offers, as fields that change the address. Names come from the heat map's newest
// column, where every branch and product with lines has a row.

import { go, hrefWith } from '../shell/address.js';
import { BUCKET_MS, getHeat } from '../shell/api.js';
import { el } from '../shell/dom.js';
import type { Filters, Scope } from '../shell/scope.js';
import { edgeMs } from '../shell/store.js';
import { t } from '../shell/words.js';
import { byName } from '../heat/heat-data.js';

type Named = 'branch' | 'product';

/** Of a select: every line, and lines whose record has no name. */
const ALL = '*';

async function namesOf(by: Named, signal: AbortSignal): Promise<string[]> {
  const to = Math.floor(edgeMs() / BUCKET_MS) * BUCKET_MS + BUCKET_MS;
  const heat = await getHeat({ by, from: to - BUCKET_MS, to, limit: 1000 }, signal);
  return byName(heat).rows.map((row) => row.name);
}

function nameField(scope: Scope, by: Named, signal: AbortSignal): HTMLElement {
  const select = el('select', { attrs: { name: by } });
  const fill = (names: readonly string[]): void => {
    const options = names.map((name) =>
      el('option', { text: name === '' ? t('unnamed') : name, attrs: { value: name } }),
    );
    select.replaceChildren(el('option', { text: t('all'), attrs: { value: ALL } }), ...options);
    select.value = scope[by] ?? ALL;
  };
  const given = scope[by];
  fill(given === null ? [] : [given]);
  select.addEventListener('change', () => {
    go(hrefWith({ [by]: select.value === ALL ? null : select.value }));
  });
  namesOf(by, signal)
    .then((names) => fill(given === null || names.includes(given) ? names : [given, ...names]))
    .catch((error: unknown) => {
      // without names the choice stays at what it is; the list itself says what is wrong
      if (!signal.aborted) select.title = String(error);
    });
  return el('label', { class: 'field' }, el('span', { text: t(by) }), select);
}

/** Fields for some of the filters. */
export function filterBar(
  scope: Scope,
  offered: readonly (keyof Filters & Named)[],
  signal: AbortSignal,
): HTMLElement {
  return el('div', { class: 'filters' }, ...offered.map((by) => nameField(scope, by, signal)));
}
