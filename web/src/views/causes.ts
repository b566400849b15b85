// Root causes: the list of a period, or one with its evidence.

import { causeDetail } from '../causes/detail.js';
import { causeList } from '../causes/list.js';
import { t } from '../causes/words.js';
import type { Page } from '../shell/view.js';

export const causesPage: Page = {
  page: 'causes',
  title: () => t('causes'),
  key: 'c',
  mount: (address) => (address.name === '' ? causeList(address) : causeDetail(address.name)),
};
