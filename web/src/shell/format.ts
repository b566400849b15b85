// Numbers and durations as people read them, in the page's language.

import { language } from './i18n.js';
import { t } from './words.js';

const WAN = 10_000;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function whole(value: number): string {
  return new Intl.NumberFormat(language()).format(Math.round(value));
}

/** Large numbers as each reader expects them: 480,000 in English, 48万 in 中文. */
export function big(value: number): string {
  if (language() === 'en' || value < WAN) return whole(value);
  const format = { maximumFractionDigits: value < 100 * WAN ? 2 : 0 };
  return `${new Intl.NumberFormat('zh', format).format(value / WAN)}万`;
}

/** Rates: one decimal below ten, none above. */
export function rate(value: number): string {
  const digits = value > 0 && value < 9.95 ? 1 : 0;
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language(), format).format(value);
}

/** A share 0..1 as a percentage, never rounded up to 100 %. */
export function percent(share: number): string {
  const value = share >= 1 ? 100 : Math.min(99.9, Math.floor(share * 1000) / 10);
  return `${new Intl.NumberFormat(language()).format(value)} %`;
}

/** `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`: two units at most. */
export function duration(ms: number): string {
  if (ms === 0) return `0 ${t('s')}`;
  if (ms < SECOND) return `${whole(ms)} ${t('ms')}`;
  if (ms < 10 * SECOND && ms % SECOND !== 0) return `${rate(ms / SECOND)} ${t('s')}`;
  const pairs: [number, string, number, string][] = [
    [DAY, t('d'), HOUR, t('h')],
    [HOUR, t('h'), MINUTE, t('min')],
    [MINUTE, t('min'), SECOND, t('s')],
  ];
  for (const [large, largeName, small, smallName] of pairs) {
    if (ms < large) continue;
    const rest = Math.floor((ms % large) / small);
    const head = `${whole(Math.floor(ms / large))} ${largeName}`;
    return rest === 0 ? head : `${head} ${rest} ${smallName}`;
  }
  return `${Math.floor(ms / SECOND)} ${t('s')}`;
}
