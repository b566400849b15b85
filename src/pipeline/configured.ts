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

/**
 * The changes for a partition, in the order in which they are to be applied. Aliases that stay keep
 * their order; new ones of a key come behind them.
 */
export async function configuredChanges(
  connection: DuckDBConnection,
  partitionId: number,
  { rules, aliases = [], mapping = null }: Configured,
): Promise<ControlChange[]> {
  const changes: ControlChange[] = [];
  const lastRules = await lastChange(connection, partitionId, 'rules');
  if (!lastRules || !sameRules(lastRules.rules, rules)) changes.push({ kind: 'rules', rules });
  const lastMapping = await lastChange(connection, partitionId, 'mapping');
  const text = mapping === null || mapping.isNative ? null : mapping.words;
  if ((lastMapping?.text ?? null) !== text) changes.push({ kind: 'mapping', text });
  const inForce = await aliasesInForce(connection, partitionId);
  const wanted = new Set(aliases.map((pair) => JSON.stringify(pair)));
  const end = [...inForce].flatMap(([key, pair]) => (wanted.has(key) ? [] : [pair]));
  const add = aliases.filter((pair) => !inForce.has(JSON.stringify(pair)));
  // A key that gets its first alias is no line of its own any more.
  if (lastRules) end.push(...ownLines(inForce.values(), add));
  changes.push(...aliasChanges(end, add));
  changes.push(...(await classChanges(connection, partitionId, rules.classes)));
  return changes;
}

/** The same for a fold that begins under the rules and has no store; `lineRows` of lines.csv. */
export function firstChanges(
  { rules, aliases = [] }: Configured,
  lineRows: Iterable<RecordRow>,
): ControlChange[] {
  const changes: ControlChange[] = aliasChanges([], aliases);
  if (rules.classes.length === 0) return changes;
  const classify = classifier(rules.classes);
  const linesOf = new Map<number, string[]>();
  for (const row of lineRows) {
    const index = classify(row);
    if (index === 0) continue;
    const lines = linesOf.get(index);
    const line = String(row['line']);
    if (lines) lines.push(line);
    else linesOf.set(index, [line]);
  }
  for (const [index, lines] of linesOf) changes.push(...changesTo(index, lines, rules.classes));
  return changes;
}
