// The API as the page asks it: one function a resource, JSON in, an ApiFailure out where the
// answer is no 2xx. Every call ends within REQUEST_TIMEOUT_MS, or when the caller aborts.

import type { Flapping, Heat, Timeline, Worst } from '../../src/api/contract.js';

const REQUEST_TIMEOUT_MS = 20_000;

/** A heat bucket (SPEC section 2, heat cell). */
export const BUCKET_MS = 300_000;

type Query = Record<string, string | number | null>;

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

async function get<Answer>(path: string, query: Query, signal: AbortSignal): Promise<Answer> {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== null) search.set(key, String(value));
  }
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
  const url = `./api/${path}?${search.toString()}`;
  const response = await fetch(url, { signal: deadline, cache: 'no-store' });
  if (response.ok) return (await response.json()) as Answer;
  const body: unknown = await response.json().catch(() => null);
  throw new ApiFailure(messageOf(body) ?? `HTTP ${response.status}`, response.status);
}

export interface HeatFilter {
  by: 'branch' | 'product' | 'line';
  from: number;
  to: number;
  branch?: string | null;
  product?: string | null;
  limit: number;
}

export const getHeat = (filter: HeatFilter, signal: AbortSignal): Promise<Heat> =>
  get<Heat>('heat', { branch: null, product: null, ...filter }, signal);

export const getFlapping = (limit: number, signal: AbortSignal): Promise<Flapping> =>
  get<Flapping>('flapping', { limit }, signal);

export interface WorstFilter {
  from: number;
  to: number;
  branch: string | null;
  product: string | null;
  limit: number;
}

export const getWorst = (filter: WorstFilter, signal: AbortSignal): Promise<Worst> =>
  get<Worst>('worst', { ...filter }, signal);

export const getTimeline = (
  line: string,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<Timeline> => get<Timeline>(`lines/${encodeURIComponent(line)}`, { from, to }, signal);
