// What the sandbox and its process say to one another: one request by the channel, then lines of JSON on
// standard output: the columns, rows as arrays, and how it ended.

import type { Cell } from '../store/sql.js';

/** What the process is asked. */
export interface SqlRequest {
  readonly file: string;
  readonly sql: string;
  /** The time at which the views read, and the zone of their days; null = latest. */
  readonly reading: { readonly atMs: number; readonly timeZone: string } | null;
  readonly rowsMax: number;
  readonly memoryBytesMax: number;
}

/** A line of its answer. */
export type SqlLine =
  | { readonly columns: readonly { name: string; isText: boolean }[] }
  | { readonly rows: readonly (readonly Cell[])[] }
  | { readonly end: true; readonly truncated: boolean }
  | { readonly error: string };
