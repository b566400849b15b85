// Why a cause is believed, for people: its evidence in one line, English or Chinese, and its lines by
// time as a small picture.

import type { CauseFinding, CauseMember, NamedComponent } from './finding.js';

/** The languages of explanations. */
export type ExplainLanguage = 'en' | 'zh';

/** Lines interrupted a step of time: counts[i] from fromMs + i * stepMs on. */
export interface MemberPicture {
  readonly fromMs: number;
  readonly stepMs: number;
  readonly counts: readonly number[];
}

/** Steps of a picture. */
export const PICTURE_STEPS = 24;

/** What the kinds of components are called; others as they are recorded. */
const KINDS_ZH: Readonly<Record<string, string>> = {
  port: '端口',
  card: '板卡',
  cable: '光缆段',
  trunk: '中继段',
  node: '局站',
  power: '电源室',
  area: '区域',
  work: '割接',
};

const LEVELS = '▁▂▃▄▅▆▇█';

/** What a finding is explained by. */
export type Evidence = Pick<
  CauseFinding,
  'at' | 'until' | 'lines' | 'members' | 'expected' | 'runnersUp' | 'works'
>;

/** "31 of 44 lines in 12 s; 0.02 expected by chance; next best cable c7 at 1/400". */
export function explanationOf(cause: Evidence, language: ExplainLanguage = 'en'): string {
  const { lines, members, expected, runnersUp, works } = cause;
  const seconds = decimal(Math.max(1, cause.until - cause.at) / 1_000);
  const [next] = runnersUp;
  if (language === 'zh') {
    return [
      `${seconds} 秒内 ${members} 条线路中有 ${lines} 条中断`,
      `随机预期 ${decimal(expected)} 条`,
      next
        ? `次选 ${nameOf(next.components[0]!, language)}，可能性为其 ${oddsOf(next.odds)}`
        : '没有其他候选',
      ...(works.length > 0 ? [`窗口内割接：${works.join('、')}`] : []),
    ].join('；');
  }
  return [
    `${lines} of ${members} lines in ${seconds} s`,
    `${decimal(expected)} expected by chance`,
    next
      ? `next best ${nameOf(next.components[0]!, language)} at ${oddsOf(next.odds)}`
      : 'nothing else comes near',
    ...(works.length > 0 ? [`works in their window: ${works.join(', ')}`] : []),
  ].join('; ');
}

/** "card GZ-1/3"; of an unknown cause that word. */
export function nameOf({ kind, name }: NamedComponent, language: ExplainLanguage = 'en'): string {
  if (kind === 'unknown') return language === 'zh' ? '未知共因' : 'an unknown shared cause';
  return `${language === 'zh' ? (KINDS_ZH[kind] ?? kind) : kind} ${name}`;
}

/** The starts of a cause's lines in PICTURE_STEPS steps of equal length, whole ms. */
export function pictureOf(members: readonly Pick<CauseMember, 'start'>[]): MemberPicture {
  const times = members.map(({ start }) => start);
  const fromMs = Math.min(...times);
  const stepMs = Math.max(1, Math.ceil((Math.max(...times) - fromMs + 1) / PICTURE_STEPS));
  const counts = Array.from({ length: PICTURE_STEPS }, () => 0);
  for (const time of times) counts[Math.floor((time - fromMs) / stepMs)]!++;
  return { fromMs, stepMs, counts };
}

/** A picture as one line of text: a blank for no line. */
export function sparkline({ counts }: MemberPicture): string {
  const most = Math.max(1, ...counts);
  return counts
    .map((count) => (count === 0 ? ' ' : LEVELS[Math.ceil((count / most) * LEVELS.length) - 1]!))
    .join('');
}

/** At most two significant digits below ten. */
function decimal(value: number): string {
  return String(value >= 10 ? Math.round(value) : Number(value.toPrecision(2)));
}

/** 1/400; of odds near or above one the number itself. */
function oddsOf(odds: number): string {
  if (odds > 0.5) return decimal(odds);
  const against = 1 / Math.max(1e-9, odds);
  return `1/${against >= 1e9 ? '10^9' : String(Number(against.toPrecision(2)))}`;
}
