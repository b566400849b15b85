// Paths of a mapping in words: a.b.c, from the record, or $.a.b from the object; `*` is every other
// key and, at the end, that key itself; "a.b" in quotes is one key. `*` alone is the record's own
// key.

import { MAPPED_KEY_MAX } from '../../assembly/mapping-layout.js';

/** A path; of its parts, null is every other key. */
export interface Path {
  readonly isFromRoot: boolean;
  readonly parts: readonly (string | null)[];
}

/** Where records stand: the object itself, an object, the objects of an array, or of a map. */
export interface RecordPath {
  readonly form: 'self' | 'object' | 'array' | 'members';
  readonly parts: readonly string[];
}

/** Takes what is wrong with words. */
export type Complain = (text: string) => void;

/** One part: a quoted key, `*`, or a plain key. */
const PART = /"([^"\\]*)"|(\*)|([^\s.*[\]{}"\\]+)/y;

/** Reads a path; null when it is none, and `complain` has said why. */
export function parsePath(words: string, complain: Complain): Path | null {
  const isFromRoot = words.startsWith('$.');
  const parts = parseParts(isFromRoot ? words.slice(2) : words);
  if (parts === null || words === '$') {
    complain(
      `'${words}' is no path: write a.b.c, from the whole object $.a.b, a key with dots "a.b"`,
    );
    return null;
  }
  return keysFit(parts, complain) ? { isFromRoot, parts } : null;
}

/** Reads the path of records; null when it is none, and `complain` has said why. */
export function parseRecordPath(words: string, complain: Complain): RecordPath | null {
  if (words === '$') return { form: 'self', parts: [] };
  const isArray = words.endsWith('[]');
  const parts = parseParts((isArray ? words.slice(0, -2) : words).replace(/^\$\./, ''));
  const keys = parts?.at(-1) === null ? parts.slice(0, -1) : parts;
  if (parts === null || keys === null || keys.length === 0 || (isArray && keys !== parts)) {
    complain(`'${words}' is no path of records: write a.b, a.list[], a.map.* or $`);
    return null;
  }
  if (!keys.every((key) => key !== null)) {
    complain(`'${words}': only the last part of a record's path may be *`);
    return null;
  }
  if (!keysFit(keys, complain)) return null;
  return { form: isArray ? 'array' : keys === parts ? 'object' : 'members', parts: keys };
}

function parseParts(words: string): (string | null)[] | null {
  const parts: (string | null)[] = [];
  for (let at = 0; ; at++) {
    PART.lastIndex = at;
    const match = PART.exec(words);
    if (match === null) return null;
    parts.push(match[2] === undefined ? (match[1] ?? match[3]!) : null);
    at = PART.lastIndex;
    if (at === words.length) return parts;
    if (words[at] !== '.') return null;
  }
}

function keysFit(parts: readonly (string | null)[], complain: Complain): boolean {
  for (const key of parts) {
    if (key === null) continue;
    if (!/^[\x20-\x7e]+$/.test(key) || key.length > MAPPED_KEY_MAX) {
      complain(`the key '${key}' cannot be mapped: 1 to ${MAPPED_KEY_MAX} characters of ASCII`);
      return false;
    }
  }
  return true;
}
