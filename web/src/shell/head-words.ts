// Words of the header, its strip of warnings and the form for a token.

import { words } from './i18n.js';
import { COMMON } from './words.js';

export const t = words({
  ...COMMON,
  views: ['Views', '视图'],
  downNow: ['Down now', '当前中断'],
  interruptionsToday: ['Interruptions today', '今日中断次数'],
  eventsPerSecond: ['Events/s', '事件/秒'],
  rejected: ['Rejected', '拒收'],
  dataAge: ['Data age', '数据时延'],
  noDataYet: ['no data yet', '暂无数据'],
  source: ['{kind} · topic {topic}', '{kind} · 主题 {topic}'],
  live: ['live', '实时'],
  stale: ['late', '滞后'],
  lost: ['connection lost', '连接中断'],
  connecting: ['connecting', '连接中'],
  denied: ['token needed', '需要令牌'],
  tokenTitle: ['This service needs a token', '本服务需要访问令牌'],
  tokenHint: [
    'Ask whoever runs it for the viewer token. It is kept as a cookie of this browser.',
    '请向管理员索取只读令牌。令牌仅以 Cookie 保存在本浏览器中。',
  ],
  token: ['Token', '令牌'],
  open: ['Open', '进入'],
  tokenRefused: ['Not accepted: {message}', '未通过：{message}'],
  phase_starting: ['Starting', '启动中'],
  phase_loading: ['Loading', '加载中'],
  phase_live: ['Live', '实时'],
  phase_stopping: ['Stopping', '停止中'],
  bannerLost: [
    'Connection lost at {time}. What you see is old. Reconnecting …',
    '连接于 {time} 中断，当前显示为旧数据，正在重连……',
  ],
  bannerNever: ['No connection to the service. Trying again …', '无法连接服务，正在重试……'],
  bannerBroker: [
    'The Kafka broker does not answer. What you see ends at {time}.',
    'Kafka 无响应，数据截至 {time}。',
  ],
  bannerStore: [
    'The store takes nothing, reading stands still: {problem}',
    '存储不可写，已停止读取：{problem}',
  ],
  bannerSlow: [
    'The line to the service is too slow: what you see was sent {lag} ago.',
    '与服务之间的线路过慢：所见为 {lag} 前发出的数据。',
  ],
  bannerOutput: [
    'Dead letters are not taken, reading stands still: {problem}',
    '死信主题不可写，已停止读取：{problem}',
  ],
  bannerAge: [
    'The data is {age} old: alarms arrive late or not at all.',
    '数据已滞后 {age}：告警迟到或未到。',
  ],
  bannerPartition: ['Partition {partition}: {problem}', '分区 {partition}：{problem}'],
  themeDark: ['Dark', '深色'],
  themeLight: ['Light', '浅色'],
  themeSwitch: ['Switch between dark and light', '切换深色与浅色'],
  keyList: ['Keys', '快捷键'],
  keyGo: ['Go to: {page}', '转到：{page}'],
  skip: ['Skip to the content', '跳到正文'],
  zone: ['Time zone', '时区'],
  noPage: ['There is no such page', '没有此页面'],
  languageSwitch: ['Switch language', '切换语言'],
  timesIn: ['times in {zone}', '时区 {zone}'],
});
