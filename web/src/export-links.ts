// Links that give a list as CSV or XLSX, in the page's language: what is shown, without its limit.

import { el } from './dom.js';
import { language, t } from './i18n.js';

const FORMATS = ['csv', 'xlsx'] as const;
/** Rows of a sheet of Excel. */
const LIMIT = 1_048_575;

type Query = Record<string, string | number | null>;

/** The links; `query` is asked when one is followed. */
export function exportLinks(list: string, query: () => Query): HTMLElement {
  const links = FORMATS.map((format) => {
    const link = el('a', { class: 'button', text: format.toUpperCase(), attrs: { download: '' } });
    const address = (): string => {
      const words = { ...query(), limit: LIMIT, format, language: language() };
      const search = new URLSearchParams();
      for (const [key, value] of Object.entries(words)) {
        if (value !== null) search.set(key, String(value));
      }
      return `./api/lists/${list}?${search.toString()}`;
    };
    link.href = address();
    link.dataset['test'] = `export-${list}-${format}`;
    link.addEventListener('click', () => {
      link.href = address();
    });
    return link;
  });
  const attrs = { role: 'group', 'aria-label': t('exportAs') };
  return el('span', { class: 'exports', attrs }, ...links);
}
