// Links that give a list as CSV or XLSX, in the page's language: what is shown, without its limit.

import { type QueryParts, hrefOf } from '../shell/address.js';
import { el } from '../shell/dom.js';
import { language, words } from '../shell/i18n.js';

const t = words({ exportAs: ['Take this list away', '导出列表'] });

const FORMATS = ['csv', 'xlsx'] as const;
/** Rows of a sheet of Excel. */
const LIMIT = 1_048_575;

/** The links; `query` is asked when one is followed. */
export function exportLinks(
  list: string,
  query: () => QueryParts,
  path = `api/lists/${list}`,
): HTMLElement {
  const links = FORMATS.map((format) => {
    const link = el('a', { class: 'button', text: format.toUpperCase(), attrs: { download: '' } });
    const address = (): string => {
      const parts = { ...query(), limit: LIMIT, format, language: language() };
      return hrefOf(path, '', parts);
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
