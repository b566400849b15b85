// The OpenAPI page under /docs: the description of the API, made from its routes, and a page to read it.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { ApiServer } from './deps.js';

/** Describes the routes that are registered after it. */
export async function registerDocs(server: ApiServer, version: string): Promise<void> {
  await server.register(swagger, {
    openapi: {
      info: { title: 'flapline', description: 'Times are epoch milliseconds, UTC.', version },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
  });
  await server.register(swaggerUi, { routePrefix: '/docs', ...filesOfPage() });
}

/** Its package looks for them beside itself, which is not where it runs once it is bundled. */
function filesOfPage() {
  const require = createRequire(import.meta.url);
  const baseDir = join(dirname(require.resolve('@fastify/swagger-ui/package.json')), 'static');
  const content = readFileSync(join(baseDir, 'logo.svg'));
  return { baseDir, logo: { type: 'image/svg+xml', content } };
}
