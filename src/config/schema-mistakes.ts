// What a schema says against a value: one mistake a place, with what may stand there. Of
// alternatives the one that is meant is judged: that whose kind the value has, or whose constant
// (`kind`) it names. How a mistake is worded is its teller's.

import type { TSchema } from 'typebox';
import type { TLocalizedValidationError } from 'typebox/error';
import { Settings } from 'typebox/system';
import { Value } from 'typebox/value';
import type { YamlPart } from './placed-yaml.js';

/** Errors of the checker that are looked at: by itself it ends at the eighth, amid alternatives. */
const ERRORS_MAX = 10_000;

/** A mistake and the part it concerns. */
export interface SchemaMistake {
  readonly path: readonly string[];
  readonly part: YamlPart;
  readonly problem: Problem;
}

/** A key that is not known among those that are; keys that are missing; a value that is wrong. */
export type Problem =
  | { readonly is: 'unknown'; readonly known: readonly string[] }
  | { readonly is: 'missing'; readonly keys: readonly string[] }
  | { readonly is: 'wrong'; readonly text: string };

type Found = TLocalizedValidationError;

/** A schema as JSON Schema has it; `expects` says in words what may stand there. */
interface Described {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Described[];
  readonly examples?: readonly unknown[];
  readonly expects?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: 'a map',
  array: 'a list',
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
};

/** The mistakes of a value, one a place, in the order the check met them; none when it fits. */
export function schemaMistakes(schema: TSchema, value: unknown): SchemaMistake[] {
  const mistakes = meant(schema, errorsOf(schema, value)).flatMap((found) =>
    'problem' in found ? found : (mistakeOf(schema, found) ?? []),
  );
  const seen = new Set<string>();
  return mistakes.filter(({ path }) => {
    const key = JSON.stringify(path);
    return !seen.has(key) && seen.add(key);
  });
}

function errorsOf(schema: TSchema, value: unknown): readonly Found[] {
  const { maxErrors } = Settings.Get();
  Settings.Set({ maxErrors: ERRORS_MAX });
  try {
    return Value.Errors(schema, value);
  } finally {
    Settings.Set({ maxErrors });
  }
}

function mistakeOf(schema: TSchema, error: Found): SchemaMistake | null {
  const path = steps(error.instancePath);
  const { keyword } = error;
  // Words of the wrong form are left to their readers, which say what the form is.
  if (keyword === 'pattern' || keyword === 'additionalProperties') return null;
  if (keyword === 'boolean') {
    const around = schemaAt(schema, error.schemaPath.replace(/\/additionalProperties$/, ''));
    const known = Object.keys(around.properties ?? {});
    return { path, part: 'key', problem: { is: 'unknown', known } };
  }
  if (keyword === 'required') {
    const keys = error.params.requiredProperties;
    return { path, part: 'value', problem: { is: 'missing', keys } };
  }
  const at = schemaAt(schema, error.schemaPath);
  const isKind = ['type', 'const', 'enum', 'anyOf'].includes(keyword) || at.expects;
  return wrong(path, isKind ? `must be ${wanted(at)}` : error.message);
}

function wrong(path: readonly string[], text: string): SchemaMistake {
  return { path, part: 'value', problem: { is: 'wrong', text } };
}

/** What may stand where a schema is asked for. */
function wanted(schema: Described): string {
  if (schema.expects) return schema.expects;
  if (schema.anyOf) return [...new Set(schema.anyOf.map(wanted))].join(', or ');
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum) return schema.enum.map(String).join(' or ');
  const type = TYPE_WORDS[schema.type ?? ''] ?? schema.type ?? 'something else';
  return schema.examples ? `${type} such as ${schema.examples.join(' or ')}` : type;
}

/**
 * Of alternatives, the errors of the one that is meant; else one mistake for all, or their union's.
 */
function meant(schema: TSchema, errors: readonly Found[]): (Found | SchemaMistake)[] {
  let left: (Found | SchemaMistake)[] = [...errors];
  const unions = errors
    .filter(({ keyword }) => keyword === 'anyOf')
    .toSorted((a, b) => a.schemaPath.length - b.schemaPath.length);
  for (const union of unions) {
    if (!left.includes(union)) continue;
    const inside = errors.filter((error) => isInside(error, union));
    const dropped = new Set<Found | SchemaMistake>([...inside, union]);
    const kept = ofAlternatives(schema, union, inside);
    left = left.flatMap((one) => (one === union ? kept : dropped.has(one) ? [] : [one]));
  }
  return left;
}

function ofAlternatives(
  schema: TSchema,
  union: Found,
  inside: readonly Found[],
): (Found | SchemaMistake)[] {
  const ofOtherKind = new Set(
    inside.filter((error) => saysOtherKind(error, union)).map((error) => tail(error, union)[0]),
  );
  const meantOne = inside.find((error) => !ofOtherKind.has(tail(error, union)[0]));
  if (meantOne) {
    const [number] = tail(meantOne, union);
    return inside.filter((error) => tail(error, union)[0] === number);
  }
  const isNone = inside.some(({ keyword, instancePath }) => {
    return keyword === 'type' && instancePath === union.instancePath;
  });
  const constants = inside.filter((error) => isConstant(error, union));
  if (isNone || constants.length === 0) return [wrongUnion(schema, union)];
  const words = constants.map((error) => wanted(schemaAt(schema, error.schemaPath)));
  const path = steps(constants[0]!.instancePath);
  return [wrong(path, `must be ${[...new Set(words)].join(' or ')}`)];
}

function wrongUnion(schema: TSchema, union: Found): SchemaMistake {
  return wrong(steps(union.instancePath), `must be ${wanted(schemaAt(schema, union.schemaPath))}`);
}

function isInside(error: Found, union: Found): boolean {
  const inValue = `${error.instancePath}/`.startsWith(`${union.instancePath}/`);
  return inValue && error.schemaPath.startsWith(`${union.schemaPath}/anyOf/`);
}

/** The way from an alternative's number on to the schema that an error is of. */
function tail({ schemaPath }: Found, union: Found): string[] {
  return schemaPath.slice(`${union.schemaPath}/anyOf/`.length).split('/');
}

/** True when an error says that the value is of another kind than the alternative. */
function saysOtherKind(error: Found, union: Found): boolean {
  const isWhole = error.instancePath === union.instancePath;
  return isWhole ? ['type', 'const'].includes(error.keyword) : isConstant(error, union);
}

/** True when an error says that a member of the alternative is another constant (`kind`). */
function isConstant(error: Found, union: Found): boolean {
  const [, keyword, , ...more] = tail(error, union);
  return error.keyword === 'const' && keyword === 'properties' && more.length === 0;
}

function steps(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function schemaAt(schema: TSchema, pointer: string): Described {
  let found: unknown = schema;
  for (const step of steps(pointer)) found = (found as Record<string, unknown>)[step];
  return found as Described;
}
