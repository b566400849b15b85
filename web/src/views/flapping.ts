// All lines flapping now, with every column.

import { el } from '../dom.js';
import { flappingList } from '../flapping-list.js';
import type { View } from '../panel.js';

const LIST_LIMIT = 1000;

export function flappingView(): View {
  const list = flappingList(true, LIST_LIMIT);
  return { element: el('div', { class: 'view' }, list.element), destroy: list.destroy };
}
