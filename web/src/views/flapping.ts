// All lines flapping now, with every column.

import { el } from '../shell/dom.js';
import { flappingList } from '../parts/flapping-list.js';
import { words } from '../shell/i18n.js';
import type { Page } from '../shell/view.js';

const LIST_LIMIT = 1000;

const t = words({ title: ['Flapping', '抖动线路'] });

export const flappingPage: Page = {
  page: 'flapping',
  title: () => t('title'),
  key: 'f',
  mount: () => {
    const list = flappingList(true, { limit: LIST_LIMIT });
    return { element: el('div', { class: 'view' }, list.element), unmount: list.unmount };
  },
};
