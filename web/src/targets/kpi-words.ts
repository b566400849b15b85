// The names of KPIs and of what targets say, in English and 中文. A KPI that is not here is told by the
// name that the API gives it.

import { type Pair, inLanguage, words } from '../shell/i18n.js';

const KPI_NAMES: Readonly<Record<string, Pair>> = {
  momentary: ['Momentary interruptions', '瞬断次数'],
  momentary_per_line_month: ['Momentary / line-month', '每线路月瞬断'],
  repeat_fault_rate: ['Repeat-fault rate', '重复故障率'],
  chronic_lines: ['Chronic lines', '长期劣化线路'],
  availability: ['Availability', '可用率'],
  mttr: ['MTTR', '平均修复时间'],
  valid_report_rate: ['Valid report rate', '有效申告率'],
  valid_report_rate_key: ['Valid report rate, key cross-area', '大客户跨区有效申告率'],
  complaint_rate: ['Complaint rate', '投诉率'],
  callbacks_activation: ['Call-backs, activations', '开通回访率'],
  callbacks_fault: ['Call-backs, faults', '故障回访率'],
  records_complete: ['Records complete', '资料完整率'],
  works_notified_department: ['Works notified, department', '割接通知大客户部'],
  works_notified_customers: ['Works notified, customers', '割接通知客户'],
  work_hits_planned: ['Works per circuit and month', '国际电路月割接次数'],
  proactive_notification: ['Notified proactively', '主动通知率'],
  customers_enrolled: ['Customers enrolled', '主动通知客户'],
  customers_inspected: ['Key customers inspected', '大客户巡检'],
  customers_labelled: ['Key customers labelled', '大客户挂牌'],
  norms_in_force: ['Service norms in force', '服务规范覆盖'],
  emergency_plans: ['Emergency plans', '应急预案'],
  satisfaction: ['Satisfaction', '满意度'],
};

/** Words about targets, `{name}` filled in. */
export const word = words({
  ladder: ['Target ladder', '目标阶梯'],
  goals: ['Goals', '其他目标'],
  scorecard: ['Branch scorecard', '分公司评比'],
  momentaryAMonth: ['gross momentary interruptions a month', '每月瞬断次数（毛值）'],
  forecast: [
    '{month}: {expected} expected ({band} % band {low} – {high})',
    '{month} 预计 {expected}（{band}% 区间 {low} – {high}）',
  ],
  noForecast: ['no forecast: it needs two weeks of data', '数据不足两周，暂无预测'],
  next: ['next: {most} by {by}, {gap} away', '下一目标：{by} 前 {most}，尚差 {gap}'],
  reached: ['every step ahead is reached', '后续目标均已达到'],
  example: ['example: the ladder of 2007', '示例：2007 年目标'],
  actual: ['actual', '实际'],
  target: ['target', '目标'],
  path: ['way there', '进度线'],
  band: ['forecast band', '预测区间'],
  kpi: ['KPI', '指标'],
  value: ['Value', '数值'],
  limit: ['Goal', '目标'],
  state: ['State', '状态'],
  met: ['met', '达标'],
  missed: ['missed', '未达标'],
  notKnown: ['not known', '未知'],
  place: ['#', '名次'],
  rank: ['rank {rank}', '第 {rank} 名'],
  coverage: ['Coverage', '覆盖率'],
  none: ['no data yet', '暂无数据'],
  monthOf: ['Month', '月份'],
  expected: ['Expected (band)', '预计（区间）'],
  state_ahead: ['to come', '未到'],
  state_running: ['running', '进行中'],
  state_met: ['met', '达标'],
  state_missed: ['missed', '未达标'],
  state_on: ['on the way', '进度正常'],
  state_off: ['behind', '进度落后'],
  chart: [
    'Target ladder by month: {months} months, the running one {month}',
    '按月目标阶梯：{months} 个月，当前 {month}',
  ],
});

/** The name of a KPI. */
export function kpiName(kpi: string): string {
  const pair = KPI_NAMES[kpi];
  return pair === undefined ? kpi : inLanguage(pair);
}
