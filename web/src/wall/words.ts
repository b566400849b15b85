// Words of the wall.

import { words } from '../shell/i18n.js';
import { COMMON } from '../shell/words.js';

export const t = words({
  ...COMMON,
  wall: ['Wall', '大屏'],
  flappingNow: ['Flapping now', '当前抖动'],
  downNow: ['Down now', '当前中断'],
  momentaryToday: ['Momentary today', '今日瞬断'],
  ofLines: ['of {lines} lines', '共 {lines} 条线路'],
  ofTarget: ['of {target} a day', '日均目标 {target}'],
  monthSoFar: ['{month}: {value} of {target}', '{month}：{value} / 目标 {target}'],
  monthForecast: [
    '{month}: {expected} expected, target {target}',
    '{month} 预计 {expected}，目标 {target}',
  ],
  noTarget: ['no target', '无目标'],
  dataAge: ['Data age', '数据时延'],
  age: ['{age} old', '{age}前'],
  causes: ['Active causes', '当前原因'],
  noCauses: ['none', '无'],
  causeLines: ['{lines} of {members} lines', '{lines}/{members} 线'],
  provisional: ['provisional', '待定'],
  works: ['Works in progress', '进行中的割接'],
  noWorks: ['none', '无'],
  workEnds: [
    'until {time} · {lines} lines · {hit} interruptions',
    '至 {time} · {lines} 线 · 中断 {hit} 次',
  ],
  flappingLines: ['Flapping lines', '抖动线路'],
  noFlapping: ['none', '无'],
  columns: [
    'worst 5 min of each {minutes} min, starts per 1,000 lines',
    '每 {minutes} 分钟内最差 5 分钟，每千线中断开始次数',
  ],
  leave: ['Leave the wall', '退出大屏'],
  pause: ['Pause', '暂停轮播'],
  resume: ['Rotate', '轮播'],
  soundWaits: ['The sound waits for a key or a click', '按任意键或点击后启用声音'],
  soundOn: ['Sound on', '开启声音'],
  soundOff: ['Sound off', '关闭声音'],
  fullScreen: ['Full screen', '全屏'],
  next: ['Next page', '下一页'],
});
