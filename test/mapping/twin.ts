// The naive twin of mappings: it reads the YAML form itself, path by path, over the judge's JSON
// (which keeps the order of members and the digits of numbers, as JSON.parse does not). No table,
// no slots, nothing shared with the compiler.

import { parse } from 'yaml';
import { type DecodedEvent, type EventReject, readObjects } from '../judge/decode.js';
import type { JsonNode, JsonObject } from '../judge/json.js';
import {
  type Mapped,
  type MappedItem,
  type MapOptions,
  isOneOf,
  isThere,
  nameOf,
  readTime,
} from './values.js';

type Scalar = string | number | boolean;
type Values = Scalar | Scalar[];
type Test = Record<'down' | 'up' | 'skip' | 'reject', Values | undefined> &
  Record<'otherwise' | 'ifNull' | 'ifAbsent', string | undefined>;

interface Variant {
  when?: Record<string, Values | { not?: Values; present?: boolean }>;
  line: string;
  alarm?: string;
  cause?: string;
  severity?: string;
  state: 'down' | 'up' | Record<string, Test>;
  time: string | Record<string, string>;
}

interface Mapping {
  records?: string[];
  variants: Variant[];
}

/** A record: the whole object, the record in it, and the record's key, if it has one. */
interface Here {
  root: JsonObject;
  record: JsonObject;
  key: JsonNode | undefined;
}

const OUTCOMES = ['down', 'up', 'skip', 'reject'] as const;
/** Literal, [constant{path}], {path}, or a character. */
const PIECE = new RegExp(
  [
    String.raw`(\{\{|\}\}|\[\[|\]\])`,
    String.raw`\[((?:\{\{|\}\}|\[\[|\]\]|[^{}[\]])*)\{((?:"[^"]*"|[^{}"])*)\}\]`,
    String.raw`\{((?:"[^"]*"|[^{}"])*)\}`,
    '([^])',
  ].join('|'),
  'g',
);

/** Decodes a text by a mapping's YAML words. */
export function twinDecode(words: string, bytes: Uint8Array, options: MapOptions): MappedItem[] {
  const mapping = parse(words) as Mapping;
  const named = pathsOf(mapping);
  return readObjects<Mapped>(bytes, options, (root, at, end) => {
    return recordsOf(mapping, root).map((here): Mapped => {
      const place = { at, end };
      const read = here && readRecord(mapping, here, named, options.timeZone);
      return Object.assign(place, read ?? { kind: 'skipped' as const });
    });
  });
}

/** The records of an object in order; null = what is no alarm, but is counted. */
function recordsOf(mapping: Mapping, root: JsonObject): (Here | null)[] {
  const self: Here = { root, record: root, key: undefined };
  if (!mapping.records) return [self];
  const found: (Here | null)[] = [];
  let isAny = false;
  for (const words of mapping.records) {
    if (words === '$') continue;
    const path = partsOf(words.replace(/\[\]$/, '').replace(/\.\*$/, '').replace(/^\$\./, ''));
    const node = lookUp(root, path, []);
    if (!isThere(node)) continue;
    isAny = true;
    const here = (value: JsonNode, key?: JsonNode): Here | null =>
      value.kind === 'object' ? { root, record: value, key } : null;
    if (words.endsWith('[]')) {
      found.push(...(node!.kind === 'array' ? node!.items.map((item) => here(item)) : [null]));
    } else if (words.endsWith('.*')) {
      const members = node!.kind === 'object' ? node!.members : null;
      found.push(...(members?.map(({ name, value }) => here(value, name)) ?? [null]));
    } else {
      found.push(here(node!));
    }
  }
  if (isAny) return found;
  return [mapping.records.includes('$') ? self : null];
}

/** What a record is; null = no alarm. */
function readRecord(
  mapping: Mapping,
  here: Here,
  named: Paths,
  timeZone?: string,
): Omit<DecodedEvent, 'at' | 'end'> | Omit<EventReject, 'at' | 'end'> | null {
  const value = (words: string): JsonNode | undefined => valueOf(here, words, named);
  const variant = mapping.variants.find(({ when = {} }) =>
    Object.entries(when).every(([words, condition]) => holds(value(words), condition)),
  );
  if (!variant) return null;
  const state = stateOf(variant.state, value);
  if (state === 'skip') return null;
  const name = (template: string | undefined): string | null => {
    return template === undefined ? null : nameOf(piecesOf(template, value));
  };
  const line = name(variant.line);
  if (line === null || line === 'wrong') return { kind: 'wrong-event', wrong: ['line'] };
  const times = typeof variant.time === 'string' ? { [variant.time]: 'auto' } : variant.time;
  const given = Object.entries(times).find(([words]) => isThere(value(words)));
  const time = given ? readTime(value(given[0])!, given[1], timeZone) : null;
  const alarm = name(variant.alarm);
  const cause = name(variant.cause);
  if (state === 'reject') return { kind: 'wrong-event', wrong: ['state'], line };
  if (time === null) return { kind: 'wrong-event', wrong: ['time'], line };
  if (alarm === 'wrong') return { kind: 'wrong-event', wrong: ['alarm'], line };
  if (cause === 'wrong') return { kind: 'wrong-event', wrong: ['cause'], line };
  const names = { ...(alarm !== null && { alarm }), ...(cause !== null && { cause }) };
  return { kind: 'event', event: { line, time, state, ...names } };
}

