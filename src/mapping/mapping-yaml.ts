// A mapping's YAML text and the mistakes found in it so far: all of them are told together, in the
// order of the text, each with its line and column.

import type { TSchema } from 'typebox';
import { FlaplineError } from '../config/errors.js';
import { PlacedYaml, type YamlPart, type YamlPath } from '../config/placed-yaml.js';
import { type SchemaMistake, schemaMistakes } from '../config/schema-mistakes.js';

/** Mistakes that are told; the others are counted. */
const TOLD_MAX = 10;

/** A YAML text; mistakes are collected until `check` throws them. */
export class MappingYaml extends PlacedYaml {
  private readonly mistakes: { offset: number; text: string }[] = [];

  /** Notes a mistake in the value at a path, or in the last key itself. */
  complain(path: YamlPath, text: string, part: YamlPart = 'value'): void {
    const place = this.placeOf(path, part);
    this.mistakes.push({ offset: this.offsetOf(path, part), text: `${place}: ${text}` });
  }

  /** Throws BAD_CONFIG unless the value fits the schema. */
  checkSchema(schema: TSchema): void {
    for (const mistake of schemaMistakes(schema, this.value)) {
      this.complain(mistake.path, textOf(mistake), mistake.part);
    }
    this.check();
  }

  /** Throws BAD_CONFIG with the mistakes noted, in the order of the file. */
  check(): void {
    if (this.mistakes.length === 0) return;
    const sorted = this.mistakes.toSorted((a, b) => a.offset - b.offset);
    const told = sorted.slice(0, TOLD_MAX).map(({ text }) => text);
    const more = sorted.length - told.length;
    if (more > 0) told.push(`${this.name}: and ${more} more`);
    throw new FlaplineError('BAD_CONFIG', told.join('\n'));
  }
}

function textOf({ path, problem }: SchemaMistake): string {
  if (problem.is === 'missing') {
    return `${problem.keys.map((key) => `'${key}'`).join(', ')} must be given here`;
  }
  const key = path.at(-1);
  const subject = key === undefined ? '' : `'${key}' `;
  if (problem.is === 'wrong') return `${subject}${problem.text}`;
  return `${subject}is not known here: use ${problem.known.join(', ')}`;
}
