// What the configuration asks of a partition, against what its control records say: the changes that
// lead from the one to the other. A second start with the same configuration finds none.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Rules } from '../config/rules.js';
import type { CompiledMapping } from '../mapping/compiled.js';
import { classifier } from '../records/line-classes.js';
import type { RecordRow } from '../records/values.js';
import { changesTo, classChanges } from '../store/class-changes.js';
import {
  type AliasChange,
  type ControlChange,
  aliasesAfter,
  aliasesInForce,
  lastChange,
  sameRules,
} from '../store/control.js';

/** An alias: an alarmed key, and a line that it carries. */
export type Alias = readonly [key: string, line: string];

/** What is configured for every partition alike. */
export interface Configured {
  readonly rules: Rules;
  /** (key, line) pairs in the file's order. */
  readonly aliases?: readonly Alias[];
  /** How messages are read; null or absent = the native form. */
  readonly mapping?: CompiledMapping | null;
}

/** Pairs of one alias record: bounds its text. */
const ALIAS_PAIRS_MAX = 1_000;

function aliasChanges(end: readonly Alias[], add: readonly Alias[]): AliasChange[] {
  const changes: AliasChange[] = [];
  for (let from = 0; from < end.length; from += ALIAS_PAIRS_MAX) {
    changes.push({ kind: 'alias', end: end.slice(from, from + ALIAS_PAIRS_MAX), add: [] });
  }
  for (let from = 0; from < add.length; from += ALIAS_PAIRS_MAX) {
    changes.push({ kind: 'alias', end: [], add: add.slice(from, from + ALIAS_PAIRS_MAX) });
  }
  return changes;
}

/** (key, key) for each key that had no alias and does not keep itself as one. */
function ownLines(inForce: Iterable<Alias>, add: readonly Alias[]): Alias[] {
  const aliased = new Set([...inForce].map(([key]) => key));
  const kept = new Set(add.flatMap(([key, line]) => (key === line ? [key] : [])));
  const keys = new Set(add.map(([key]) => key));
  return [...keys].filter((key) => !aliased.has(key) && !kept.has(key)).map((key) => [key, key]);
}

/** What the control records of a partition have led to. */
interface InForce {
  readonly rules: Rules | null;
  /** The text of the mapping; null = the native form. */
  readonly mapping: string | null;
  /** By the text of the pair, in the order in which they began. */
  readonly aliases: ReadonlyMap<string, Alias>;
}

/** The changes of rules, mapping and aliases that lead from what is in force to what is configured. */
function changesFrom(
  { rules: rulesInForce, mapping: mappingInForce, aliases: inForce }: InForce,
  { rules, aliases = [], mapping = null }: Configured,
): ControlChange[] {
  const changes: ControlChange[] = [];
  if (!rulesInForce || !sameRules(rulesInForce, rules)) changes.push({ kind: 'rules', rules });
  const text = mapping === null || mapping.isNative ? null : mapping.words;
  if (mappingInForce !== text) changes.push({ kind: 'mapping', text });
  const wanted = new Set(aliases.map((pair) => JSON.stringify(pair)));
  const end = [...inForce].flatMap(([key, pair]) => (wanted.has(key) ? [] : [pair]));
  const add = aliases.filter((pair) => !inForce.has(JSON.stringify(pair)));
  // A key that gets its first alias is no line of its own any more.
  if (rulesInForce) end.push(...ownLines(inForce.values(), add));
  return [...changes, ...aliasChanges(end, add)];
}

/**
 * The changes for a partition of a store, in the order in which they are to be applied. Aliases that
 * stay keep their order; new ones of a key come behind them.
 */
export async function configuredChanges(
  connection: DuckDBConnection,
  partitionId: number,
  configured: Configured,
): Promise<ControlChange[]> {
  const inForce = {
    rules: (await lastChange(connection, partitionId, 'rules'))?.rules ?? null,
    mapping: (await lastChange(connection, partitionId, 'mapping'))?.text ?? null,
    aliases: await aliasesInForce(connection, partitionId),
  };
  const { classes } = configured.rules;
  return [
    ...changesFrom(inForce, configured),
    ...(await classChanges(connection, partitionId, classes)),
  ];
}

/** The same for a partition whose control records are these; `lineRows` of lines.csv. */
export function recordedChanges(
  changes: readonly ControlChange[],
  configured: Configured,
  lineRows: Iterable<RecordRow>,
): ControlChange[] {
  const ofKind = <K extends ControlChange['kind']>(kind: K) =>
    changes.filter((change): change is Extract<ControlChange, { kind: K }> => change.kind === kind);
  const inForce = {
    rules: ofKind('rules').at(-1)?.rules ?? null,
    mapping: ofKind('mapping').at(-1)?.text ?? null,
    aliases: aliasesAfter(ofKind('alias')),
  };
  const { classes } = configured.rules;
  const classOf = new Map(
    ofKind('class').flatMap(({ name, lines }) => lines.map((line) => [line, name] as const)),
  );
  return [...changesFrom(inForce, configured), ...classesFrom(classOf, classes, lineRows)];
}

/** The same for a fold that begins under the rules and has no store; `lineRows` of lines.csv. */
export function firstChanges(
  { rules, aliases = [] }: Configured,
  lineRows: Iterable<RecordRow>,
): ControlChange[] {
  const changes: ControlChange[] = aliasChanges([], aliases);
  return [...changes, ...classesFrom(new Map(), rules.classes, lineRows)];
}

/** Class records for lines whose class by their records is another than the one they have. */
function classesFrom(
  classOf: ReadonlyMap<string, string | null>,
  classes: Rules['classes'],
  lineRows: Iterable<RecordRow>,
): ControlChange[] {
  if (classes.length === 0 && classOf.size === 0) return [];
  const classify = classifier(classes);
  const linesOf = new Map<number, string[]>();
  const left = new Set(classOf.keys());
  const judge = (row: Readonly<Record<string, unknown>>): void => {
    const line = String(row['line']);
    left.delete(line);
    const index = classify(row);
    if ((classes[index - 1]?.name ?? null) === (classOf.get(line) ?? null)) return;
    const lines = linesOf.get(index);
    if (lines) lines.push(line);
    else linesOf.set(index, [line]);
  };
  for (const row of lineRows) judge(row);
  for (const line of left) judge({ line });
  return [...linesOf].flatMap(([index, lines]) => changesTo(index, lines, classes));
}
