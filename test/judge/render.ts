// Events as the JSON text that an honest producer may send: any key order, white space, escapes,
// unknown fields, form of number or time, equal keys, arrays, several objects in a record. Decoding
// what is made here gives exactly the events that it was made of, and no reject.

import type { ModelEvent } from '../model.js';
import { pick, rarely, several, type Choose } from './choose.js';
import { RFC_TIME_MAX, rfc3339, timeNumber } from './render-time.js';

/** A record's value, and the events that it holds. */
export interface HonestRecord {
  bytes: Uint8Array;
  events: ModelEvent[];
}

const TIME_MAX = 2 ** 53 - 1;
const SPACES = [' ', '\n', '\t', '\r', '\r\n', '  ', '\n\n', ' \t\r\n'];
const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
const LINES = [
  'GZ-DDN-0001',
  'L',
  '广州-2M-0007',
  'a/b\\c "quoted"',
  '{"line":"x"},[',
  'ü\u0000\u001f\u007f\u2028\ufeff\uffff',
  '😀\u{10ffff}',
  'x'.repeat(256),
  '线'.repeat(85),
  '\\',
];
const CAUSES = ['card 3', 'power', '割接', 'c'.repeat(256), '\\"'];
const ALARMS = ['LOS', 'AIS', '*', 'type-1', '告警', '"'];
const UNKNOWN_NAMES = ['severity', 'Line', 'line ', 'tim', '', '__proto__', 'états', 'keys', '\\'];
const UNKNOWN_TEXTS = ['', 'minor', '}', ']', '"', '\\', '{"line":"no"}', '\n', '😀', ',:'];

/** An event with names and a time from the easy to the odd. */
export function nativeEvent(choose: Choose): ModelEvent {
  const event: ModelEvent = {
    line: pick(choose, LINES),
    time: nativeTime(choose),
    state: pick(choose, ['down', 'up']),
  };
  if (rarely(choose, 2)) event.alarm = pick(choose, ALARMS);
  if (rarely(choose, 4)) event.cause = pick(choose, CAUSES);
  if (rarely(choose, 6)) event.key = pick(choose, LINES);
  return event;
}

function nativeTime(choose: Choose): number {
  if (rarely(choose, 8)) return pick(choose, [0, 1, 59_999, RFC_TIME_MAX, TIME_MAX - 1, TIME_MAX]);
  const time = 1_164_900_000_000 + choose(60_000) * 1000;
  return rarely(choose, 3) ? time + choose(1000) : time;
}

/** A record's value with none to four events. */
export function honestRecord(choose: Choose): HonestRecord {
  const events: ModelEvent[] = [];
  const one = (): string => {
    const event = nativeEvent(choose);
    events.push(event);
    return renderEvent(event, choose);
  };
  const group = (): string => {
    if (!rarely(choose, 3)) return one();
    return list('[', ']', several(choose, 0, 3, one), choose);
  };
  const groups = several(choose, rarely(choose, 20) ? 0 : 1, 2, group);
  const text = space(choose) + groups.map((each) => each + separator(choose)).join('');
  const untilEnd = rarely(choose, 2) ? text : text.trimEnd();
  return { bytes: Buffer.from(untilEnd, 'utf8'), events };
}

/** One event as a JSON object. */
export function renderEvent(event: ModelEvent, choose: Choose): string {
  const members: [name: string, value: string][] = [
    ['line', renderText(event.line, choose)],
    ['time', renderTime(event.time, choose)],
    ['state', renderText(event.state, choose)],
  ];
  for (const name of ['alarm', 'cause', 'key'] as const) {
    const value = event[name];
    if (value !== undefined) members.push([name, renderText(value, choose)]);
    else if (rarely(choose, 4)) members.push([name, name === 'key' ? 'null' : emptyName(choose)]);
  }
  if (rarely(choose, 2)) shuffle(members, choose);
  const insert = (name: string, last: number): void => {
    members.splice(choose(last + 1), 0, [name, renderAny(choose, 3)]);
  };
  while (rarely(choose, 3)) insert(pick(choose, UNKNOWN_NAMES), members.length);
  while (rarely(choose, 6)) {
    const right = choose(members.length);
    insert(members[right][0], right);
  }
  const texts = members.map(
    ([name, value]) => `${renderText(name, choose)}${space(choose)}:${space(choose)}${value}`,
  );
  return list('{', '}', texts, choose);
}

