// The words of the causes page.

import type { Cause } from '../../../src/api/cause-contract.js';
import { inLanguage, words } from '../shell/i18n.js';
import { COMMON } from '../shell/words.js';

export const t = words({
  ...COMMON,
  causes: ['Root causes', '根因'],
  listOfCauses: ['List of root causes', '根因列表'],
  listOfNext: ['List of runners-up', '其他候选列表'],
  listOfLines: ['Lines of this cause', '该原因的线路'],
  component: ['Component', '部件'],
  evidence: ['Evidence', '依据'],
  confidence: ['Confidence', '可信度'],
  begin: ['Began', '开始'],
  hit: ['Lines hit', '中断线路'],
  downNow: ['Down now', '当前中断'],
  closed: ['Closed', '结束'],
  phase_growing: ['growing', '扩大中'],
  phase_provisional: ['provisional', '待定'],
  phase_final: ['final', '已定'],
  none: ['No root cause in this time.', '该时段没有根因。'],
  working: ['being worked out again: some may be missing', '正在重新计算，可能不全'],
  same: ['cannot be told apart', '无法区分'],
  within: ['its lines lie on', '线路所在'],
  nextBest: ['Runners-up', '其他候选'],
  noNext: ['No other component comes near.', '没有相近的其他候选。'],
  odds: ['Odds against it', '相对可能性'],
  pictureLabel: ['{lines} lines in {seconds} s', '{seconds} 秒内 {lines} 条线路'],
  works: ['Works in the window', '窗口内割接'],
  customers: ['Customers hit', '受影响客户'],
  keyCustomer: ['key', '大客户'],
  moreCustomers: ['and {more} more, with their lines below', '另有 {more} 个，见下方线路'],
  start: ['Down', '中断'],
  end: ['Up', '恢复'],
  back: ['All causes', '全部根因'],
  feedback: ['What operators say', '运维反馈'],
  noFeedback: ['Nobody has judged it yet.', '尚无反馈。'],
  confirm: ['Confirm', '确认'],
  refute: ['Refute', '否定'],
  withdraw: ['Withdraw', '撤回'],
  ask_confirm: ['Confirm …', '确认……'],
  ask_refute: ['Refute …', '否定……'],
  ask_relabel: ['Relabel …', '改判……'],
  ask_withdraw: ['Withdraw …', '撤回……'],
  relabel: ['Relabel', '改判'],
  title_confirm: ['It was {cause}', '确认是 {cause}'],
  title_refute: ['It was not {cause}', '否定 {cause}'],
  title_relabel: ['It was something else than {cause}', '改判 {cause}'],
  title_withdraw: ['Withdraw what was said of {cause}', '撤回对 {cause} 的反馈'],
  judgeHint: [
    'Moves what is likely from now on; what is stored stays. It can be withdrawn.',
    '影响今后判断的先验，不改变已存结果，可撤回。',
  ],
  kind: ['Kind', '类型'],
  componentWas: ['Component', '部件名称'],
  confirmed: ['confirmed', '已确认'],
  refuted: ['refuted', '已否定'],
  withdrawn: ['withdrawn by {who}', '由 {who} 撤回'],
  prior: [
    '{component}: {confirmed} confirmed, {refuted} refuted; taken to be {factor} times as likely',
    '{component}：确认 {confirmed}，否定 {refuted}；先验可能性 ×{factor}',
  ],
});

/** The evidence in the page's language. */
export const evidenceOf = ({ explanation }: Cause): string =>
  inLanguage([explanation.en, explanation.zh]);
