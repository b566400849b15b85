// Control records: what changes the fold and is no event (SPEC section 5). Kept by partition, log,
// offset and order, committed with their effects, and merged into every replay: a record applies
// before the log's record at its offset, those of one offset in their order. To apply the records of
// an offset a second time, all of them and in order, changes nothing: a snapshot may stand behind them.

import type { DuckDBConnection } from '@duckdb/node-api';
import { DEFAULT_RULES, type Rules } from '../config/rules.js';
import { selectRows } from './sql.js';

/** From here on the log is judged by these rules. */
export interface RulesChange {
  readonly kind: 'rules';
  readonly rules: Rules;
}

/** A line's open episodes end and its starts are forgotten. */
export interface ResetChange {
  readonly kind: 'reset';
  readonly line: string;
  readonly by: string;
  readonly why: string;
  /** Wall clock of the request, epoch ms: for people, not for the fold. */
  readonly requestedMs: number;
}

/** Aliases end, then aliases begin, in this order. */
export interface AliasChange {
  readonly kind: 'alias';
  readonly end: readonly (readonly [key: string, line: string])[];
  readonly add: readonly (readonly [key: string, line: string])[];
}

/** Lines belong to a class of the rules in force; 0 = to none. */
export interface ClassChange {
  readonly kind: 'class';
  readonly index: number;
  /** The class's name, for people. */
  readonly name: string | null;
  readonly lines: readonly string[];
}

/** Events are read by this mapping; null = the native form. */
export interface MappingChange {
  readonly kind: 'mapping';
  readonly text: string | null;
}

/** What a control record does. */
export type ControlChange = RulesChange | ResetChange | AliasChange | ClassChange | MappingChange;

/** A change and its place: `seq` orders the records of a log. */
export interface ControlRecord {
  readonly log: number;
  readonly position: number;
  readonly seq: number;
  readonly change: ControlChange;
}

/** Lines of one class record: bounds its text. */
export const CLASS_LINES_MAX = 1_000;

/** Rules as stores of the first version wrote them: what they do not name was off. */
const FORMER_RULES: Rules = { ...DEFAULT_RULES, maxSkewMs: null };

/** The rules of a record's text, complete and with their keys in one order. */
export function rulesOfPayload(payload: string): Rules {
  return { ...FORMER_RULES, ...(JSON.parse(payload) as Partial<Rules>) };
}

function changeOf(kind: string, payload: string): ControlChange {
  if (kind === 'rules') return { kind, rules: rulesOfPayload(payload) };
  return { kind, ...(JSON.parse(payload) as object) } as ControlChange;
}

function payloadOf(change: ControlChange): string {
  if (change.kind === 'rules') return JSON.stringify(change.rules);
  const { kind: _, ...payload } = change;
  return JSON.stringify(payload);
}

/** Which control records of a partition. */
interface Which {
  /** Those of this log at this position or behind it; null = of all logs. */
  readonly from: { readonly log: number; readonly position: number } | null;
}

/** Control records of a partition, in the order in which they apply. */
export async function readControl(
  connection: DuckDBConnection,
  partitionId: number,
  { from }: Which,
): Promise<ControlRecord[]> {
  const rows = await selectRows<{
    log: number;
    position: number;
    seq: number;
    kind: string;
    payload: string;
  }>(
    connection,
    `select log, position, seq, kind, payload from control where partition_id = $partition
       and ($log is null or (log = $log and position >= $position)) order by log, position, seq`,
    { partition: partitionId, log: from?.log ?? null, position: from?.position ?? 0 },
  );
  return rows.map(({ log, position, seq, kind, payload }) => ({
    log,
    position,
    seq,
    change: changeOf(kind, payload),
  }));
}

/** The last change of a kind in any log of a partition, null when there was none. */
export async function lastChange<K extends 'rules' | 'mapping'>(
  connection: DuckDBConnection,
  partitionId: number,
  kind: K,
): Promise<Extract<ControlChange, { kind: K }> | null> {
  const [row] = await selectRows<{ payload: string }>(
    connection,
    `select payload from control where partition_id = $partition and kind = $kind
       order by log desc, position desc, seq desc limit 1`,
    { partition: partitionId, kind },
  );
  return row ? (changeOf(kind, row.payload) as Extract<ControlChange, { kind: K }>) : null;
}

/** The aliases in force at the end of a partition's records, in the order in which they began. */
export async function aliasesInForce(
  connection: DuckDBConnection,
  partitionId: number,
): Promise<Map<string, readonly [key: string, line: string]>> {
  const rows = await selectRows<{ payload: string }>(
    connection,
    `select payload from control where partition_id = $partition and kind = 'alias'
       order by log, position, seq`,
    { partition: partitionId },
  );
  return aliasesAfter(rows.map(({ payload }) => changeOf('alias', payload) as AliasChange));
}

/** The aliases in force after these changes, in the order in which they began. */
export function aliasesAfter(
  changes: Iterable<AliasChange>,
): Map<string, readonly [key: string, line: string]> {
  const aliases = new Map<string, readonly [string, string]>();
  for (const { end, add } of changes) {
    for (const pair of end) aliases.delete(JSON.stringify(pair));
    for (const pair of add) aliases.set(JSON.stringify(pair), pair);
  }
  return aliases;
}

/** The order of the next record of a log. */
export async function nextSeq(
  connection: DuckDBConnection,
  partitionId: number,
  log: number,
): Promise<number> {
  const [row] = await selectRows<{ next: number }>(
    connection,
    `select coalesce(max(seq) + 1, 0) as next from control
       where partition_id = $partition and log = $log`,
    { partition: partitionId, log },
  );
  return row.next;
}

/** Writes a record, in the transaction at hand. */
export async function writeControl(
  connection: DuckDBConnection,
  partitionId: number,
  { log, position, seq, change }: ControlRecord,
): Promise<void> {
  await connection.run('insert into control values ($1, $2, $3, $4, $5, $6)', [
    partitionId,
    log,
    BigInt(position),
    seq,
    change.kind,
    payloadOf(change),
  ]);
}

/** True when both judge alike. */
export function sameRules(a: Rules, b: Rules): boolean {
  return JSON.stringify({ ...DEFAULT_RULES, ...a }) === JSON.stringify({ ...DEFAULT_RULES, ...b });
}
