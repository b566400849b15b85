// Random mappings, and messages that fit them more or less: what a mapping asks for mostly stands
// where it is looked for, among members that nobody asked for, keys that come twice, and values of
// every kind.

import type fc from 'fast-check';
import { mutate } from '../judge/bytes.js';
import { type Choose, drawn, pick, rarely, several } from '../judge/choose.js';

/** A mapping's YAML words and the bytes of a text. */
export interface MappedText {
  words: string;
  bytes: Uint8Array;
}

/** Messages as they are sent. */
export const mappedTexts: fc.Arbitrary<MappedText> = drawn((choose) => mappedText(choose));

/** Messages after some damage. */
export const damagedTexts: fc.Arbitrary<MappedText> = drawn((choose) => {
  const { words, bytes } = mappedText(choose);
  return { words, bytes: mutate(bytes, choose) };
});

const KEYS = ['a', 'b', 'cd', 'x.y', 'longer-than-sixteen-bytes'];
const OTHER_KEYS = ['k1', 'k2', '7', 'é', '"'];
const RECORDS = ['r', 'r.s', 'r[]', 'list[]', 'b.list[]', 'map.*', 'a.map.*'];
const STATES = ['down', 'up', '1', 'true', 'MAJOR'];
const OUTCOMES = ['next', 'skip', 'reject', 'down', 'up'];
const UNITS = ['auto', 's', 'ms', 'us', 'ns'];
const TIMES = [
  '1700000000000',
  '1700000000',
  '1700000000123456',
  '1700000000123456789',
  '1700000000.9876',
  '1.7e12',
  '"1700000000"',
  '"2023-11-14T22:13:20.5Z"',
  '"2023-11-14 22:13:20"',
  '99999999999.99',
  '-5',
  '-0.1',
  '1e400',
  '12e-3',
  '"1.5"',
  'true',
];
const VALUES = [
  '"down"',
  '"up"',
  '"MAJOR"',
  '1',
  'true',
  'null',
  '""',
  '"line-1"',
  '"\\u0064own"',
  '"caf\u00e9"',
  '"\\ud800"',
  '1.0',
  '{}',
  '[1, {"a": 2}]',
  `"${'n'.repeat(200)}"`,
];

type Parts = (string | null)[];
/** What a path is taken for: the values that mostly stand there. */
type Role = 'name' | 'state' | 'time';

interface Wanted {
  parts: Parts;
  isFromRoot: boolean;
  role: Role;
}

/** Members in the order of the text, equal keys included. */
type Tree = [key: string, value: string | Tree][];

function mappedText(choose: Choose): MappedText {
  const records = rarely(choose, 3) ? several(choose, 1, 3, () => pick(choose, RECORDS)) : [];
  const distinct = [...new Set(records)];
  if (distinct.length > 0 && rarely(choose, 3)) distinct.push('$');
  const wanted = {
    name: several(choose, 1, 3, () => wantedPath(choose, 'name')),
    state: several(choose, 1, 2, () => wantedPath(choose, 'state')),
    time: several(choose, 1, 2, () => wantedPath(choose, 'time')),
  };
  const hasKey = distinct.some((path) => path.endsWith('.*'));
  const variants = several(choose, 1, 3, () => variant(choose, wanted, hasKey));
  // A variant without conditions reads everything: only the last may.
  if (choose(4) > 0) delete variants.at(-1)!['when'];
  const mapping = { ...(distinct.length > 0 && { records: distinct }), variants };
  const all = [...wanted.name, ...wanted.state, ...wanted.time];
  const texts = several(choose, 1, 3, () => messageText(choose, distinct, all));
  return {
    words: JSON.stringify(mapping),
    bytes: Buffer.from(texts.join(pick(choose, ['\n', ' ', '\r\n'])), 'utf8'),
  };
}

function wantedPath(choose: Choose, role: Role): Wanted {
  const part = (): string | null => (rarely(choose, 6) ? null : pick(choose, KEYS));
  const parts = several(choose, 1, 3, part);
  if (parts.length === 1 && parts[0] === null) parts.push('a');
  if (role !== 'name' && parts.at(-1) === null) parts.push('b');
  return { parts, isFromRoot: rarely(choose, 4), role };
}

function wordsOf({ parts, isFromRoot }: Wanted): string {
  const words = parts.map((part) => (part === null ? '*' : /[.]/.test(part) ? `"${part}"` : part));
  return `${isFromRoot ? '$.' : ''}${words.join('.')}`;
}

