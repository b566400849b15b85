// The one store of live state: the last status, when it came, and whether the stream stands.
// Its generation rises whenever the stream comes back, so that no view mixes what it loaded
// before a lost connection with what it loads after. The server's clock counts, never this
// machine's.

import type { Status } from '../../../src/api/contract.js';

/** Without a status for this long the connection counts as lost. */
export const STATUS_TIMEOUT_MS = 3000;
/** A status that is this much older than it could be came over a line too slow to be live. */
export const LAG_LATE_MS = 3000;
/** Older data than this is called late. */
export const DATA_AGE_LATE_MS = 30_000;

/** `denied`: the service wants a token; nothing is tried before one was given. */
export type Connection = 'connecting' | 'open' | 'lost' | 'denied';

export interface Live {
  status: Status | null;
  /** performance.now() at which the status came. */
  receivedAt: number;
  connection: Connection;
  /** Server time less performance.now(), by the status that was quickest to come. */
  clockMs: number;
  /** How much longer than that one the last status was under way. */
  lagMs: number;
  /** Server time at which the connection was lost, null while it stands. */
  lostAtMs: number | null;
  generation: number;
}

export type Listener = (live: Live) => void;

let live: Live = {
  status: null,
  receivedAt: 0,
  clockMs: 0,
  lagMs: 0,
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

/** The first status of a new stream is sent at once: its clock counts, whatever was before. */
let isNewStream = true;

export function streamOpened(): void {
  isNewStream = true;
}

export function receive(status: Status): void {
  const receivedAt = performance.now();
  const clockMs = status.nowMs - receivedAt;
  // Silence, or a clock that stood still meanwhile: this machine slept, and what it shows is old.
  const slept =
    receivedAt - live.receivedAt > STATUS_TIMEOUT_MS || clockMs - live.clockMs > STATUS_TIMEOUT_MS;
  // Behind and now no longer: states between may have been left out, so all is asked anew.
  const quickest = isNewStream ? clockMs : Math.max(clockMs, live.clockMs);
  const lagMs = quickest - clockMs;
  const caughtUp = live.lagMs > LAG_LATE_MS && lagMs <= LAG_LATE_MS;
  const goesOn = live.connection === 'open' && !slept && !caughtUp;
  isNewStream = false;
  publish({
    status,
    receivedAt,
    clockMs: quickest,
    lagMs,
    connection: 'open',
    lostAtMs: null,
    generation: goesOn ? live.generation : live.generation + 1,
  });
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
  return live.clockMs + performance.now();
}

/** Age of the data now; null before the first data. */
export function dataAgeMs(): number | null {
  const age = live.status?.dataAgeMs ?? null;
  return age === null ? null : age + live.lagMs + performance.now() - live.receivedAt;
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
  if (status.storeProblem !== null || status.outputProblem !== null) return 'stale';
  if (live.lagMs > LAG_LATE_MS) return 'stale';
  if (status.phase !== 'live') return 'live';
  if (!status.connected || status.partitions.some((one) => one.problem !== null)) return 'stale';
  return (dataAgeMs() ?? 0) > DATA_AGE_LATE_MS ? 'stale' : 'live';
}
