// What `rekey` writes: decoded events as native records, one a line of each input record, keyed by
// line, aliases applied and fanned out. What was rejected becomes an object that is rejected again where
// it is read, with the same reason: it is counted there and shows in the coverage. Pure.

import type { Decoded, DecodedEvent } from './decoder.js';
import type { LogFrame } from './fold.js';

/** A record to be written. */
export interface RekeyedRecord {
  /** The line; the input's key for what names no line. */
  readonly key: string | Uint8Array | null;
  readonly value: string;
  /** Of the input record; -1 = it had none. */
  readonly timestamp: number;
}

/** Key -> the lines that it carries, in the file's order. */
export type AliasLines = ReadonlyMap<string, readonly string[]>;

/** The aliases by key; a pair that comes twice counts once. */
export function aliasLines(aliases: readonly (readonly [string, string])[]): AliasLines {
  const byKey = new Map<string, Set<string>>();
  for (const [key, line] of aliases) {
    const lines = byKey.get(key) ?? new Set();
    byKey.set(key, lines.add(line));
  }
  return new Map([...byKey].map(([key, lines]) => [key, [...lines]]));
}

/** The records that these become. `decoded` = what was in them. */
export function* rekeyed(
  records: readonly LogFrame[],
  decoded: Decoded,
  aliases: AliasLines,
): Generator<RekeyedRecord> {
  const events = byOffset(decoded.events, ({ offset }) => offset);
  const rejects = byOffset(decoded.rejects, ({ position }) => position);
  for (const { offset, timestamp, key } of records) {
    const reasons = (rejects.get(offset) ?? []).map(({ reason, place, sample }) => ({
      rejected: reason,
      place: `offset ${offset}, ${place}`,
      sample,
    }));
    const byLine = new Map<string, string[]>();
    for (const event of events.get(offset) ?? []) {
      // One that was rejected names its line; its reason stands among those of the record.
      const what = event.state === null ? (reasons.shift() ?? { rejected: 'event' }) : null;
      for (const { line, key: own } of linesOf(event, aliases)) {
        const objects = byLine.get(line) ?? [];
        byLine.set(line, objects);
        objects.push(JSON.stringify(native(event, line, own, what)));
      }
    }
    for (const [line, objects] of byLine) {
      yield { key: line, value: objects.join('\n'), timestamp };
    }
    if (reasons.length > 0) {
      yield { key, value: reasons.map((reason) => JSON.stringify(reason)).join('\n'), timestamp };
    }
  }
}

/** The lines of an event and, where it is not the line itself, the alarmed object. */
function linesOf(
  { line, key }: DecodedEvent,
  aliases: AliasLines,
): { line: string; key: string | null }[] {
  const lines = key === null ? aliases.get(line) : undefined;
  if (lines === undefined) return [{ line, key }];
  return lines.map((name) => ({ line: name, key: name === line ? null : line }));
}

function native(
  { alarm, cause, state, timeMs }: DecodedEvent,
  line: string,
  key: string | null,
  rejected: object | null,
): object {
  const names = { line, ...(key === null ? {} : { key }) };
  if (rejected !== null) return { ...names, ...rejected };
  return {
    ...names,
    time: timeMs,
    state,
    ...(alarm === null ? {} : { alarm }),
    ...(cause === null ? {} : { cause }),
  };
}

function byOffset<T>(rows: readonly T[], offsetOf: (row: T) => number): Map<number, T[]> {
  const found = new Map<number, T[]>();
  for (const row of rows) {
    const offset = offsetOf(row);
    const own = found.get(offset);
    if (own) own.push(row);
    else found.set(offset, [row]);
  }
  return found;
}
