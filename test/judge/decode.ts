// The reference decoder of SPEC section 3's native input, which the kernel's decoder is held against.
// The unit is one object: a wrong event costs itself alone; where the text breaks, reading goes on at
// top level behind the next newline at or after the break.

import type { ModelEvent } from '../model.js';
import { JsonError, JsonReader, type JsonNode, type JsonObject } from './json.js';
import { timeOfNumber, timeOfText } from './time.js';

/** Bytes of a line, alarm, cause or key. */
const NAME_BYTES_MAX = 256;

const BOM = [0xef, 0xbb, 0xbf];
const LINE_FEED = 0x0a;
/** First characters of values that are no objects. */
const OTHER_VALUES = '["-0123456789tfn';

/** A field of an event, in the order in which they are judged. */
export type Field = 'line' | 'time' | 'state' | 'alarm' | 'cause' | 'key';

/** An accepted event; `at` and `end` are the byte positions of its object. */
export interface DecodedEvent {
  kind: 'event';
  at: number;
  end: number;
  /** alarm, cause and key are absent where they are unnamed or none. */
  event: ModelEvent;
}

/** The text breaks at byte `at`, or holds something else where an object should stand. */
export interface TextReject {
  kind: 'text';
  at: number;
  reason: 'text' | 'depth' | 'not-an-object';
}

/** An object at byte `at` that is no event; line and key are there where they are valid. */
export interface EventReject {
  kind: 'wrong-event';
  at: number;
  end: number;
  /** Every field that is wrong, at least one. */
  wrong: Field[];
  line?: string;
  key?: string;
}

export type Decoded = DecodedEvent | TextReject | EventReject;

export interface DecodeOptions {
  /** A file: a byte order mark at its start is skipped. */
  file?: boolean;
  /** IANA name of the zone of times without an offset; without it they are rejected. */
  timeZone?: string;
}

/** Decodes a record's value or a whole file: what it holds, in its order. */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): Decoded[] {
  return readObjects<Decoded>(bytes, options, (object, at, end) => [
    judge(object, at, end, options.timeZone),
  ]);
}

/** What `one` makes of each object of a text, and where the text breaks, in its order. */
export function readObjects<Item>(
  bytes: Uint8Array,
  options: DecodeOptions,
  one: (object: JsonObject, at: number, end: number) => readonly Item[],
): (Item | TextReject)[] {
  const reader = new JsonReader(bytes);
  const items: (Item | TextReject)[] = [];
  if (options.file && BOM.every((byte, i) => bytes[i] === byte)) reader.at = BOM.length;
  let spaceNeeded = false;
  for (;;) {
    const from = reader.at;
    reader.skipSpace();
    if (reader.at >= bytes.length) return items;
    try {
      if (spaceNeeded && reader.at === from) throw new JsonError('text', reader.at);
      readTopLevel(reader, (object, at, end) => items.push(...one(object, at, end)));
      spaceNeeded = true;
    } catch (thrown) {
      if (!(thrown instanceof JsonError)) throw thrown;
      items.push({ kind: 'text', at: thrown.at, reason: thrown.reason });
      const newline = bytes.indexOf(LINE_FEED, thrown.at);
      reader.at = newline < 0 ? bytes.length : newline + 1;
      spaceNeeded = false;
    }
  }
}

/** The accepted events among decoded items. */
export function eventsOf(items: readonly Decoded[]): ModelEvent[] {
  return items.flatMap((item) => (item.kind === 'event' ? [item.event] : []));
}

function readTopLevel(
  reader: JsonReader,
  take: (object: JsonObject, at: number, end: number) => void,
): void {
  const one = (depth: number): void => {
    const at = reader.at;
    const first = reader.peek();
    if (first !== '' && OTHER_VALUES.includes(first)) throw new JsonError('not-an-object', at);
    const object = reader.object(depth);
    take(object, at, reader.at);
  };
  if (reader.peek() === '[') reader.list(0, '[', ']', () => one(1));
  else one(0);
}

/** What a field is worth: a value, nothing (absent or empty), or wrong. */
type Judged<Value> = { value?: Value; wrong?: true };

const WRONG = { wrong: true } as const;

function judge(
  object: JsonObject,
  at: number,
  end: number,
  timeZone: string | undefined,
): DecodedEvent | EventReject {
  const field = (name: Field): JsonNode | undefined =>
    object.members.findLast((member) => member.name.text === name)?.value;
  const fields = {
    line: judgeLine(field('line')),
    time: judgeTime(field('time'), timeZone),
    state: judgeState(field('state')),
    alarm: judgeName(field('alarm')),
    cause: judgeName(field('cause')),
    key: judgeKey(field('key')),
  };
  const names = Object.keys(fields) as Field[];
  const wrong = names.filter((name) => fields[name].wrong);
  const [line, key] = [fields.line.value, fields.key.value];
  if (wrong.length > 0) {
    return withoutAbsent({ kind: 'wrong-event' as const, at, end, wrong, line, key });
  }
  const values = names.map((name) => [name, fields[name].value]);
  const event = withoutAbsent(Object.fromEntries(values) as ModelEvent);
  return { kind: 'event', at, end, event };
}

function judgeLine(node: JsonNode | undefined): Judged<string> {
  const { value } = judgeName(node);
  return value === undefined ? WRONG : { value };
}

/** Absent and null are none; the empty text is wrong, as it is for a line. */
function judgeKey(node: JsonNode | undefined): Judged<string> {
  return isNone(node) ? {} : judgeLine(node);
}

/** Absent, null and "" are none. */
function judgeName(node: JsonNode | undefined): Judged<string> {
  if (isNone(node)) return {};
  if (node?.kind !== 'string' || !node.wellFormed) return WRONG;
  if (Buffer.byteLength(node.text) > NAME_BYTES_MAX) return WRONG;
  return node.text === '' ? {} : { value: node.text };
}

function judgeState(node: JsonNode | undefined): Judged<'down' | 'up'> {
  if (node?.kind !== 'string') return WRONG;
  return node.text === 'down' || node.text === 'up' ? { value: node.text } : WRONG;
}

function judgeTime(node: JsonNode | undefined, timeZone: string | undefined): Judged<number> {
  let value: number | null = null;
  if (node?.kind === 'number') value = timeOfNumber(node.text);
  if (node?.kind === 'string') value = timeOfText(node.text, timeZone);
  return value === null ? WRONG : { value };
}

function isNone(node: JsonNode | undefined): boolean {
  return node === undefined || (node.kind === 'word' && node.value === null);
}

function withoutAbsent<Value extends object>(value: Value): Value {
  return Object.fromEntries(
    Object.entries(value).filter(([, each]) => each !== undefined),
  ) as Value;
}
