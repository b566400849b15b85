// Compares findings as multisets on the fields that SPEC section 3 names. `cause`, `detector` and any
// extra field are compared only where a test asks for them.

type Fields = Readonly<Record<string, unknown>>;

const NAMED: Readonly<Record<string, readonly string[]>> = {
  interruption: ['line', 'start', 'end', 'class', 'n'],
  'flap-start': ['line', 'at', 'since', 'rule'],
  'flap-end': ['line', 'at', 'start', 'since', 'rule', 'interruptions'],
  transient: ['line', 'at', 'count', 'durationMs'],
  'repeat-fault': ['line', 'start', 'previousEnd'],
  'interruption-start': ['line', 'start', 'n'],
};

/** How many missing or extra findings a message shows. */
const SHOWN_MAX = 5;

/** What one side holds more often than the other, each in canonical form. */
export interface MultisetDifference {
  missing: string[];
  extra: string[];
}

/** A finding as text: its kind and the named fields, and of `also` those that it has. */
export function canonicalFinding(finding: object, also: readonly string[] = []): string {
  const fields = finding as Fields;
  const kind = String(fields['kind']);
  const named = NAMED[kind];
  if (named === undefined) throw new Error(`unknown kind of finding: ${JSON.stringify(finding)}`);
  const extra = also.filter((name) => fields[name] !== undefined);
  const pairs = [...named, ...extra].map((name) => [name, fields[name] ?? null]);
  return JSON.stringify({ kind, ...Object.fromEntries(pairs) });
}

/** The difference of two multisets of texts; both lists are empty when they are equal. */
export function differenceOf(
  actual: Iterable<string>,
  expected: Iterable<string>,
): MultisetDifference {
  const surplus = new Map<string, number>();
  for (const text of actual) surplus.set(text, (surplus.get(text) ?? 0) + 1);
  for (const text of expected) surplus.set(text, (surplus.get(text) ?? 0) - 1);
  const missing: string[] = [];
  const extra: string[] = [];
  for (const [text, count] of surplus) {
    for (let i = 0; i < Math.abs(count); i++) (count > 0 ? extra : missing).push(text);
  }
  return { missing, extra };
}

/**
 * Throws, showing the first few missing and extra ones, unless both hold the same findings.
 * @param also names of further fields to compare, where a finding has them.
 */
export function expectSameFindings(
  actual: Iterable<object>,
  expected: Iterable<object>,
  also: readonly string[] = [],
): void {
  const canonical = (findings: Iterable<object>): string[] =>
    Array.from(findings, (finding) => canonicalFinding(finding, also));
  const { missing, extra } = differenceOf(canonical(actual), canonical(expected));
  if (missing.length === 0 && extra.length === 0) return;
  throw new Error(
    `the findings differ: ${missing.length} missing, ${extra.length} extra` +
      shown('missing', missing) +
      shown('extra', extra),
  );
}

function shown(title: string, texts: readonly string[]): string {
  const rest = texts.length - SHOWN_MAX;
  const lines = texts.slice(0, SHOWN_MAX).map((text) => `\n  ${title}: ${text}`);
  return lines.join('') + (rest > 0 ? `\n  ... and ${rest} more ${title}` : '');
}
