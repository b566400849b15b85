// The API as the page asks it: one function a resource, JSON in, an ApiFailure out where the
// answer is no 2xx. Every call ends within REQUEST_TIMEOUT_MS, or when the caller aborts. A 401
// is told to the store: the page then asks for a token, which goes in a body, never in a URL.

import type { Flapping, Heat, Names, Timeline, Worst } from '../../../src/api/contract.js';
import type { Scorecard, TargetsAnswer } from '../../../src/api/kpi-contract.js';
import { coverageSoFar } from '../heat/heat-data.js';
import type { QueryParts } from './address.js';
import type { Span } from './scope.js';
import { deny } from './store.js';

const REQUEST_TIMEOUT_MS = 20_000;
const UNAUTHORIZED = 401;

/** A heat bucket (SPEC section 2, heat cell). */
export const BUCKET_MS = 300_000;

export class ApiFailure extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

function messageOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('error' in body)) return null;
  const { error } = body;
  if (typeof error !== 'object' || error === null || !('message' in error)) return null;
  return typeof error.message === 'string' ? error.message : null;
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const body: unknown = await response.json().catch(() => null);
  return new ApiFailure(messageOf(body) ?? `HTTP ${response.status}`, response.status);
}

const deadlineOf = (signal: AbortSignal): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);

async function ask(path: string, query: QueryParts, signal: AbortSignal): Promise<Response> {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null) search.set(key, String(value));
  }
  const url = `./api/${path}?${search.toString()}`;
  const response = await fetch(url, { signal: deadlineOf(signal), cache: 'no-store' });
  if (response.ok) return response;
  if (response.status === UNAUTHORIZED) deny();
  throw await failureOf(response);
}

/** Asks for a resource below /api. */
export async function get<Answer>(
  path: string,
  query: QueryParts,
  signal: AbortSignal,
): Promise<Answer> {
  return (await (await ask(path, query, signal)).json()) as Answer;
}

/** The interruptions of a period as the columns that rules/columns.ts reads. */
export async function getColumns(span: Span, signal: AbortSignal): Promise<ArrayBuffer> {
  return (await ask('interruptions/columns', { ...span }, signal)).arrayBuffer();
}

/** Whether the service asks for a token; false when it does not answer. */
export async function needsToken(signal: AbortSignal): Promise<boolean> {
  try {
    const options = { signal: deadlineOf(signal), cache: 'no-store' } as const;
    return (await fetch('./api/status', options)).status === UNAUTHORIZED;
  } catch {
    return false;
  }
}

/**
 * Sends something to a resource below /api, by a token other than the session's where one is given;
 * throws ApiFailure when it is refused.
 */
export async function post(
  path: string,
  body: object,
  signal: AbortSignal,
  token = '',
): Promise<void> {
  const bearer: Record<string, string> = token === '' ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`./api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer },
    body: JSON.stringify(body),
    signal: deadlineOf(signal),
  });
  if (!response.ok) throw await failureOf(response);
}

/** Exchanges a token for the session's cookie; throws ApiFailure when it is refused. */
export const openSession = (token: string, signal: AbortSignal): Promise<void> =>
  post('session', { token }, signal);

export interface HeatFilter extends QueryParts {
  by: 'branch' | 'product' | 'line' | 'component';
  from: number;
  to: number;
  limit: number;
}

export const getHeat = (filter: HeatFilter, signal: AbortSignal): Promise<Heat> =>
  get<Heat>('heat', filter, signal).then(coverageSoFar);

export const getFlapping = (filter: QueryParts, signal: AbortSignal): Promise<Flapping> =>
  get<Flapping>('flapping', filter, signal);

export const getNames = (signal: AbortSignal): Promise<Names> => get<Names>('names', {}, signal);

export interface WorstFilter extends QueryParts {
  from: number;
  to: number;
  limit: number;
}

export const getWorst = (filter: WorstFilter, signal: AbortSignal): Promise<Worst> =>
  get<Worst>('worst', filter, signal);

export const getTargets = (signal: AbortSignal): Promise<TargetsAnswer> =>
  get<TargetsAnswer>('targets', {}, signal);

export const getScorecard = (signal: AbortSignal): Promise<Scorecard> =>
  get<Scorecard>('scorecard', {}, signal);

export const getTimeline = (
  line: string,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<Timeline> => get<Timeline>(`lines/${encodeURIComponent(line)}`, { from, to }, signal);
