// GET /lines/:line/raw: the record of the log that began or ended an interruption of a line, read back from
// Kafka while it is kept there. Only places that stand with the line's interruptions; a few at a time.

import { type Static, Type } from 'typebox';
import { FlaplineError } from '../config/errors.js';
import type { LogRecord } from '../source/log.js';
import { findLine } from '../store/queries.js';
import { logsOfPlace } from '../store/raw-places.js';
import { ApiError, LineParams } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';
import { noSuchLine } from './line-detail.js';
import { RawAlarm } from './raw-contract.js';

/** Of a value so much is told. */
const TEXT_BYTES_MAX = 65_536;
/** Records that are read back at a time: each takes a consumer of its own. */
const READS_MAX = 4;

const RawQuery = Type.Object({
  partition: Type.Integer({ minimum: 0 }),
  offset: Type.Integer({ minimum: 0 }),
});

/** GET /lines/:line/raw; the name percent-encoded, `/` as %2F. */
export function rawRoutes(server: ApiServer, deps: ApiDeps): void {
  let reads = 0;
  const readBack = async (partition: number, offset: number): Promise<LogRecord | null> => {
    if (!deps.recordAt) {
      throw new FlaplineError('SERVICE_UNAVAILABLE', 'nothing is read back from Kafka here');
    }
    if (reads >= READS_MAX) {
      throw new FlaplineError(
        'SERVICE_UNAVAILABLE',
        `${READS_MAX} records are being read: try again`,
      );
    }
    reads += 1;
    try {
      return await deps.recordAt(partition, offset);
    } finally {
      reads -= 1;
    }
  };
  server.get(
    '/lines/:line/raw',
    {
      schema: {
        summary: 'The record that began or ended an interruption, while Kafka keeps it',
        params: LineParams,
        querystring: RawQuery,
        response: { 200: RawAlarm, '4xx': ApiError, '5xx': ApiError },
      },
    },
    async ({ params: { line }, query: { partition, offset } }) => {
      const { cluster, topic } = deps.status().source;
      const logs = await deps.read(async (connection) => {
        const entry = await findLine(connection, line);
        if (entry === null) throw noSuchLine(line);
        const place = { cluster, topic, partition, offset };
        return logsOfPlace(connection, entry.lineId ?? -1, place);
      });
      if (logs === null) {
        const text = `no interruption of "${line}" stands with offset ${offset} of partition ${partition}`;
        throw new FlaplineError('NOT_FOUND', text);
      }
      const record = await readBack(partition, offset);
      return { line, topic, partition, offset, ...told(record, line, logs) };
    },
  );
}

/** Where the topic was made again, a record that does not name the line is another one. */
function told(
  record: LogRecord | null,
  line: string,
  logs: number,
): Pick<Static<typeof RawAlarm>, 'state' | 'record'> {
  if (record === null) return { state: 'gone', record: null };
  const { key, value, timestamp } = record;
  const isNamed = [key, value].some((part) => part?.includes(line));
  if (logs > 1 && !isNamed) return { state: 'other', record: null };
  const bytes = value?.length ?? 0;
  return {
    state: 'kept',
    record: {
      timestamp: timestamp < 0 ? null : timestamp,
      key: key?.toString('utf8', 0, TEXT_BYTES_MAX) ?? null,
      value: value?.toString('utf8', 0, TEXT_BYTES_MAX) ?? null,
      bytes,
      cut: bytes > TEXT_BYTES_MAX,
    },
  };
}
