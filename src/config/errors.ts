// The one catalogue of operating errors: a code, the exit code it ends a command with, and the HTTP
// status it gives the API. Programmer errors are asserts and are not in here.

/** Exit codes of the commands (SPEC section 4). */
export const EXIT = {
  ok: 0,
  usage: 64,
  badData: 65,
  unavailable: 69,
  /** A defect of the program itself. */
  software: 70,
  io: 74,
  badConfig: 78,
  interrupted: 130,
} as const;

const CATALOGUE = {
  USAGE: { exit: EXIT.usage, status: 400 },
  BAD_DATA: { exit: EXIT.badData, status: 422 },
  BROKER_UNAVAILABLE: { exit: EXIT.unavailable, status: 503 },
  TOPIC_ABSENT: { exit: EXIT.unavailable, status: 503 },
  SERVICE_UNAVAILABLE: { exit: EXIT.unavailable, status: 503 },
  PORT_IN_USE: { exit: EXIT.unavailable, status: 503 },
  STORE_LOCKED: { exit: EXIT.io, status: 503 },
  STORE_UNWRITABLE: { exit: EXIT.io, status: 503 },
  STORE_OUTDATED: { exit: EXIT.io, status: 503 },
  STORE_DAMAGED: { exit: EXIT.io, status: 503 },
  STORE_LAYOUT: { exit: EXIT.io, status: 503 },
  SNAPSHOT_UNREADABLE: { exit: EXIT.io, status: 503 },
  FILE_UNREADABLE: { exit: EXIT.io, status: 503 },
  FILE_UNWRITABLE: { exit: EXIT.io, status: 503 },
  MEMORY_LIMIT: { exit: EXIT.badConfig, status: 503 },
  BAD_CONFIG: { exit: EXIT.badConfig, status: 500 },
  NOT_FOUND: { exit: EXIT.usage, status: 404 },
  BAD_REQUEST: { exit: EXIT.usage, status: 400 },
  QUERY_TIMEOUT: { exit: EXIT.unavailable, status: 503 },
  INTERRUPTED: { exit: EXIT.interrupted, status: 503 },
} as const;

/** One of the closed list of error codes. */
export type ErrorCode = keyof typeof CATALOGUE;

/** An operating error. The message says what is wrong, where, and what to do. */
export class FlaplineError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'FlaplineError';
    this.code = code;
  }

  /** The exit code of a command that ends with this error. */
  get exitCode(): number {
    return CATALOGUE[this.code].exit;
  }

  /** The HTTP status that answers a request that ends with this error. */
  get status(): number {
    return CATALOGUE[this.code].status;
  }
}

/** The text of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
