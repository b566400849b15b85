// Words of the map of all lines.

import { words } from '../shell/i18n.js';
import { COMMON } from '../shell/words.js';

export const t = words({
  ...COMMON,
  map: ['Line map', '线路全图'],
  asList: ['Table', '表格'],
  cells: [
    '{lines} lines, one cell each, by branch, node and card',
    '{lines} 线，每线一格，按分公司、局站、板卡排列',
  ],
  mapAria: [
    'Map of {lines} lines, one cell each. Arrow keys move, Enter opens the line.',
    '{lines} 线全图，每线一格。方向键移动，回车打开线路。',
  ],
  legend: ['Interruption starts of a line, {window}', '每线中断开始次数，{window}'],
  inPeriod: ['whole period', '整个时段'],
  inWindow: ['last {hours} h', '前 {hours} 小时'],
  quiet: ['0', '0'],
  downKey: ['down', '中断'],
  flappingKey: ['flapping', '抖动'],
  unknownKey: ['no data', '无数据'],
  cards: ['Streaks: cards', '异常板卡'],
  card: ['Card', '板卡'],
  hit: ['Lines hit', '受影响'],
  noCards: ['No card has three lines interrupted.', '没有板卡有三条以上线路中断。'],
  tipPlace: ['{branch} · node {node} · card {card}', '{branch} · 局站 {node} · 板卡 {card}'],
  tipStarts: ['{starts} starts', '中断开始 {starts} 次'],
  play: ['Play', '播放'],
  pause: ['Pause', '暂停'],
  live: ['Live', '实时'],
  playback: ['Playback', '回放'],
  at: ['At', '时刻'],
  step: ['Step', '步进'],
  back: ['Step back', '后退一步'],
  forward: ['Step forward', '前进一步'],
  scrub: ['Time that is shown', '所示时刻'],
  startsInAll: ['starts in {minutes} min', '{minutes} 分钟中断次数'],
  causesThen: ['Causes at that time', '当时的原因'],
  noCauses: ['No cause at that time.', '当时没有原因。'],
});
