// Changes that wait for their turn between two feeds (a reset, records, rules), and what becomes of each:
// told once it is committed, refused when it cannot be made, or when the topic is no longer read.

import { type ErrorCode, FlaplineError } from '../config/errors.js';

/** A change that waits. */
interface Request {
  /** Makes the change; what it returns is told once the change is committed. */
  readonly make: () => Promise<() => void>;
  readonly refuse: (error: unknown) => void;
}

/** Errors that concern one request only: reading goes on. */
const OF_THE_REQUEST: ReadonlySet<ErrorCode> = new Set([
  'NOT_FOUND',
  'SERVICE_UNAVAILABLE',
  'STORE_UNWRITABLE',
]);

/** The changes that wait. */
export class Changes {
  private requests: Request[] = [];

  /** True when some wait. */
  get waiting(): boolean {
    return this.requests.length > 0;
  }

  /** Resolves with what `make` returns once that is committed. Throws what `make` throws. */
  add<T>(make: () => Promise<T>): Promise<T> {
    return new Promise((resolve, refuse) => {
      this.requests.push({
        refuse,
        make: async () => {
          const made = await make();
          return () => resolve(made);
        },
      });
    });
  }

  /** Makes all that wait, and commits them. What was folded is committed before. */
  async make(commit: () => Promise<unknown>): Promise<void> {
    await commit();
    const requests = this.requests.splice(0);
    const made: (() => void)[] = [];
    try {
      for (const { make, refuse } of requests) {
        try {
          made.push(await make());
        } catch (error) {
          if (!(error instanceof FlaplineError && OF_THE_REQUEST.has(error.code))) throw error;
          refuse(error);
        }
      }
      await commit();
    } catch (error) {
      for (const { refuse } of requests) refuse(notReading());
      throw error;
    }
    for (const tell of made) tell();
  }

  /** Refuses all that wait: the topic is no longer read. */
  refuseAll(): void {
    for (const { refuse } of this.requests.splice(0)) refuse(notReading());
  }
}

/** Changes are taken only while the topic is read. */
export function notReading(): FlaplineError {
  return new FlaplineError(
    'SERVICE_UNAVAILABLE',
    'the service is not reading its topic now (starting or stopping): try again in a while',
  );
}
