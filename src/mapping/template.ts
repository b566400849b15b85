// Templates of a mapping in words: constants, {path} for a value that must be there, [/{path}] for
// one that may be missing, and then takes the constant before it away too; {{ }} [[ ]] are literal.

import { NAME_BYTES_MAX } from '../../assembly/layout.js';
import { type Complain, type Path, parsePath } from './path.js';

/** A piece of a template: a constant, then a value (null = none). */
export interface TemplatePart {
  readonly constant: string;
  readonly path: Path | null;
  readonly isOptional: boolean;
}

const LITERALS = new Set(['{{', '}}', '[[', ']]']);
/** {path}, whose keys in quotes may hold braces. */
const VALUE = /\{((?:[^{}"]|"[^"]*")*)\}/y;

/** Reads a template; null when it is none, and `complain` has said why. */
export function parseTemplate(words: string, complain: Complain): TemplatePart[] | null {
  const parts: TemplatePart[] = [];
  let constant = '';
  let isOptional = false;
  let valueEnd = -1;
  const wrong = (text: string): null => {
    complain(`'${words}': ${text}`);
    return null;
  };
  const endConstant = (): void => {
    if (constant !== '') parts.push({ constant, path: null, isOptional: false });
    constant = '';
  };
  for (let at = 0; at < words.length;) {
    const char = words[at]!;
    const closes = isOptional && at === valueEnd;
    if (!closes && LITERALS.has(words.slice(at, at + 2))) {
      constant += char;
      at += 2;
    } else if (char === '{') {
      VALUE.lastIndex = at;
      const match = VALUE.exec(words);
      if (match === null) return wrong('a { is not closed: write {path}, or {{ for the character');
      const path = parsePath(match[1]!.trim(), complain);
      if (path === null) return null;
      parts.push({ constant, path, isOptional });
      constant = '';
      at = VALUE.lastIndex;
      valueEnd = at;
      if (isOptional && words[at] !== ']') return wrong('a part [...] must end in its {path}');
    } else if (char === '[') {
      if (isOptional) return wrong('a [ inside [...]: write [[ for the character');
      endConstant();
      isOptional = true;
      at++;
    } else if (char === ']') {
      if (!closes) return wrong('a ] must close [/{path}]: write ]] for the character');
      isOptional = false;
      at++;
    } else if (char === '}') {
      return wrong('a } without {: write }} for the character');
    } else {
      constant += char;
      at++;
    }
  }
  if (isOptional) return wrong('a [ is not closed: write [/{path}], or [[ for the character');
  endConstant();
  const long = parts.find((part) => Buffer.byteLength(part.constant) > NAME_BYTES_MAX);
  if (long) return wrong(`a constant is longer than ${NAME_BYTES_MAX} bytes`);
  return parts;
}
