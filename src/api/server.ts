// Builds the HTTP server: limits and headers first, then the API under /api, the OpenAPI page, the
// health checks and the page itself. It does not listen; the caller chooses the address.

import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify, { LogController, type FastifyInstance } from 'fastify';
import { requireToken } from './auth.js';
import { columnRoutes } from './columns.js';
import { causeFeedbackRoutes } from './cause-feedback.js';
import { causeRecordRoutes, causeRoutes } from './causes.js';
import { API_LIMITS, type ApiDeps, type ApiLimits, type ApiServer } from './deps.js';
import { registerDocs } from './docs.js';
import { answerError, describeInvalid, handleErrors } from './errors.js';
import { Exports } from './export.js';
import { flappingRoutes } from './flapping.js';
import { heatRoutes } from './heat.js';
import { kpiRoutes } from './kpis.js';
import { lineDetailRoutes } from './line-detail.js';
import { LAZY_SCHEMAS } from './lazy-schemas.js';
import { lineRoutes } from './lines.js';
import { metricsRoutes } from './metrics.js';
import { listRoutes } from './lists.js';
import { mapRoutes } from './map.js';
import { nameRoutes } from './names.js';
import { noteRoutes } from './notes.js';
import { nowRoutes } from './now.js';
import { registerPages } from './pages.js';
import { rawRoutes } from './raw.js';
import { recordRoutes } from './records.js';
import { resetRoutes } from './reset.js';
import { rulesRoutes } from './rules.js';
import { shelfRoutes } from './shelves.js';
import { sqlRoutes } from './sql.js';
import { StoreCopies } from '../sql/copies.js';
import { backtestRoutes } from './backtest.js';
import { healthRoutes, statusRoutes } from './status.js';
import { streamRoutes } from './stream.js';
import { worstRoutes } from './worst.js';

/** A cause's id: a time, a name of 256 bytes, a rank; each byte percent-encoded. */
const PARAM_CHARS_MAX = 3 * 300;

/** Headers for a page that loads nothing from elsewhere, over plain HTTP too (no upgrade, no HSTS). */
const HEADERS = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: [`'self'`],
      // The page runs the kernel (what-if).
      scriptSrc: [`'self'`, `'wasm-unsafe-eval'`],
      // uPlot and the OpenAPI page set inline styles.
      styleSrc: [`'self'`, `'unsafe-inline'`],
      imgSrc: [`'self'`, 'data:'],
      baseUri: [`'self'`],
      formAction: [`'self'`],
      frameAncestors: [`'none'`],
      objectSrc: [`'none'`],
    },
  },
  strictTransportSecurity: false,
  // These two mean nothing over plain HTTP, and browsers say so on the console.
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
} as const;

async function registerApi(server: ApiServer, deps: ApiDeps, limits: ApiLimits): Promise<void> {
  const exports = new Exports(limits);
  const copies = new StoreCopies(deps.read, limits.exportMsMax);
  server.addHook('onClose', () => copies.close());
  const routes = async (api: ApiServer): Promise<void> => {
    api.addHook('onSend', async (_request, reply) => {
      void reply.header('cache-control', 'no-store');
    });
    if (deps.tokens !== null) requireToken(api, deps.tokens, limits);
    statusRoutes(api, deps);
    heatRoutes(api, deps, limits);
    nameRoutes(api, deps);
    nowRoutes(api, deps);
    mapRoutes(api, deps, limits);
    flappingRoutes(api, deps);
    worstRoutes(api, deps);
    lineRoutes(api, deps);
    lineDetailRoutes(api, deps);
    rawRoutes(api, deps);
    columnRoutes(api, deps, exports);
    rulesRoutes(api, deps);
    causeRoutes(api, deps);
    causeFeedbackRoutes(api, deps);
    causeRecordRoutes(api, deps);
    listRoutes(api, deps, exports);
    sqlRoutes(api, deps, exports, copies, limits);
    backtestRoutes(api, deps, exports, copies, limits);
    kpiRoutes(api, deps, exports);
    resetRoutes(api, deps);
    shelfRoutes(api, deps, limits);
    noteRoutes(api, deps);
    recordRoutes(api, deps, limits);
    streamRoutes(api, deps, limits);
  };
  await server.register(async (api) => routes(api as ApiServer), { prefix: '/api' });
}

/**
 * The server with all its routes, ready to listen or to be asked through inject. Close it with
 * close(), which ends the streams too.
 */
export async function buildApi(deps: ApiDeps): Promise<FastifyInstance> {
  const limits = { ...API_LIMITS, ...deps.limits };
  const server = Fastify({
    ...(deps.log === undefined ? { logger: false } : { loggerInstance: deps.log }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytesMax,
    requestTimeout: limits.requestMsMax,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: PARAM_CHARS_MAX },
    // With strict numbers a query's "Infinity" skips minimum and maximum.
    ajv: { customOptions: { strictNumbers: false } },
    schemaController: LAZY_SCHEMAS,
    schemaErrorFormatter: describeInvalid,
    frameworkErrors: answerError,
  }) as unknown as ApiServer;
  handleErrors(server);
  await server.register(helmet, HEADERS);
  await server.register(rateLimit, {
    max: limits.requestsPerMinuteMax,
    timeWindow: 60_000,
  });
  await registerDocs(server, deps.status().version);
  await registerApi(server, deps, limits);
  healthRoutes(server, deps);
  metricsRoutes(server, deps);
  await registerPages(server, deps.webRoot);
  await server.ready();
  return server as unknown as FastifyInstance;
}
