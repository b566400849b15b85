// The page's one stream: /api/stream read by EventSource, with a back-off of our own
// (EventSource gives up for ever after an HTTP error) and a watchdog for sockets that die
// without saying so. EventSource does not tell why it failed, so a failure is followed by a
// question whether a token is wanted; while one is, the stream rests.

import type { Status } from '../../../src/api/contract.js';
import { needsToken } from './api.js';
import {
  STATUS_TIMEOUT_MS,
  current,
  deny,
  lose,
  receive,
  streamOpened,
  subscribe,
} from './store.js';

const BACKOFF_MIN_MS = 500;
const BACKOFF_MAX_MS = 1000;
/** To learn whether a token is wanted. */
const TOKEN_TIMEOUT_MS = 1500;
const WATCH_MS = 500;
/** A stream that stays silent this long is closed and opened again. */
const SILENT_LIMIT_MS = 10_000;
/** So is one that has fallen this far behind. */
const LAG_LIMIT_MS = 15_000;
/** A clock that ran ahead of performance.now() by more than this: this machine slept. */
const SLEEP_MS = 3000;

let source: EventSource | null = null;
let attempts = 0;
let retryTimer = 0;
let openedAt = 0;

function open(): void {
  openedAt = performance.now();
  streamOpened();
  const opened = new EventSource('./api/stream');
  source = opened;
  opened.addEventListener('status', (event) => {
    attempts = 0;
    receive(JSON.parse(event.data as string) as Status);
  });
  opened.addEventListener('error', () => {
    if (source === opened) void failed();
  });
}

function close(): void {
  source?.close();
  source = null;
  clearTimeout(retryTimer);
}

function retry(): void {
  close();
  lose();
  const wait = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** attempts);
  attempts = Math.min(attempts + 1, 10);
  retryTimer = window.setTimeout(open, wait * (0.75 + Math.random() / 2));
}

async function failed(): Promise<void> {
  close();
  if (current().connection === 'open') lose();
  if (await needsToken(AbortSignal.timeout(TOKEN_TIMEOUT_MS))) deny();
  else if (source === null && current().connection !== 'denied') retry();
}

/** Date.now() less performance.now(), when it was last looked at. */
let wall = Date.now() - performance.now();

function slept(): boolean {
  const before = wall;
  wall = Date.now() - performance.now();
  return wall - before > SLEEP_MS;
}

function watch(): void {
  if (slept()) lose();
  if (source === null) return;
  const silentMs = performance.now() - Math.max(current().receivedAt, openedAt);
  if (silentMs > STATUS_TIMEOUT_MS) lose();
  if (silentMs > SILENT_LIMIT_MS || current().lagMs > LAG_LIMIT_MS) retry();
}

/** Opens the stream for the life of the page. */
export function startStream(): void {
  let before = current().connection;
  open();
  subscribe(({ connection }) => {
    const admitted = before === 'denied' && connection !== 'denied';
    before = connection;
    if (connection === 'denied') close();
    else if (admitted && source === null) open();
  });
  window.setInterval(watch, WATCH_MS);
  window.addEventListener('online', () => {
    if (source !== null || current().connection === 'denied') return;
    close();
    open();
  });
}
