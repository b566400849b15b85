// Columns of the kernel read as plain rows, for tests: interruptions' places in the log, unknown
// periods, open state, decoded events. Indices are turned into names.

import * as L from '../../assembly/layout.js';
import type { Kernel } from '../../src/kernel/kernel.js';
import type { Chatter } from '../model-alarms.js';

/** An ended interruption by the positions of its first and last event. */
export interface SpanRow {
  readonly line: string;
  readonly n: number;
  readonly first: number;
  readonly last: number;
}

/** A line unknown up to its next event, by a rejected one or by stale alarms; from -1: before any event. */
export interface UnknownRow {
  readonly line: string;
  readonly from: number;
  readonly until: number;
  readonly stale: boolean;
}

/** The open state of a line, as far as it says anything; times are -1 where there is none. */
export interface OpenRow {
  readonly effective: number;
  readonly transition: number;
  readonly outageEnd: number;
  readonly n: number;
  readonly unknown: boolean;
  readonly down: OpenInterruption | null;
  readonly episode: {
    at: number;
    since: number;
    interruptions: number;
    rule: string;
    ends: number;
  } | null;
}

/** An interruption that is open or whose end waits, with the rules that it is read by. */
export interface OpenInterruption {
  readonly start: number;
  readonly first: number;
  readonly alarm: string;
  readonly cause: string;
  readonly uncertain: boolean;
  /** The end that waits and the position of its event, -1 = none. */
  readonly ended: number;
  readonly last: number;
  /** mergeGap, -1 = off. */
  readonly merge: number;
  readonly raised: number;
  readonly staleAfter: number;
  readonly outageAfter: number;
  readonly repeat: number;
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
    stale: word(L.FOUND_RULE) === L.UNKNOWN_STALE,
  }));
}

/** A row that `takeChanged` wrote; alarms and causes must have their indices as ids. */
export function readOpenRow(
  kernel: Kernel,
  row: number,
  named: readonly { readonly words: string }[],
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
          uncertain: flag(L.OPEN_UNCERTAIN),
          ended: long(L.OPEN_ENDED),
          last: long(L.OPEN_LAST),
          merge: long(L.OPEN_MERGE),
          raised: long(L.OPEN_RAISED),
          staleAfter: long(L.OPEN_STALE_AFTER),
          outageAfter: long(L.OPEN_OUTAGE_AFTER),
          repeat: long(L.OPEN_REPEAT),
        }
      : null,
    episode: flag(L.OPEN_EPISODE)
      ? {
          at: long(L.OPEN_AT),
          since: long(L.OPEN_SINCE),
          interruptions: word(L.OPEN_COUNT),
          rule: named[word(L.OPEN_RULE) - 1].words,
          ends: long(L.OPEN_ENDS),
        }
      : null,
  };
}

/** The rows that `takeChatter` wrote; `key` '' = the line itself. */
export function readChatterRows(kernel: Kernel, rows: number): (Chatter & { id: number })[] {
  const table = kernel.region(L.REGION_CHATTER);
  return Array.from({ length: rows }, (_, row) => {
    const at = (column: number, bytes: number): number =>
      (table + L.CHATTER_CAPACITY * column) / bytes + row;
    const word = (column: number): number => kernel.u32[at(column, 4)];
    const long = (column: number): number => Number(kernel.i64[at(column, 8)]);
    return {
      id: word(L.CHATTER_LINE),
      key: nameOf(kernel, L.DICTIONARY_KEYS, word(L.CHATTER_KEY)) ?? '',
      alarm: nameOf(kernel, L.DICTIONARY_ALARMS, word(L.CHATTER_ALARM)) ?? '',
      raises: word(L.CHATTER_COUNT),
      lastRaise: long(L.CHATTER_RAISED),
      inverse: kernel.f64[at(L.CHATTER_INVERSE, 8)],
      chattered: word(L.CHATTER_CHATTERED),
      chatteredAt: long(L.CHATTER_AT),
    };
  });
}

/** An open episode of a detector beside the primary one. */
export interface OpenEpisodeRow {
  readonly at: number;
  readonly since: number;
  readonly ends: number;
  readonly interruptions: number;
  readonly rule: string;
}

/** The open episodes that `takeChanged` wrote, by line id and detector; none that an end yet begins. */
export function readOpenEpisodes(
  kernel: Kernel,
  named: readonly { readonly detector: string; readonly words: string }[],
): (OpenEpisodeRow & { id: number; detector: string })[] {
  const table = kernel.region(L.REGION_OPEN_EPISODES);
  const rows = Array.from({ length: kernel.control[L.CTL_OPEN_EPISODES] }, (_, row) => {
    const word = (column: number): number =>
      kernel.u32[(table + L.OPEN_CAPACITY * column) / 4 + row];
    const long = (column: number): number =>
      Number(kernel.i64[(table + L.OPEN_CAPACITY * column) / 8 + row]);
    const { detector, words: rule } = named[word(L.OPEN_EPISODE_RULE) - 1];
    return {
      id: word(L.OPEN_EPISODE_LINE),
      detector,
      rule,
      at: long(L.OPEN_EPISODE_AT),
      since: long(L.OPEN_EPISODE_SINCE),
      ends: long(L.OPEN_EPISODE_ENDS),
      interruptions: word(L.OPEN_EPISODE_COUNT),
      form: word(L.OPEN_EPISODE_FORM),
    };
  });
  return rows.flatMap(({ form, ...row }) => (form === L.FORM_OPEN ? [row] : []));
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
