// The page itself: its files, and one document for every address below which it shows something. The
// document's base says how deep an address lies, so that it also works below a proxy's prefix.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { ApiServer } from './deps.js';
import { refuse } from './errors.js';

/** The first parts of the page's addresses, as web/src/views/all.ts has them. */
const PAGES = [
  'wall',
  'map',
  'cell',
  'line',
  'worst',
  'flapping',
  'causes',
  'targets',
  'records',
  'rules',
];

const BASE = '<base href="./" />';

/** Routes of the page; without a built one, a word at `/` on how to build it. */
export async function registerPages(server: ApiServer, webRoot: string | null): Promise<void> {
  if (webRoot === null || !existsSync(webRoot)) {
    server.get('/', { schema: { hide: true } }, (_request, reply) => {
      refuse(
        reply,
        404,
        'the page is not built (npm run build:web); the API is described at /docs',
      );
    });
    return;
  }
  await server.register(fastifyStatic, { root: webRoot, index: ['index.html'] });
  for (const name of PAGES) {
    for (const url of [`/${name}`, `/${name}/*`]) {
      server.get(url, { schema: { hide: true } }, async (request, reply) => {
        const [path] = request.url.split('?', 1);
        const up = '../'.repeat(path.split('/').length - 2) || './';
        // Read each time: a page built anew names other files.
        const page = await readFile(join(webRoot, 'index.html'), 'utf8');
        void reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache');
        return page.replace(BASE, `<base href="${up}" />`);
      });
    }
  }
}
