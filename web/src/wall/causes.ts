// The causes that are active: those that may still change, and final ones whose lines are still down.

import { get } from '../shell/api.js';
import { edgeMs } from '../shell/store.js';
import { t } from './words.js';

/** Of a cause of /api/causes, what the wall shows. */
export interface WallCause {
  id: string;
  phase: 'growing' | 'provisional' | 'final';
  at: number;
  components: { kind: string; name: string }[];
  lines: number;
  members: number;
  closedMs: number | null;
  explanation: { en: string; zh: string };
}

interface Answer {
  readingMs: number | null;
  provisional: WallCause[];
  causes: WallCause[];
}

const SPAN_MS = 86_400_000;
const LIMIT = 100;

/** What a cause is called: its components, or that it is unknown. */
export function nameOf({ components }: WallCause): string {
  const known = components.filter(({ kind }) => kind !== 'unknown');
  if (known.length === 0) return t('unknownCause');
  return known.map(({ kind, name }) => `${kind} ${name}`).join(' = ');
}

/** Asks for the causes of the last day; the active ones, most lines first. */
export async function activeCauses(
  signal: AbortSignal,
): Promise<{ readingMs: number | null; active: WallCause[] }> {
  const to = Math.ceil(edgeMs()) + 1;
  const found = await get<Answer>('causes', { from: to - SPAN_MS, to, limit: LIMIT }, signal);
  const open = found.causes.filter(({ closedMs }) => closedMs === null);
  const active = [...found.provisional, ...open];
  return {
    readingMs: found.readingMs,
    active: active.toSorted((a, b) => b.lines - a.lines || a.at - b.at),
  };
}
