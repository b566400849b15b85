// The life of a service on the command line: its start, which Ctrl-C ends, and its stop, once it is told to
// or has failed. A second Ctrl-C ends the process at once.

import { EXIT, FlaplineError } from '../config/errors.js';
import type { Service } from '../service-options.js';
import { say, writeOut } from './output.js';

/** A start that was interrupted may take this long until it can be stopped cleanly. */
const STOP_WAIT_MS = 15_000;

/** What a service is given to tell, and to be told. */
export interface LifeParts {
  readonly signal: AbortSignal;
  readonly onNote: (text: string) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Runs a service until it is told to stop; its exit code. Throws what its start or its end failed with. */
export async function liveOnce(
  quiet: boolean,
  start: (parts: LifeParts) => Promise<Service>,
): Promise<number> {
  const failure = new AbortController();
  const failed = new Promise<never>((_, reject) => {
    failure.signal.addEventListener('abort', () => reject(failure.signal.reason as Error));
  });
  failed.catch(() => undefined);
  const { stopping, signal, forget } = stopSignal();
  try {
    const starting = start({
      signal,
      onNote: (text) => (quiet ? undefined : void process.stdout.write(`${text}\n`)),
      onFailure: (error) => failure.abort(error),
    });
    let isUp = false;
    const early = stopping.then(() => (isUp ? null : startedSoon(starting)));
    const service = await Promise.race([starting, early]).catch((error: unknown) => {
      if (signal.aborted && isInterrupted(error)) return null;
      throw error;
    });
    isUp = true;
    if (service === null) return EXIT.interrupted;
    if (quiet) await writeOut(`${service.address}\n`);
    try {
      await Promise.race([stopping, failed]);
    } finally {
      if (!quiet) say('stopping: Ctrl-C again ends at once');
      await service.stop();
    }
    return EXIT.ok;
  } finally {
    forget();
  }
}

/** Resolves at the first SIGINT or SIGTERM; the second ends the process. */
function stopSignal(): {
  stopping: Promise<void>;
  signal: AbortSignal;
  forget: () => void;
} {
  const stop = new AbortController();
  const stopping = new Promise<void>((resolve) => {
    stop.signal.addEventListener('abort', () => resolve());
  });
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    stop.abort();
  };
  const forget = (): void => {
    for (const name of ['SIGINT', 'SIGTERM']) process.off(name, onSignal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return { stopping, signal: stop.signal, forget };
}

function isInterrupted(error: unknown): boolean {
  return error instanceof FlaplineError && error.code === 'INTERRUPTED';
}

/** A start that was interrupted: the service when it is up soon, to be stopped cleanly, else null. */
async function startedSoon(starting: Promise<Service>): Promise<Service | null> {
  say('interrupted while starting: Ctrl-C again ends at once');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), STOP_WAIT_MS);
  });
  return Promise.race([starting, late]).finally(() => clearTimeout(timer));
}
