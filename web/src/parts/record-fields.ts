// The fields of a line's record in the page's language.

import { words } from '../shell/i18n.js';
import { COMMON } from '../shell/words.js';

const FIELDS = {
  customer: COMMON.customer,
  key_customer: ['Key customer', '大客户'],
  product: COMMON.product,
  branch: COMMON.branch,
  international: ['International', '国际电路'],
  important: ['Important', '重要电路'],
  circuit_type: ['Circuit type', '电路类型'],
  bandwidth_kbps: ['Bandwidth, kbit/s', '带宽 kbit/s'],
  a_end: ['A end', 'A 端'],
  z_end: ['Z end', 'Z 端'],
  a_branch: ['A branch', 'A 端分公司'],
  z_branch: ['Z branch', 'Z 端分公司'],
  contact: ['Contact', '联系人'],
  emergency_plan: ['Emergency plan', '应急预案'],
  inspected_ms: ['Inspected', '巡检'],
  labelled_ms: ['Labelled', '挂牌'],
  activated_ms: ['Activated', '开通'],
} as const;

const t = words(FIELDS);

/** The word for a field of lines.csv; a field that is not ours stays as it is called. */
export function recordField(field: string): string {
  return field in FIELDS ? t(field as keyof typeof FIELDS) : field;
}
