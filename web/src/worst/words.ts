// Words of the worst page.

import { words } from '../shell/i18n.js';
import { COMMON } from '../shell/words.js';

export const t = words({
  ...COMMON,
  worst: ['Worst', '最差排名'],
  by: ['By', '按'],
  by_line: ['Lines', '线路'],
  by_component: ['Components', '部件'],
  by_customer: ['Customers', '客户'],
  by_product: ['Products', '产品'],
  by_branch: ['Branches', '分公司'],
  component: ['Component', '部件'],
  perLineMonth: ['Per line-month, 95 %', '每线每月，95%'],
  interval: ['{low} – {high}', '{low} – {high}'],
  trend: ['Trend', '较上一时段'],
  noTrend: ['not known', '未知'],
  topCause: ['Top cause', '主要原因'],
  planned: ['Planned', '割接占比'],
  linesOf: ['Lines', '线路数'],
  interrupted: ['{n} interrupted', '{n} 条有中断'],
  downNow: ['{n} down', '{n} 条中断中'],
  key: ['key', '大客户'],
  lastStart: ['Last start', '最近中断'],
  nothing: ['Nothing was interrupted in this time.', '该时段没有中断。'],
});
