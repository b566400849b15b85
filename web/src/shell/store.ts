// The one store of live state: the last status, when it came, and whether the stream stands.
// Its generation rises whenever the stream comes back, so that no view mixes what it loaded
// before a lost connection with what it loads after. The server's clock counts, never this
// machine's.

import type { Status } from '../../../src/api/contract.js';

/** Without a status for this long the connection counts as lost. */
export const STATUS_TIMEOUT_MS = 3000;
/** Older data than this is called late. */
export const DATA_AGE_LATE_MS = 30_000;

/** `denied`: the service wants a token; nothing is tried before one was given. */
export type Connection = 'connecting' | 'open' | 'lost' | 'denied';

export interface Live {
  status: Status | null;
  /** performance.now() at which the status came. */
  receivedAt: number;
  connection: Connection;
  /** Server time at which the connection was lost, null while it stands. */
  lostAtMs: number | null;
  generation: number;
}

export type Listener = (live: Live) => void;

let live: Live = {
  status: null,
  receivedAt: 0,
  connection: 'connecting',
  lostAtMs: null,
  generation: 0,
};
const listeners = new Set<Listener>();

export function current(): Live {
  return live;
}

/** Calls the listener with every new status and every change of the connection, until ended. */
export function subscribe(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function publish(next: Live): void {
  live = next;
  for (const listener of listeners) listener(live);
}

export function receive(status: Status): void {
  const generation = live.connection === 'open' ? live.generation : live.generation + 1;
  const receivedAt = performance.now();
  publish({ status, receivedAt, connection: 'open', lostAtMs: null, generation });
}

export function lose(): void {
  if (live.connection === 'lost' || live.connection === 'denied') return;
  publish({ ...live, connection: 'lost', lostAtMs: live.status === null ? null : serverNowMs() });
}

export function deny(): void {
  if (live.connection !== 'denied') publish({ ...live, connection: 'denied', lostAtMs: null });
}

/** A token was accepted: the stream may be opened again. */
export function admit(): void {
  if (live.connection === 'denied') publish({ ...live, connection: 'connecting' });
}

/** The server's clock, carried on from the last status. */
export function serverNowMs(): number {
  if (live.status === null) return Date.now();
  return live.status.nowMs + performance.now() - live.receivedAt;
}

/** Age of the data now; null before the first data. */
export function dataAgeMs(): number | null {
  const age = live.status?.dataAgeMs ?? null;
  return age === null ? null : age + performance.now() - live.receivedAt;
}

/** The right edge of live views: now once live, else how far the log has been read. */
export function edgeMs(): number {
  const { status } = live;
  if (status === null) return Date.now();
  const edge = status.phase === 'live' ? status.nowMs : (status.readingMs ?? status.nowMs);
  return Math.max(edge, status.readingMs ?? 0, status.changedFromMs ?? 0);
}

/** `lost` needs no look at the data; `stale` is a standing stream of late data. */
export type State = 'live' | 'stale' | 'lost';

export function connectionState(): State {
  if (live.connection === 'lost') return 'lost';
  const { status } = live;
  if (status === null || live.connection !== 'open') return 'stale';
  if (status.storeProblem !== null) return 'stale';
  if (status.phase !== 'live') return 'live';
  if (!status.connected || status.partitions.some((one) => one.problem !== null)) return 'stale';
  return (dataAgeMs() ?? 0) > DATA_AGE_LATE_MS ? 'stale' : 'live';
}
