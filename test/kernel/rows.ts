// Columns of the kernel read as plain rows, for tests: interruptions' places in the log, unknown
// periods, open state, decoded events. Indices are turned into names.

import * as L from '../../assembly/layout.js';
import type { Kernel } from '../../src/kernel/kernel.js';

/** An ended interruption by the positions of its first and last event. */
export interface SpanRow {
  readonly line: string;
  readonly n: number;
  readonly first: number;
  readonly last: number;
}

/** A line unknown from a rejected event to its next one; from -1: before any event. */
export interface UnknownRow {
  readonly line: string;
  readonly from: number;
  readonly until: number;
}

/** The open state of a line, as far as it says anything; times are -1 where there is none. */
export interface OpenRow {
  readonly effective: number;
  readonly transition: number;
  readonly outageEnd: number;
  readonly n: number;
  readonly unknown: boolean;
  readonly down: { start: number; first: number; alarm: string; cause: string } | null;
  readonly episode: { at: number; since: number; interruptions: number; rule: string } | null;
}

/** An event as it stands in the event columns; `rejected` ones only name their line. */
export interface EventRow {
  readonly position: number;
  readonly time: number;
  readonly state: 'down' | 'up' | 'rejected';
  readonly line: string;
  readonly key?: string;
  readonly alarm?: string;
  readonly cause?: string;
}

const STATES: Readonly<Record<number, EventRow['state']>> = {
  [L.STATE_UP]: 'up',
  [L.STATE_DOWN]: 'down',
  [L.STATE_REJECTED]: 'rejected',
};

/** A name, or undefined for index 0. */
function nameOf(kernel: Kernel, dictionary: number, index: number): string | undefined {
  return index === 0 ? undefined : kernel.name(dictionary, index);
}

/** One row of a table of findings. */
function foundRow(kernel: Kernel, kind: number, row: number) {
  return {
    word: (column: number): number => kernel.u32[kernel.foundColumn(kind, column) / 4 + row],
    long: (column: number): number =>
      Number(kernel.i64[kernel.foundColumn(kind, column) / 8 + row]),
  };
}

/** The rows of a table, read by `make`. */
function tableOf<Row>(
  kernel: Kernel,
  kind: number,
  make: (row: ReturnType<typeof foundRow>) => Row,
): Row[] {
  return Array.from({ length: kernel.foundCount(kind) }, (_, row) =>
    make(foundRow(kernel, kind, row)),
  );
}

/** Where the ended interruptions that wait in the kernel began and ended. */
export function readSpanRows(kernel: Kernel): SpanRow[] {
  const rows = tableOf(kernel, L.KIND_INTERRUPTION, ({ word, long }) => ({
    line: kernel.name(L.DICTIONARY_KEYS, word(L.FOUND_LINE)),
    n: word(L.FOUND_N),
    first: long(L.FOUND_FIRST),
    last: long(L.FOUND_LAST),
  }));
  return rows.filter(({ last }) => last >= 0);
}

/** The unknown periods that wait in the kernel. */
export function readUnknownRows(kernel: Kernel): UnknownRow[] {
  return tableOf(kernel, L.KIND_UNKNOWN, ({ word, long }) => ({
    line: kernel.name(L.DICTIONARY_KEYS, word(L.FOUND_LINE)),
    from: long(L.FOUND_FROM),
    until: long(L.FOUND_UNTIL),
  }));
}

/** A row that `takeChanged` wrote; alarms and causes must have their indices as ids. */
export function readOpenRow(
  kernel: Kernel,
  row: number,
  ruleNames: readonly string[],
): OpenRow & { id: number } {
  const word = (column: number): number => kernel.u32[kernel.openColumn(column) / 4 + row];
  const long = (column: number): number => Number(kernel.i64[kernel.openColumn(column) / 8 + row]);
  const flag = (column: number): boolean => kernel.bytes[kernel.openColumn(column) + row] === 1;
  return {
    id: word(L.OPEN_LINE),
    effective: long(L.OPEN_EFFECTIVE),
    transition: long(L.OPEN_TRANSITION),
    outageEnd: long(L.OPEN_OUTAGE_END),
    n: word(L.OPEN_N),
    unknown: flag(L.OPEN_UNKNOWN),
    down: flag(L.OPEN_DOWN)
      ? {
          start: long(L.OPEN_START),
          first: long(L.OPEN_FIRST),
          alarm: nameOf(kernel, L.DICTIONARY_ALARMS, word(L.OPEN_ALARM)) ?? '',
          cause: nameOf(kernel, L.DICTIONARY_CAUSES, word(L.OPEN_CAUSE)) ?? '',
        }
      : null,
    episode: flag(L.OPEN_EPISODE)
      ? {
          at: long(L.OPEN_AT),
          since: long(L.OPEN_SINCE),
          interruptions: word(L.OPEN_COUNT),
          rule: ruleNames[word(L.OPEN_RULE) - 1],
        }
      : null,
  };
}

/** The events in the event columns. */
export function readEventRows(kernel: Kernel): EventRow[] {
  return Array.from({ length: kernel.control[L.CTL_EVENTS] }, (_, row) => {
    const word = (column: number): number => kernel.u32[kernel.eventColumn(column) / 4 + row];
    const long = (column: number): number =>
      Number(kernel.i64[kernel.eventColumn(column) / 8 + row]);
    const key = nameOf(kernel, L.DICTIONARY_KEYS, word(L.EVENT_KEY));
    const alarm = nameOf(kernel, L.DICTIONARY_ALARMS, word(L.EVENT_ALARM));
    const cause = nameOf(kernel, L.DICTIONARY_CAUSES, word(L.EVENT_CAUSE));
    return {
      position: long(L.EVENT_POSITION),
      time: long(L.EVENT_TIME),
      state: STATES[word(L.EVENT_STATE)],
      line: kernel.name(L.DICTIONARY_KEYS, word(L.EVENT_TARGET)),
      ...(key !== undefined && { key }),
      ...(alarm !== undefined && { alarm }),
      ...(cause !== undefined && { cause }),
    };
  });
}
