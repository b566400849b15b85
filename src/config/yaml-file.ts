// A YAML file checked by a schema. An error says the file, the line, the path and what is wrong.

import { readFileSync } from 'node:fs';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { LineCounter, parseDocument } from 'yaml';
import { FlaplineError, messageOf } from './errors.js';

/** Bytes of a configuration file: more is a mistake in its name. */
const FILE_BYTES_MAX = 1_000_000;

/** Reads and checks a file; an empty one is an empty object. Throws BAD_CONFIG. */
export function readYaml<T extends TSchema>(file: string, schema: T): Static<T> {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines, prettyErrors: false });
  const placed = (offset: number | undefined, text: string): FlaplineError => {
    const place = offset === undefined ? '' : `line ${lines.linePos(offset).line}: `;
    return new FlaplineError('BAD_CONFIG', `${file}: ${place}${text}`);
  };
  const [broken] = document.errors;
  if (broken) throw placed(broken.pos[0], `not YAML (${broken.message})`);
  const value: unknown = document.toJS() ?? {};
  // The most precise error has the longest path: what encloses it only says that it is wrong. Words
  // of the wrong form are left to their readers, which say what the form is.
  const [error] = Value.Errors(schema, value)
    .filter(({ keyword }) => keyword !== 'pattern')
    .toSorted((a, b) => b.instancePath.length - a.instancePath.length);
  if (!error) return value as Static<T>;
  const keys = error.instancePath.split('/').slice(1);
  const node = keys.length > 0 ? document.getIn(keys, true) : document.contents;
  const range = (node as { range?: readonly number[] | null } | null)?.range;
  const path = error.instancePath === '' ? 'the file' : error.instancePath;
  const complaint = error.message === 'schema is false' ? 'is not known here' : error.message;
  throw placed(range?.[0], `${path} ${complaint}`);
}

function readText(file: string): string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > FILE_BYTES_MAX) throw new Error(`larger than ${FILE_BYTES_MAX} bytes`);
    return bytes.toString('utf8');
  } catch (error) {
    throw new FlaplineError(
      'BAD_CONFIG',
      `${file}: cannot be read (${messageOf(error)}): check its name and permissions`,
      { cause: error },
    );
  }
}
