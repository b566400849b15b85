// A YAML file checked by a schema. Every mistake is told with the file, the line and the column of
// the key or value it concerns, its path, what is wrong and what may stand there.

import { readFileSync } from 'node:fs';
import type { Static, TSchema } from 'typebox';
import { FlaplineError, messageOf } from './errors.js';
import { PlacedYaml, type YamlPath } from './placed-yaml.js';
import { type Problem, schemaMistakes } from './schema-mistakes.js';

/** Bytes of a configuration file: more is a mistake in its name. */
const FILE_BYTES_MAX = 1_000_000;
/** Mistakes of one file that are told. */
const MISTAKES_MAX = 5;
/** Keys listed in a message; where more are known the reader is sent to the schema. */
const LISTED_KEYS_MAX = 24;

/** A file's content, and where its parts stand. */
export interface YamlFile<T> {
  readonly name: string;
  readonly value: T;
  /** `file:line:column` of the value at a path, or of the nearest part around it that is there. */
  placeOf(path: YamlPath): string;
}

/** Reads and checks a file; an empty one is an empty object. Throws BAD_CONFIG. */
export function readYaml<T extends TSchema>(name: string, schema: T): YamlFile<Static<T>> {
  const yaml = new PlacedYaml(name, readText(name));
  const mistakes = schemaMistakes(schema, yaml.value).map(({ path, part, problem }) => {
    return `${yaml.placeOf(path, part)}: ${pathText(path)} ${problemText(problem)}`;
  });
  if (mistakes.length > 0) throw mistakesError(mistakes);
  return { name, value: yaml.value as Static<T>, placeOf: (path) => yaml.placeOf(path) };
}

/** One error for mistakes that say their places; the first ones are told, the others counted. */
export function mistakesError(texts: readonly string[]): FlaplineError {
  const more = texts.length - MISTAKES_MAX;
  const shown = texts.slice(0, MISTAKES_MAX).join('; ');
  return new FlaplineError('BAD_CONFIG', more > 0 ? `${shown}; and ${more} more` : shown);
}

/** A path as messages write it: /detectors/0/name. */
export function pathText(path: YamlPath): string {
  return path.length === 0 ? 'the file' : `/${path.join('/')}`;
}

function problemText(problem: Problem): string {
  if (problem.is === 'wrong') return problem.text;
  if (problem.is === 'missing') return `needs ${problem.keys.join(', ')}`;
  const { known } = problem;
  const listed = known.length > LISTED_KEYS_MAX;
  return `is not known here: ${listed ? 'see --print-config-schema' : `there are: ${known.join(', ')}`}`;
}

/** The text of a configuration or mapping file. Throws BAD_CONFIG when it cannot be read. */
export function readText(file: string): string {
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