function holds(
  node: JsonNode | undefined,
  condition: Values | { not?: Values; present?: boolean },
): boolean {
  if (typeof condition !== 'object' || Array.isArray(condition)) {
    return isOneOf(node, listOf(condition));
  }
  if (condition.not !== undefined) return !isOneOf(node, listOf(condition.not));
  return isThere(node) === condition.present;
}

function stateOf(
  state: Variant['state'],
  value: (words: string) => JsonNode | undefined,
): 'down' | 'up' | 'skip' | 'reject' {
  if (typeof state === 'string') return state;
  for (const [words, test] of Object.entries(state)) {
    const node = value(words);
    const outcome =
      node === undefined
        ? test.ifAbsent
        : !isThere(node)
          ? test.ifNull
          : (OUTCOMES.find((one) => isOneOf(node, listOf(test[one] ?? []))) ?? test.otherwise);
    if (outcome !== undefined && outcome !== 'next') return outcome as 'down';
  }
  return 'reject';
}

function listOf(values: Values): string[] {
  return (Array.isArray(values) ? values : [values]).map(String);
}

function piecesOf(
  template: string,
  value: (words: string) => JsonNode | undefined,
): Parameters<typeof nameOf>[0] {
  return [...template.matchAll(PIECE)].map(([, literal, constant, optional, needed, char]) => {
    if (optional !== undefined) {
      const plain = constant.replaceAll(/([{}[\]])\1/g, '$1');
      return { constant: plain, node: value(optional.trim()), isOptional: true };
    }
    if (needed !== undefined) {
      return { constant: '', node: value(needed.trim()), isOptional: false };
    }
    return { constant: literal?.[0] ?? char, node: null, isOptional: false };
  });
}

/** Parts of a path; null = every other key. */
type Parts = (string | null)[];
/** All paths of a mapping, from the root and from a record: what `*` does not stand for. */
type Paths = { root: Parts[]; record: Parts[] };

function valueOf(here: Here, words: string, named: Paths): JsonNode | undefined {
  if (words === '*') return here.key;
  return words.startsWith('$.')
    ? lookUp(here.root, partsOf(words.slice(2)), named.root)
    : lookUp(here.record, partsOf(words), named.record);
}

/** What a path leads to: of equal keys, and of the other keys, the last one. */
function lookUp(from: JsonObject, path: Parts, named: readonly Parts[]): JsonNode | undefined {
  let node: JsonNode | undefined = from;
  for (const [depth, part] of path.entries()) {
    if (node?.kind !== 'object') return undefined;
    const here = path.slice(0, depth).join('\n');
    const beside = named.filter((other) => {
      return other.length > depth && other.slice(0, depth).join('\n') === here;
    });
    const others = new Set(beside.map((other) => other[depth]));
    const member: JsonObject['members'][number] | undefined = node.members.findLast(({ name }) =>
      part === null ? !others.has(name.text) : name.text === part,
    );
    node = part === null && depth === path.length - 1 ? member?.name : member?.value;
  }
  return node;
}

function partsOf(words: string): Parts {
  return [...words.matchAll(/"([^"]*)"|([^.]+)/g)].map(([, quoted, plain]) =>
    plain === '*' ? null : (quoted ?? plain),
  );
}

function pathsOf({ records, variants }: Mapping): Paths {
  const words = variants.flatMap((variant) => [
    ...Object.keys(variant.when ?? {}),
    ...(typeof variant.state === 'string' ? [] : Object.keys(variant.state)),
    ...(typeof variant.time === 'string' ? [variant.time] : Object.keys(variant.time)),
    ...[variant.line, variant.alarm, variant.cause, variant.severity].flatMap((template) =>
      [...(template ?? '').matchAll(PIECE)].flatMap(([, , , one, other]) => one ?? other ?? []),
    ),
  ]);
  const paths = words.map((path) => path.trim()).filter((path) => path !== '*');
  const fromRoot = paths.filter((path) => path.startsWith('$.')).map((path) => path.slice(2));
  const ofRecords = (records ?? [])
    .filter((path) => path !== '$')
    .map((path) => path.replace(/^\$\./, '').replace(/(\[\]|\.\*)$/, ''));
  const record = paths.filter((path) => !path.startsWith('$.')).map(partsOf);
  const root = fromRoot.concat(ofRecords).map(partsOf);
  return records ? { root, record } : { root: root.concat(record), record: root.concat(record) };
}
