// Changes of the store that a partition's log asks for beside its findings, as data: so that a batch can
// be sent to another process before it is written. Each is one statement or a few, on the transaction
// at hand.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Rules } from '../config/rules.js';
import { forgetChatter } from './chatter-table.js';
import { type ControlRecord, writeControl } from './control.js';
import type { Interval } from './coverage.js';
import { type GapReason, addSilences, closeGap, openGap } from './gaps.js';
import { type AddedRule, insertRules, writeRules } from './rule-book.js';

/** A change of one partition's rows. Times in epoch ms. */
export type StoreChange = { readonly partitionId: number } & (
  | { readonly kind: 'silences'; readonly silences: readonly Interval[] }
  | { readonly kind: 'control'; readonly record: ControlRecord }
  | { readonly kind: 'rules'; readonly rules: Rules; readonly added: readonly AddedRule[] }
  | { readonly kind: 'new-rules'; readonly added: readonly AddedRule[] }
  | { readonly kind: 'forget-chatter' }
  | { readonly kind: 'open-gap'; readonly fromMs: number | null; readonly reason: GapReason }
  | { readonly kind: 'close-gap'; readonly untilMs: number; readonly reason: GapReason }
);

/** Makes one change. */
export async function applyChange(connection: DuckDBConnection, change: StoreChange) {
  const { partitionId } = change;
  switch (change.kind) {
    case 'silences':
      return addSilences(connection, partitionId, change.silences);
    case 'control':
      return writeControl(connection, partitionId, change.record);
    case 'rules':
      return writeRules(connection, change.rules, change.added);
    case 'new-rules':
      return insertRules(connection, change.added);
    case 'forget-chatter':
      return forgetChatter(connection, partitionId);
    case 'open-gap':
      return openGap(connection, partitionId, change.fromMs, change.reason);
    case 'close-gap':
      return closeGap(connection, partitionId, change.untilMs, change.reason);
  }
}
