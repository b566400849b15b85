// What a start of the service may fail with, in words: folder, address, interruption.

import { mkdirSync } from 'node:fs';
import { FlaplineError, messageOf } from './config/errors.js';
import type { CoreOptions } from './service-options.js';

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/** Throws BAD_CONFIG for an address that others reach, without tokens. */
export function refuseOpenDoor({ host, tokens, insecure }: CoreOptions): void {
  if (LOOPBACK.test(host) || insecure || tokens?.viewer || tokens?.operator) return;
  throw new FlaplineError(
    'BAD_CONFIG',
    `host ${host} can be reached from other machines: set a viewer or operator token, or --insecure`,
  );
}

/** Throws INTERRUPTED when the start is to end. */
export function goesOn(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interrupted();
}

function interrupted(): FlaplineError {
  return new FlaplineError('INTERRUPTED', 'interrupted while starting');
}

/**
 * Runs two parts of a start side by side. When one fails the other is told to end by its signal, and
 * waited for; throws what failed first.
 */
export async function together<A, B>(
  signal: AbortSignal | undefined,
  one: (signal: AbortSignal) => Promise<A>,
  other: (signal: AbortSignal) => Promise<B>,
): Promise<[A, B]> {
  const ending = new AbortController();
  const either = signal ? AbortSignal.any([signal, ending.signal]) : ending.signal;
  const parts = [one(either), other(either)] as const;
  try {
    return await Promise.all(parts);
  } catch (error) {
    ending.abort();
    await Promise.allSettled(parts);
    throw error;
  }
}

/** The work's result, or INTERRUPTED as soon as the signal says so. */
export async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return work;
  const done = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(interrupted());
    signal.addEventListener('abort', () => reject(interrupted()), { signal: done.signal });
  });
  return Promise.race([work, aborted]).finally(() => done.abort());
}

/** Makes the data folder. Throws STORE_UNWRITABLE. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new FlaplineError(
      'STORE_UNWRITABLE',
      `data folder ${folder}: cannot be made (${messageOf(error)}): name another with --data`,
      { cause: error },
    );
  }
}

/** The error of an address that cannot be listened on. */
export function portError(error: unknown, { host, port }: CoreOptions): FlaplineError {
  const busy = (error as { code?: string }).code === 'EADDRINUSE';
  const what = busy
    ? 'is in use: stop what listens there, or choose another with --port'
    : messageOf(error);
  return new FlaplineError('PORT_IN_USE', `port ${port} of ${host} ${what}`, { cause: error });
}
