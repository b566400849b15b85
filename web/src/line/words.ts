// Words of the line page.

import { words } from '../shell/i18n.js';
import { COMMON } from '../shell/words.js';

export const t = words({
  ...COMMON,
  timeline: ['Timeline', '时间线'],
  interruptionList: ['Interruptions', '中断记录'],
  timelineAria: [
    'Timeline of {line}: {count} interruptions, {episodes} flap episodes. Arrow keys step.',
    '线路 {line} 时间线：中断 {count} 次，抖动时段 {episodes} 个。左右方向键逐个查看，拖动放大。',
  ],
  timelineHint: [
    'Drag to zoom, Back undoes; point at an interruption, or step with the arrow keys.',
    '拖动放大，后退还原；指向中断，或用方向键逐个查看。',
  ],
  zoomOut: ['Zoom out', '缩小'],
  startTime: ['Start', '开始'],
  durationTitle: ['Duration', '持续时长'],
  still: ['still down', '仍中断'],
  episode: ['flap episode', '抖动时段'],
  unknownPeriod: ['state unknown', '状态未知'],
  truncated: [
    'More interruptions than can be shown: the newest {count}.',
    '中断过多，仅显示最新 {count} 次。',
  ],
  unknownLine: ['No such line: {line}', '没有此线路：{line}'],
  noInterruptions: ['No interruption in this time.', '该时段没有中断。'],
});
