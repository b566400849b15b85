// The way from a chart to the same as a table, and back: `as=table` in the address.

import { hrefWith } from '../shell/address.js';
import { el } from '../shell/dom.js';
import { words } from '../shell/i18n.js';

const t = words({ table: ['Table', '表格'], chart: ['Chart', '图'] });

/** The link to the other of both. */
export function asOther(isTable: boolean): HTMLElement {
  return el('a', {
    class: 'button',
    text: isTable ? t('chart') : t('table'),
    test: 'as',
    attrs: { href: hrefWith({ as: isTable ? null : 'table' }) },
  });
}
