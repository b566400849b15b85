// The one place that turns what was thrown into an answer: {"error":{"code","message"}}. The text of
// what we did not throw ourselves stays in the log when it is a 5xx.

import type {
  FastifyError,
  FastifyReply,
  FastifyRequest,
  FastifySchemaValidationError,
} from 'fastify';
import { FlaplineError } from '../config/errors.js';
import type { ApiServer } from './deps.js';

const CODE_OF_STATUS: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  413: 'TOO_LARGE',
  414: 'TOO_LARGE',
  429: 'RATE_LIMITED',
  503: 'TOO_MANY_STREAMS',
};

/** The body of an answer that is an error. */
export function errorBody(
  code: string,
  message: string,
): { error: { code: string; message: string } } {
  return { error: { code, message } };
}

/** Answers with the code that belongs to the status. */
export function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).send(errorBody(CODE_OF_STATUS[status] ?? 'BAD_REQUEST', message));
}

/** A message for people out of what the schema says of a request: which parameter, what it must be. */
export function describeInvalid(errors: FastifySchemaValidationError[], part: string): Error {
  const [first] = errors;
  const missing = first.params.missingProperty;
  const name = first.instancePath.replace(/^\//, '') || String(missing ?? part);
  const allowed = errors
    .filter((error) => error.keyword === 'const')
    .map((error) => String(error.params.allowedValue));
  const others = errors
    .filter((error) => error.keyword !== 'const' && error.keyword !== 'anyOf')
    .map((error) => error.message ?? 'is not valid');
  if (allowed.length > 0) others.push(`must be ${allowed.map((a) => `"${a}"`).join(' or ')}`);
  return new FlaplineError('BAD_REQUEST', `${part} "${name}": ${others.join(', or ')}`);
}

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

function answerOf(error: unknown, request: FastifyRequest): Answer {
  if (error instanceof FlaplineError) {
    return { status: error.status, code: error.code, message: error.message };
  }
  const { statusCode: status, message } = error as Partial<FastifyError>;
  if (status !== undefined && status >= 400 && status < 500) {
    const code = CODE_OF_STATUS[status] ?? 'BAD_REQUEST';
    return { status, code, message: message ?? 'the request is not valid' };
  }
  return {
    status: 500,
    code: 'INTERNAL',
    message: `internal error; the service's log says more under ${request.id}`,
  };
}

/** Answers a request that ended with what was thrown; writes down what is our own fault. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, code, message } = answerOf(error, request);
  if (status >= 500) request.log.error({ err: error, url: request.url }, 'request failed');
  void reply.code(status).send(errorBody(code, message));
}

/** Installs the answers to errors and to paths that do not exist. */
export function handleErrors(server: ApiServer): void {
  server.setErrorHandler((error, request, reply) => answerError(error, request, reply));
  server.setNotFoundHandler((request, reply) => {
    refuse(reply, 404, `nothing is at ${request.method} ${request.url.slice(0, 200)}`);
  });
}
