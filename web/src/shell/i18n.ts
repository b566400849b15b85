// Two languages, English and 中文, switched at once. Each view says its words in a table of its own
// (`words`), a pair a key, so that no key can lack a language; `{name}` in a text is filled in.

export type Language = 'en' | 'zh';
/** English, 中文. */
export type Pair = readonly [english: string, chinese: string];
type Values = Record<string, string | number>;

const STORAGE_KEY = 'flapline.language';

let current: Language = initialLanguage();

function initialLanguage(): Language {
  const kept = localStorage.getItem(STORAGE_KEY);
  if (kept === 'en' || kept === 'zh') return kept;
  return navigator.language.startsWith('zh') ? 'zh' : 'en';
}

export function language(): Language {
  return current;
}

/** Keeps the language for the next visit; the caller draws the page again. */
export function setLanguage(next: Language): void {
  current = next;
  localStorage.setItem(STORAGE_KEY, next);
}

/** One text in the page's language. */
export const inLanguage = (pair: Pair): string => pair[current === 'en' ? 0 : 1];

/** A function that says the words of a table in the page's language, `{name}` filled in. */
export function words<Table extends Record<string, Pair>>(
  table: Table,
): (key: keyof Table & string, values?: Values) => string {
  return (key, values = {}) => {
    const filled = (name: string): string => String(values[name] ?? '');
    return inLanguage(table[key]).replace(/\{(\w+)\}/g, (_all, name: string) => filled(name));
  };
}