function emptyName(choose: Choose): string {
  return pick(choose, ['null', '""']);
}

/** Any JSON value, nested to at most `levels`, now and then much deeper. */
export function renderAny(choose: Choose, levels: number): string {
  if (rarely(choose, 60)) {
    const deep = choose(200);
    return '[{"a":'.repeat(deep) + '0' + '}]'.repeat(deep);
  }
  const form = choose(levels > 0 ? 7 : 5);
  if (form === 0) return 'null';
  if (form === 1) return 'true';
  if (form === 2) return 'false';
  if (form === 3) return renderNumber(choose);
  if (form === 4) {
    return rarely(choose, 8) ? '"\\ud800 \\udc00\\ud800"' : renderText(anyText(choose), choose);
  }
  const member = (): string => `${renderText(anyText(choose), choose)}:${space(choose)}`;
  const value = (): string => (form === 6 ? member() : '') + renderAny(choose, levels - 1);
  const [open, close] = form === 6 ? ['{', '}'] : ['[', ']'];
  return list(open, close, several(choose, 0, 3, value), choose);
}

/** A JSON string: plain, all in \u escapes, or each character as it comes. */
function renderText(text: string, choose: Choose): string {
  const mode = choose(4);
  let rendered = '';
  for (const character of text) {
    const form = mode === 3 ? choose(4) : mode === 2 ? 3 : 0;
    const short = SHORT_ESCAPES[character];
    const escaped = short !== undefined && (form === 2 || (form < 2 && character !== '/'));
    if (escaped) rendered += short;
    else if (form === 3 || character < ' ') rendered += unicodeEscapes(character, choose);
    else rendered += character;
  }
  return `"${rendered}"`;
}

function unicodeEscapes(character: string, choose: Choose): string {
  const units = character.split('').map((unit) => {
    const digits = unit.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${rarely(choose, 2) ? digits.toUpperCase() : digits}`;
  });
  return units.join('');
}

function renderTime(time: number, choose: Choose): string {
  const isText = time <= RFC_TIME_MAX && rarely(choose, 3);
  return isText ? renderText(rfc3339(time, choose), choose) : timeNumber(time, choose);
}

function renderNumber(choose: Choose): string {
  const whole = pick(choose, ['0', '-0', '7', '-12', '9007199254740993', '1'.repeat(40)]);
  const fraction = pick(choose, ['', '.5', '.000']);
  return whole + fraction + pick(choose, ['', 'e5', 'E+05', 'e-400', 'E400']);
}

function anyText(choose: Choose): string {
  return pick(choose, rarely(choose, 4) ? LINES : UNKNOWN_TEXTS);
}

function list(open: string, close: string, texts: readonly string[], choose: Choose): string {
  const comma = (): string => `${space(choose)},${space(choose)}`;
  const inner = texts.map((text, i) => (i > 0 ? comma() : '') + text).join('');
  return open + space(choose) + inner + space(choose) + close;
}

function space(choose: Choose): string {
  return rarely(choose, 4) ? separator(choose) : '';
}

/** White space, at least one. */
function separator(choose: Choose): string {
  return pick(choose, SPACES);
}

function shuffle<Item>(items: Item[], choose: Choose): void {
  for (let i = items.length - 1; i > 0; i--) {
    const other = i - choose(i + 1);
    [items[i], items[other]] = [items[other], items[i]];
  }
}
