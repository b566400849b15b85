// Words of the heat maps and of what lies around them.

import { words } from '../shell/i18n.js';
import { COMMON } from '../shell/words.js';

export const t = words({
  ...COMMON,
  map: ['Flap heat map', '瞬断热力图'],
  byBranch: ['Branches', '分公司'],
  byProduct: ['Products', '产品'],
  legendRate: ['Interruption starts per 1,000 lines per 5 min', '每千线每 5 分钟中断开始次数'],
  legendCount: ['Interruption starts per 5 min', '每 5 分钟中断开始次数'],
  legendPartial: ['coverage under 50 %', '覆盖率低于 50 %'],
  legendNone: ['no data', '无数据'],
  legendWorst: ['each column: the worst of {minutes} min', '每列取 {minutes} 分钟内最差值'],
  linesCount: ['{count} lines', '{count} 线'],
  flappingColumn: ['flapping, 5 min', '5 分钟内抖动'],
  startsCell: ['{starts} starts', '中断开始 {starts} 次'],
  perThousand: ['{rate} per 1,000 lines', '每千线 {rate}'],
  flappingCell: ['{count} flapping', '抖动 {count} 线'],
  coverageCell: ['coverage {share}', '覆盖率 {share}'],
  noDataCell: ['no data: it is not known whether lines were up', '无数据：线路是否正常未知'],
  heatAria: [
    'Flap heat map, {rows} rows, {from} to {to}. Arrow keys move between cells, Enter opens.',
    '瞬断热力图，{rows} 行，{from} 至 {to}。方向键移动，回车打开。',
  ],
  heatLinesAria: ['Flap heat map of the worst lines around the cell', '单元格前后最差线路热力图'],
  loadingHeat: ['Loading the heat map …', '正在加载热力图……'],
  emptyHeat: ['No line has data in this time.', '该时段没有线路数据。'],
  cellTitle: ['Lines of the cell', '单元格线路'],
  back: ['Back to the map', '返回热力图'],
  linesOfCell: ['Interrupted lines {from}–{to}', '{from}–{to} 中断线路'],
  linesAround: ['Worst lines {from}–{to}', '{from}–{to} 最差线路'],
  worstRate: ['Worst per 1,000 lines, 5 min', '最差 5 分钟（每千线）'],
  worstAt: ['Worst at', '最差时刻'],
  rows: ['Rows', '行'],
  per1000: ['Per 1,000 lines', '每千线'],
});