function variant(
  choose: Choose,
  wanted: Record<Role, Wanted[]>,
  hasKey: boolean,
): Record<string, unknown> {
  const any = (role: Role): string => wordsOf(pick(choose, wanted[role]));
  const value = (): string => (hasKey && rarely(choose, 3) ? '*' : any('name'));
  const template = (): string => {
    const piece = pick(choose, [`{${value()}}`, `[/{${value()}}]`, '{{x}}', `{${value()}}-`]);
    return `${pick(choose, ['', 'c/', '[[é]]'])}{${value()}}${rarely(choose, 2) ? piece : ''}`;
  };
  const conditions = several(choose, 1, 2, () => [any('state'), condition(choose)]);
  const times = wanted.time.map((one) => [wordsOf(one), pick(choose, UNITS)]);
  return {
    when: Object.fromEntries(conditions) as Record<string, unknown>,
    line: template(),
    ...(choose(2) === 0 && { alarm: template() }),
    ...(rarely(choose, 3) && { cause: template() }),
    ...(rarely(choose, 4) && { severity: template() }),
    state: rarely(choose, 8)
      ? pick(choose, ['down', 'up'])
      : Object.fromEntries(wanted.state.map((one) => [wordsOf(one), test(choose)])),
    time: choose(2) === 0 ? any('time') : (Object.fromEntries(times) as Record<string, unknown>),
  };
}

function condition(choose: Choose): unknown {
  const value = pick(choose, STATES);
  return pick<unknown>(choose, [
    { present: true },
    [...STATES],
    value,
    { not: value },
    { not: ['down', value] },
    { present: false },
    1,
    true,
  ]);
}

function test(choose: Choose): unknown {
  const down = STATES.filter(() => choose(2) === 0);
  const up = STATES.filter((text) => !down.includes(text));
  return {
    down,
    up,
    ...(rarely(choose, 4) && { otherwise: pick(choose, OUTCOMES) }),
    ...(rarely(choose, 4) && { ifNull: pick(choose, OUTCOMES) }),
    ...(rarely(choose, 4) && { ifAbsent: pick(choose, OUTCOMES) }),
  };
}

function messageText(choose: Choose, records: readonly string[], wanted: Wanted[]): string {
  const root: Tree = [];
  const ofRecord = wanted.filter(({ isFromRoot }) => !isFromRoot);
  for (const one of wanted) if (one.isFromRoot) put(choose, root, one);
  if (records.length === 0 || rarely(choose, 4)) for (const one of ofRecord) put(choose, root, one);
  const record = (): string => {
    if (rarely(choose, 8)) return pick(choose, VALUES);
    const tree: Tree = [];
    for (const one of ofRecord) put(choose, tree, one);
    return textOfTree(choose, tree);
  };
  for (const path of records) {
    if (path === '$' || rarely(choose, 4)) continue;
    const parts = path.replace(/(\[\]|\.\*)$/, '').split('.');
    let text = record();
    if (path.endsWith('[]')) text = `[${several(choose, 0, 3, record).join(', ')}]`;
    if (path.endsWith('.*')) {
      const members = several(choose, 0, 3, (): [string, string] => [anyKey(choose), record()]);
      text = textOfTree(choose, members);
    }
    insert(choose, root, parts, text);
  }
  return textOfTree(choose, root);
}

function put(choose: Choose, tree: Tree, { parts, role }: Wanted): void {
  if (rarely(choose, 8)) return;
  const states = STATES.map((text) => JSON.stringify(text));
  const plain = role === 'time' ? TIMES : role === 'state' ? states : VALUES;
  insert(choose, tree, parts, pick(choose, rarely(choose, 6) ? VALUES : plain));
  if (rarely(choose, 6)) insert(choose, tree, parts.slice(0, 1 + choose(3)), pick(choose, VALUES));
}

/** Adds a value at a path: into what is there, or beside it under the same key. */
function insert(choose: Choose, tree: Tree, parts: Parts, value: string): void {
  const [part, ...rest] = parts;
  const key = part ?? anyKey(choose);
  if (rest.length === 0) {
    tree.splice(choose(tree.length + 1), 0, [key, value]);
    return;
  }
  const known = tree.findLast((member) => member[0] === key && typeof member[1] !== 'string');
  if (known && !rarely(choose, 12)) {
    insert(choose, known[1] as Tree, rest, value);
    return;
  }
  const below: Tree = [];
  insert(choose, below, rest, value);
  tree.push([key, below]);
}

function anyKey(choose: Choose): string {
  return pick(choose, rarely(choose, 4) ? KEYS : OTHER_KEYS);
}

function textOfTree(choose: Choose, tree: Tree): string {
  const members = tree.map(([key, value]) => {
    const text = typeof value === 'string' ? value : textOfTree(choose, value);
    const [before, behind] = [pick(choose, ['', '', ' ']), pick(choose, ['', ' '])];
    return `${keyText(choose, key)}${before}:${behind}${text}`;
  });
  if (rarely(choose, 6)) members.push(`${keyText(choose, anyKey(choose))}:${pick(choose, VALUES)}`);
  return `{${members.join(pick(choose, [',', ', ']))}}`;
}

/** A key in quotes, now and then with an escape where none is needed. */
function keyText(choose: Choose, key: string): string {
  const text = JSON.stringify(key);
  if (!rarely(choose, 10) || key === '"') return text;
  const code = key.codePointAt(0)!.toString(16).padStart(4, '0');
  return `"\\u${code}${text.slice(2)}`;
}
