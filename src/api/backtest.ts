// POST /backtest: other rules on a stored period. `flapline backtest` folds a copy of the store, at most a
// minute old, in a process of its own, one at a time: reading and the page go on meanwhile.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Static, Type } from 'typebox';
import { FlaplineError } from '../config/errors.js';
import { ROOT } from '../config/root.js';
import type { StoreCopies } from '../sql/copies.js';
import { operatorOnly } from './auth.js';
import { ApiError, QueryMs } from './contract.js';
import type { ApiDeps, ApiLimits, ApiServer } from './deps.js';
import type { Exports } from './export.js';

const BIN = join(ROOT, 'dist', 'src', 'bin.cjs');
/** Messages name it. */
const RULES_FILE = 'rules.yaml';
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

const BacktestBody = Type.Object(
  {
    rules: Type.String({ maxLength: 65_536, description: 'a file of rules, YAML' }),
    from: Type.Optional(QueryMs),
    to: Type.Optional(QueryMs),
    at: Type.Optional(QueryMs),
    limit: Type.Integer({ minimum: 1, maximum: 100_000, default: 20 }),
  },
  { additionalProperties: false },
);

/** POST /backtest. */
export function backtestRoutes(
  server: ApiServer,
  deps: ApiDeps,
  exports: Exports,
  copies: StoreCopies,
  { sqlBytesMax, exportMsMax }: ApiLimits,
): void {
  let isRunning = false;
  server.post(
    '/backtest',
    {
      schema: {
        summary: 'What other rules would have flagged, against what was',
        description:
          'Of a copy of the store that is at most a minute old; one at a time. `lines`: `limit` of ' +
          'those that differ, the largest differences first.',
        body: BacktestBody,
        response: { 200: Type.Any(), '4xx': ApiError, '5xx': ApiError },
      },
      bodyLimit: sqlBytesMax,
      onRequest: operatorOnly(deps.tokens),
    },
    ({ body }, reply) =>
      exports.answer(reply, async () => {
        if (isRunning) {
          const text = 'another back-test is under way: try again shortly';
          throw new FlaplineError('QUERY_TIMEOUT', text);
        }
        isRunning = true;
        try {
          const told = await copies.use((file) => backtestOf(file, body, exportMsMax));
          void reply.type('application/json; charset=utf-8');
          return told;
        } finally {
          isRunning = false;
        }
      }),
  );
}

async function backtestOf(
  file: string,
  { rules, limit, ...times }: Static<typeof BacktestBody>,
  msMax: number,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'flapline-backtest-'));
  try {
    await writeFile(join(folder, RULES_FILE), rules);
    const args = ['backtest', '--store', file, '--rules', RULES_FILE, '--limit', String(limit)];
    for (const [name, ms] of Object.entries(times)) args.push(`--${name}`, String(ms));
    // No environment: it may hold secrets.
    const bounds = { cwd: folder, env: {}, timeout: msMax, maxBuffer: ANSWER_BYTES_MAX };
    const started = [BIN, ...args, '--format', 'json', '--quiet'];
    return (await promisify(execFile)(process.execPath, started, bounds)).stdout;
  } catch (error) {
    throw refusalOf(error as { killed?: boolean; code?: unknown; stderr?: string }, msMax);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the command said when it ended with an error, or that it was ended. */
function refusalOf(
  error: { killed?: boolean; code?: unknown; stderr?: string },
  msMax: number,
): FlaplineError {
  const said = error.stderr?.replace(/^flapline: /, '').trim();
  if (!error.killed && typeof error.code === 'number' && said) {
    return new FlaplineError('BAD_REQUEST', said, { cause: error });
  }
  const text = `the back-test took longer than ${msMax / 1000} s, or broke off: ask for a shorter period`;
  return new FlaplineError('QUERY_TIMEOUT', text, { cause: error });
}
