// The simulated customers: about 3,000 for 48,840 lines, 120 of them key customers, 20 of those
// enrolled for proactive notification. Invariant: names are unique; some hold commas and quotes, as
// real ones do. All are made up.

import { BRANCHES } from './province.js';
import type { Random } from './random.js';
import { WeightedChoice } from './weighted.js';

/** A customer (客户). Days are counted back from the start of a simulated period. */
export interface Customer {
  readonly name: string;
  readonly key: boolean;
  /** branch that looks after it */
  readonly branch: number;
  readonly contact: string;
  /** enrolled for proactive notification this many days before the period; null if not */
  readonly enrolledDaysBefore: number | null;
  /** premises inspected (巡检); null if never */
  readonly inspectedDaysBefore: number | null;
  /** premises labelled (挂牌); null if never */
  readonly labelledDaysBefore: number | null;
}

const LINES_PER_CUSTOMER = 48_840 / 3_000;
const KEY_CUSTOMERS = 120;
const KEY_SHARE_MAX = 0.25;
const ENROLLED = 20;
const INSPECTED_SHARE = { key: 0.82, other: 0.04 };
const LABELLED_SHARE = { key: 0.78, other: 0.06 };

const STEMS = ['珠江', '南岭', '岭海', '粤安', '云山', '鼎湖', '白鹭', '红棉', '星河', '东昇'];
const SECTORS = ['银行', '证券', '税务局', '海关', '电力', '物流', '医院', '保险', '电子', '纺织'];
const ENGLISH_STEMS = [
  'Banyan',
  'Lychee',
  'Kapok',
  'Delta',
  'Nanling',
  'Harbour',
  'Lotus',
  'Egret',
];
const ENGLISH_SECTORS = ['Logistics', 'Electronics', 'Trading', 'Insurance', 'Shipping', 'Toys'];
const ENGLISH_FORMS = ['Co., Ltd.', 'Group', 'Holdings, Inc.', '(Guangdong) Ltd.'];
const SURNAMES = ['陈', '李', '黄', '张', '梁', '林', '刘', '吴', '罗', '何'];
const GIVEN = ['伟', '敏', '志强', '丽华', '建国', '晓燕', '俊', '秀英', '家明', '佩珊'];

/** As many customers as a network of so many lines has; key customers come first. */
export function buildCustomers(lineCount: number, random: Random): Customer[] {
  const count = Math.max(1, Math.round(lineCount / LINES_PER_CUSTOMER));
  const keyCount = Math.min(KEY_CUSTOMERS, Math.ceil(count * KEY_SHARE_MAX));
  const branches = new WeightedChoice(BRANCHES.map((branch) => branch.weight));
  const taken = new Map<string, number>();
  return Array.from({ length: count }, (_, index) => {
    const key = index < keyCount;
    const branch = branches.pick(random);
    const role = key ? 'key' : 'other';
    return {
      name: uniqueName(customerName(branch, random), taken),
      key,
      branch,
      contact: contactOf(random),
      enrolledDaysBefore: index < Math.min(ENROLLED, keyCount) ? 5 + random.int(300) : null,
      inspectedDaysBefore: random.chance(INSPECTED_SHARE[role]) ? 1 + random.int(360) : null,
      labelledDaysBefore: random.chance(LABELLED_SHARE[role]) ? 1 + random.int(700) : null,
    };
  });
}

/** A person and an invented extension: "陈伟, 8888 0123". */
export function contactOf(random: Random): string {
  const extension = String(random.int(10_000)).padStart(4, '0');
  return `${random.choose(SURNAMES)}${random.choose(GIVEN)}, 8888 ${extension}`;
}

function customerName(branch: number, random: Random): string {
  if (random.chance(0.6)) {
    return `${BRANCHES[branch].name}${random.choose(STEMS)}${random.choose(SECTORS)}`;
  }
  const stem = random.choose(ENGLISH_STEMS);
  const quoted = random.chance(0.1) ? `"${stem}"` : stem;
  return `${quoted} ${random.choose(ENGLISH_SECTORS)} ${random.choose(ENGLISH_FORMS)}`;
}

function uniqueName(name: string, taken: Map<string, number>): string {
  const times = (taken.get(name) ?? 0) + 1;
  taken.set(name, times);
  return times === 1 ? name : `${name} ${times}`;
}
