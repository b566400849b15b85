// Who may read the API, and who may change something. A token comes as `Authorization: Bearer`, or in an HttpOnly cookie for the page
// (EventSource cannot send headers); never in a URL, which ends in logs. Without tokens all may read.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { ApiError, SessionBody } from './contract.js';
import type { ApiLimits, ApiServer, ApiTokens } from './deps.js';
import { refuse } from './errors.js';

const COOKIE = 'flapline_token';
const COOKIE_SECONDS = 30 * 86_400;

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Whether a token is one of those configured, in a time that does not depend on the token. */
function tokenCheck(tokens: ApiTokens): (token: string) => boolean {
  const known = [tokens.viewer, tokens.operator]
    .filter((token) => token !== null && token !== '')
    .map((token) => digest(String(token)));
  return (token) => {
    const given = digest(token);
    return known.reduce((found, one) => timingSafeEqual(one, given) || found, false);
  };
}

/** The token of a request, null without one. */
function tokenOf(request: FastifyRequest): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '');
  if (bearer !== null) return bearer[1];
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name !== COOKIE || value === undefined) continue;
    try {
      return decodeURIComponent(value);
    } catch {
      return null;
    }
  }
  return null;
}

/**
 * A hook for routes that change something: the operator's token only. Without tokens everyone who
 * reaches the port may: for loopback.
 */
export function operatorOnly(
  tokens: ApiTokens | null,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const valid = tokens === null ? null : tokenCheck({ viewer: null, operator: tokens.operator });
  return async (request, reply) => {
    if (valid === null || valid(tokenOf(request) ?? '')) return;
    await refuse(reply, 403, 'this needs the operator token (Authorization: Bearer ...)');
  };
}

/** A hook that refuses requests without a valid token. */
export function tokenRequired(
  tokens: ApiTokens,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const valid = tokenCheck(tokens);
  return async (request, reply) => {
    if (request.routeOptions.url === '/api/session') return;
    const token = tokenOf(request);
    if (token !== null && valid(token)) return;
    void reply.header('www-authenticate', 'Bearer');
    await refuse(reply, 401, 'this needs a viewer or operator token (Authorization: Bearer ...)');
  };
}

/** Refuses requests without a valid token on this server's routes; adds the route that opens a session. */
export function requireToken(server: ApiServer, tokens: ApiTokens, limits: ApiLimits): void {
  const valid = tokenCheck(tokens);
  server.addHook('onRequest', tokenRequired(tokens));
  server.post(
    '/session',
    {
      schema: {
        summary: 'Exchange a token for a cookie, for the page',
        body: SessionBody,
        response: { 204: Type.Null(), '4xx': ApiError },
      },
      config: { rateLimit: { max: limits.loginsPerMinuteMax, timeWindow: 60_000 } },
    },
    async (request, reply) => {
      const { token } = request.body;
      if (!valid(token)) return refuse(reply, 401, 'this token is not valid');
      const secure = request.protocol === 'https' ? '; Secure' : '';
      const value = encodeURIComponent(token);
      const scope = `Path=/; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Strict${secure}`;
      void reply.header('set-cookie', `${COOKIE}=${value}; ${scope}`);
      return reply.code(204).send(null);
    },
  );
}
