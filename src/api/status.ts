// The service's own state: for people (/api/status), for the process manager (/healthz) and for the
// load balancer (/readyz: red while starting, loading, stopping, without a broker or while the store or
// the dead-letter topic takes nothing).

import { Type } from 'typebox';
import { ApiError, Ready, Status } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';
import { isReady } from './metrics.js';

/** GET /status. */
export function statusRoutes(server: ApiServer, deps: ApiDeps): void {
  server.get(
    '/status',
    {
      schema: {
        summary: 'What the service is doing, and how far it has read',
        response: { 200: Status, '4xx': ApiError, '5xx': ApiError },
      },
    },
    async () => deps.status(),
  );
}

/** GET /healthz and /readyz: without a token, without a rate limit, without data of lines. */
export function healthRoutes(server: ApiServer, deps: ApiDeps): void {
  const config = { rateLimit: false as const };
  server.get(
    '/healthz',
    {
      config,
      schema: { summary: 'It runs', response: { 200: Type.Object({ ok: Type.Boolean() }) } },
    },
    async () => ({ ok: true }),
  );
  server.get(
    '/readyz',
    { config, schema: { summary: 'It reads and serves', response: { 200: Ready, 503: Ready } } },
    async (_request, reply) => {
      const status = deps.status();
      const { phase, connected, message } = status;
      const ready = isReady(status);
      return reply.code(ready ? 200 : 503).send({ ready, phase, connected, message });
    },
  );
}
