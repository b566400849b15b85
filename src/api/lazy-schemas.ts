// The schemas of the routes, each compiled when its route is first asked: all of them at once take most
// of a second of every start, and few are needed soon.

import buildValidators from '@fastify/ajv-compiler';
import buildSerializers from '@fastify/fast-json-stringify-compiler';
import type { FastifyServerOptions } from 'fastify';

type Factories = NonNullable<
  NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']
>;

/** What fastify's compilers make: `errors` tells why a check said no. */
interface Check {
  (...args: unknown[]): unknown;
  errors?: unknown;
}

type Build = (schemas: unknown, options: unknown) => (route: unknown) => Check;

/** The same functions, made at their first call. */
function lazily(build: Build): Build {
  return (schemas, options) => {
    let compile: ReturnType<Build> | null = null;
    return (route) => {
      let made: Check | null = null;
      const check: Check = (...args) => {
        compile ??= build(schemas, options);
        made ??= compile(route);
        const answer = made(...args);
        check.errors = made.errors;
        return answer;
      };
      // Fastify gives a check of ajv's, which it knows by this, what it checks a part of.
      return Object.assign(check, { schemaEnv: true });
    };
  };
}

/** For fastify's option `schemaController`. */
export const LAZY_SCHEMAS = {
  compilersFactory: {
    buildValidator: lazily(buildValidators() as Build),
    buildSerializer: lazily(buildSerializers() as Build),
  } as unknown as Factories,
};
