// What operators change of a line beside the log: committed by the one writer, then read back.

import type { DuckDBConnection } from '@duckdb/node-api';
import { FlaplineError } from '../config/errors.js';
import { findLine } from '../store/queries.js';
import type { ApiDeps } from './deps.js';
import { noSuchLine } from './line-detail.js';

type Change<Answer> = (connection: DuckDBConnection) => Promise<Answer>;

/** Has `write` committed, then answers by `read`. Throws NOT_FOUND, SERVICE_UNAVAILABLE. */
export async function changeLine<Answer>(
  deps: ApiDeps,
  line: string,
  write: Change<void>,
  read: Change<Answer>,
): Promise<Answer> {
  if (!deps.write) throw new FlaplineError('SERVICE_UNAVAILABLE', 'nothing is written here');
  const found = await deps.read((connection) => findLine(connection, line));
  if (found === null) throw noSuchLine(line);
  await deps.write(write);
  return deps.read(read);
}
