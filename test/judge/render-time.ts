// A time in each of the forms that SPEC section 3 accepts, all of which mean the same whole ms.

import { pick, rarely, type Choose } from './choose.js';

/** The last time that RFC 3339 can say with every offset used here. */
export const RFC_TIME_MAX = Date.UTC(9999, 11, 30);

const MINUTE_MS = 60_000;
const OFFSETS_MIN = [0, 480, -300, 345, 1439, -1439];

/** A JSON number that JSON.parse reads as `time` and less than a ms more. */
export function timeNumber(time: number, choose: Choose): string {
  const text = numberText(time, choose);
  return Math.trunc(Number(text)) === time ? text : String(time);
}

/** May come out as the next ms, where doubles lie too far apart for the fraction. */
function numberText(time: number, choose: Choose): string {
  if (time === 0) return pick(choose, ['0', '-0', '-0.9', '0e99', '0.0E-9', '1e-99']);
  const digits = String(time);
  const [first, rest] = [digits[0], digits.slice(1)];
  const significant = digits.replace(/0+$/, '');
  const e = pick(choose, ['e', 'E']);
  switch (choose(5)) {
    case 1:
      return `${digits}.${pick(choose, ['0', '000', '5', '999', '00100'])}`;
    case 2:
      return `${first}.${rest}0${e}${pick(choose, ['', '+', '+0'])}${rest.length}`;
    case 3:
      return `${digits}${pick(choose, ['000', '999', '123'])}${e}-${pick(choose, ['', '00'])}3`;
    case 4:
      return `${significant}${e}${digits.length - significant.length}`;
    default:
      return digits;
  }
}

/** RFC 3339 with an offset; `time` in ms, 0 <= time <= RFC_TIME_MAX. */
export function rfc3339(time: number, choose: Choose): string {
  const offset = pick(choose, OFFSETS_MIN);
  const local = time + offset * MINUTE_MS;
  const usual = new Date(local).toISOString();
  const leap = usual.slice(17, 19) === '00' && rarely(choose, 3);
  const iso = leap ? new Date(local - MINUTE_MS).toISOString() : usual;
  const upToMinute = iso.slice(0, 10) + pick(choose, ['T', 't', ' ']) + iso.slice(11, 16);
  const second = leap ? '60' : iso.slice(17, 19);
  return `${upToMinute}:${second}${fractionOf(iso.slice(20, 23), choose)}${offsetText(offset, choose)}`;
}

function fractionOf(ms: string, choose: Choose): string {
  if (ms === '000' && rarely(choose, 2)) return pick(choose, ['', '.0', '.00']);
  if (rarely(choose, 3)) return `.${ms}${pick(choose, ['0', '999999', '9', '5000000001'])}`;
  return ms.endsWith('0') && rarely(choose, 2) ? `.${ms.slice(0, 2)}` : `.${ms}`;
}

function offsetText(offset: number, choose: Choose): string {
  if (offset === 0) return pick(choose, ['Z', 'z', '+00:00', '-00:00']);
  const size = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}`;
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}
