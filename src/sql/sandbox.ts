// A user's SQL, run in a process of its own: what it may read is checked there (statement.ts), what it
// may take is watched here. DuckDB's own limit does not count the texts that functions make, so the
// resident memory is read too (Linux); a process that takes too much, or too long, is ended.

import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FlaplineError } from '../config/errors.js';
import { ROOT } from '../config/root.js';
import type { ListColumn, ListRow } from '../lists/column.js';
import type { ListAnswer } from '../lists/list.js';
import type { SqlLine, SqlRequest } from './protocol.js';

/** Bounds of a statement. */
export interface SqlLimits {
  readonly rowsMax: number;
  readonly queryMsMax: number;
  readonly memoryBytesMax: number;
}

export const SQL_LIMITS: SqlLimits = {
  rowsMax: 1_048_575,
  queryMsMax: 30_000,
  memoryBytesMax: 512 * 1024 * 1024,
};

const WORKER = join(ROOT, 'dist', 'src', 'sql', 'worker.js');
/** What Node and DuckDB take before the first row. */
const PROCESS_BYTES = 384 * 1024 * 1024;
const WATCH_EVERY_MS = 25;
const PAGE_BYTES = 4096;

/** The rows of a statement; `truncated`, once they are read: there were more than rowsMax. */
export interface SqlAnswer extends ListAnswer {
  truncated(): boolean;
}

/**
 * The rows of a statement over a store file that nobody writes, whose views read at atMs (null =
 * latest). Throws BAD_REQUEST, QUERY_TIMEOUT.
 */
export async function askSql(
  file: string,
  sql: string,
  limits: SqlLimits,
  zone: string,
  atMs: number | null = null,
): Promise<SqlAnswer> {
  const reading = atMs === null ? null : { atMs, timeZone: zone };
  const process = new SqlProcess({ file, sql, reading, ...limits }, limits);
  const lines = process.lines();
  const first = await lines.next();
  if (first.done || !('columns' in first.value)) {
    await lines.return(undefined);
    throw new FlaplineError('BAD_REQUEST', 'the statement gave no answer');
  }
  const columns = first.value.columns.map(({ name, isText }): ListColumn => {
    const what = 'column of the statement';
    return { name, kind: isText ? 'text' : 'value', title: { en: name, zh: name }, what };
  });
  return {
    name: 'sql',
    columns,
    about: { zone },
    chunks: rowsOf(lines),
    truncated: () => process.truncated,
  };
}

async function* rowsOf(lines: AsyncGenerator<SqlLine>): AsyncGenerator<readonly ListRow[]> {
  for await (const line of lines) if ('rows' in line) yield line.rows;
}

class SqlProcess {
  truncated = false;
  private readonly child: ChildProcess;
  private readonly limits: SqlLimits;
  private over: FlaplineError | null = null;

  constructor(request: SqlRequest, limits: SqlLimits) {
    this.limits = limits;
    // No environment: it may hold secrets.
    this.child = fork(WORKER, [], {
      env: {},
      execArgv: [],
      stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    });
    this.child.on('error', () => undefined);
    this.child.send(request);
  }

  /** What the process says, until it ends; the process is gone afterwards. */
  async *lines(): AsyncGenerator<SqlLine> {
    const { child, limits } = this;
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const seconds = limits.queryMsMax / 1000;
    const deadline = setTimeout(
      () => this.end(`it took longer than ${seconds} s and was stopped`),
      limits.queryMsMax,
    );
    const watch = setInterval(() => this.watch(), WATCH_EVERY_MS);
    let ended = false;
    try {
      for await (const text of createInterface({ input: child.stdout! })) {
        if (this.over) break;
        const line = JSON.parse(text) as SqlLine;
        if ('error' in line) throw new FlaplineError('BAD_REQUEST', line.error);
        if ('end' in line) {
          this.truncated = line.truncated;
          ended = true;
          break;
        }
        yield line;
      }
      if (!ended) {
        await gone;
        throw this.over ?? new FlaplineError('QUERY_TIMEOUT', 'the statement broke off: memory?');
      }
    } finally {
      clearTimeout(deadline);
      clearInterval(watch);
      child.kill('SIGKILL');
    }
  }

  private watch(): void {
    const bytes = residentBytes(this.child.pid);
    if (bytes <= this.limits.memoryBytesMax + PROCESS_BYTES) return;
    this.end(`it took more memory than ${this.limits.memoryBytesMax >> 20} MiB and was stopped`);
  }

  private end(why: string): void {
    this.over ??= new FlaplineError('QUERY_TIMEOUT', `the statement: ${why}; ask for less`);
    this.child.kill('SIGKILL');
  }
}

/** Resident memory of a process; 0 where the system does not tell. */
function residentBytes(pid: number | undefined): number {
  try {
    const pages = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1];
    return Number(pages) * PAGE_BYTES;
  } catch {
    return 0;
  }
}
