// Findings as objects, the contract of SPEC section 3: for files and for tests. Between two drains
// they are ordered by the event that caused them, then line, then kind. The store does not go
// through here: it takes the columns as they are.

import * as L from '../../assembly/layout.js';
import type { Kernel } from '../kernel/kernel.js';

/** A finding as it stands in a file; the field names are the contract's. */
export interface Finding {
  readonly kind: string;
  readonly line: string;
  readonly [field: string]: string | number | boolean | null;
}

interface Row {
  readonly ordinal: number;
  readonly order: number;
  readonly finding: Finding;
}

/** What turns rows into findings. */
export interface FindingsView {
  /** The rule with an id: its detector, and words such as "4 in 10m". */
  readonly ruleOf: (ruleId: number) => { readonly detector: string; readonly words: string };
  /** False: starts are left out; they came for the causes only. */
  readonly starts?: boolean;
}

/** Kinds as SPEC section 3 lists them; coverage (KIND_UNKNOWN) is no finding. */
const ORDER = [
  L.KIND_INTERRUPTION,
  L.KIND_FLAP_START,
  L.KIND_FLAP_END,
  L.KIND_TRANSIENT,
  L.KIND_REPEAT,
  L.KIND_START,
];

/** All findings that wait in the kernel's tables, in the order of a file. */
export function findingsOf(kernel: Kernel, view: FindingsView): Finding[] {
  const rows: Row[] = [];
  for (const [order, kind] of ORDER.entries()) {
    if (kind === L.KIND_START && view.starts === false) continue;
    const ordinals = kernel.foundColumn(kind, L.FOUND_ORDINAL) / 4;
    for (let row = 0; row < kernel.foundCount(kind); row++) {
      rows.push({
        ordinal: kernel.u32[ordinals + row]!,
        order,
        finding: readFinding(kernel, kind, row, view),
      });
    }
  }
  rows.sort(
    (a, b) => a.ordinal - b.ordinal || compare(a.finding.line, b.finding.line) || a.order - b.order,
  );
  return rows.map((row) => row.finding);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Times, class and certainty of an interruption; its corrected duration where it differs. */
function interruptionOf(
  start: number,
  endMs: number,
  correctionMs: number,
  bits: number,
): Record<string, number | string | boolean | null> {
  const durationMs = endMs - start;
  const correctedMs = Math.max(0, durationMs - correctionMs);
  return {
    start,
    end: endMs < 0 ? null : endMs,
    class: (bits & L.FOUND_OUTAGE) !== 0 ? 'outage' : 'momentary',
    ...(endMs >= 0 && correctedMs !== durationMs && { correctedMs }),
    ...((bits & L.FOUND_UNCERTAIN) !== 0 && { uncertain: true }),
  };
}

function readFinding(kernel: Kernel, kind: number, row: number, view: FindingsView): Finding {
  const u32 = (column: number): number => kernel.u32[kernel.foundColumn(kind, column) / 4 + row]!;
  const ms = (column: number): number =>
    Number(kernel.i64[kernel.foundColumn(kind, column) / 8 + row]!);
  const line = kernel.name(L.DICTIONARY_KEYS, u32(L.FOUND_LINE));
  switch (kind) {
    case L.KIND_INTERRUPTION: {
      const cause = u32(L.FOUND_CAUSE);
      return {
        kind: 'interruption',
        line,
        ...interruptionOf(ms(L.FOUND_FROM), ms(L.FOUND_UNTIL), ms(L.FOUND_AT), u32(L.FOUND_RULE)),
        n: u32(L.FOUND_N),
        ...(cause > 0 && { cause: kernel.name(L.DICTIONARY_CAUSES, cause) }),
      };
    }
    case L.KIND_FLAP_START: {
      const { words: rule, detector } = view.ruleOf(u32(L.FOUND_RULE));
      const [at, since] = [ms(L.FOUND_AT), ms(L.FOUND_FROM)];
      return { kind: 'flap-start', line, at, since, rule, detector };
    }
    case L.KIND_FLAP_END: {
      const { words: rule, detector } = view.ruleOf(u32(L.FOUND_RULE));
      return {
        kind: 'flap-end',
        line,
        at: ms(L.FOUND_UNTIL),
        start: ms(L.FOUND_AT),
        since: ms(L.FOUND_FROM),
        rule,
        interruptions: u32(L.FOUND_N),
        detector,
        ...(u32(L.FOUND_CAUSE) === L.ENDED_BY_RESET && { reset: true }),
      };
    }
    case L.KIND_TRANSIENT: {
      const { detector } = view.ruleOf(u32(L.FOUND_RULE));
      const [at, durationMs] = [ms(L.FOUND_AT), ms(L.FOUND_FROM)];
      return { kind: 'transient', line, at, count: u32(L.FOUND_N), durationMs, detector };
    }
    case L.KIND_REPEAT:
      return {
        kind: 'repeat-fault',
        line,
        start: ms(L.FOUND_FROM),
        previousEnd: ms(L.FOUND_UNTIL),
      };
    default:
      return { kind: 'interruption-start', line, start: ms(L.FOUND_FROM), n: u32(L.FOUND_N) };
  }
}
