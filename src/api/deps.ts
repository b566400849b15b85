// What the API is given by whoever builds it, and its limits. It holds no state of the service itself.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { RecordDoubts } from '../cause/doubts.js';
import type { Restated } from '../kpi/frozen.js';
import type { Targets } from '../kpi/targets-file.js';
import type { HeatModel } from '../store/heat.js';
import type { ListMemory } from '../store/list-memory.js';
import type { Readers } from '../store/readers.js';
import type { Cause, LiveCauses } from './cause-contract.js';
import type { Live, Reset, Status } from './contract.js';
import type { RunCounters } from './metrics.js';
import type { ReadRecords } from '../records/read.js';
import type { LogRecord } from '../source/log.js';
import type { ImportOptions, ImportReport } from '../store/record-import.js';

/** Bounds of the API; durations in milliseconds. */
export interface ApiLimits {
  /** Requests of one address; the stream and the health checks are exempt. */
  readonly requestsPerMinuteMax: number;
  /** Attempts of one address to open a session. */
  readonly loginsPerMinuteMax: number;
  readonly bodyBytesMax: number;
  /** To receive a request. */
  readonly requestMsMax: number;
  readonly streamsMax: number;
  /** A stream whose socket takes nothing for this long is closed. */
  readonly streamStalledMsMax: number;
  /** Between two status events of a stream: not sooner, not later. */
  readonly statusMsMin: number;
  readonly statusMsMax: number;
  /** Rows times buckets of one heat map. */
  readonly heatCellsMax: number;
  readonly heatBucketsMax: number;
  /** Lines of one map. */
  readonly mapLinesMax: number;
  /** Bytes of records in one request, and rows of a list of what is wrong with them. */
  readonly recordBytesMax: number;
  readonly recordRowsMax: number;
  /** Lists that are made, or that clients fetch, at a time. */
  readonly exportsMax: number;
  readonly exportRowsMax: number;
  /** To make one; a client that takes nothing of it for the second time is cut off. */
  readonly exportMsMax: number;
  readonly exportStalledMsMax: number;
  /** Interruptions of one answer of columns, those before the period that it needs too. */
  readonly columnRowsMax: number;
  /** For so long a line is shelved at most: what is shelved for ever is forgotten. */
  readonly shelvedMsMax: number;
  /** Of a request that holds a statement. */
  readonly sqlBytesMax: number;
}

export const API_LIMITS: ApiLimits = {
  requestsPerMinuteMax: 1_200,
  loginsPerMinuteMax: 10,
  bodyBytesMax: 16_384,
  requestMsMax: 10_000,
  streamsMax: 100,
  streamStalledMsMax: 10_000,
  statusMsMin: 250,
  statusMsMax: 1_000,
  heatCellsMax: 400_000,
  // Seven days of five minutes, and the one more that a period not aligned to them touches.
  heatBucketsMax: 2_017,
  mapLinesMax: 200_000,
  recordBytesMax: 64 * 1024 * 1024,
  recordRowsMax: 200,
  exportsMax: 8,
  exportRowsMax: 1_048_575,
  exportMsMax: 120_000,
  exportStalledMsMax: 30_000,
  columnRowsMax: 2_000_000,
  shelvedMsMax: 30 * 86_400_000,
  sqlBytesMax: 262_144,
};

/** Who may read (either token) and who may change (operator); null = that token opens nothing. */
export interface ApiTokens {
  readonly viewer: string | null;
  readonly operator: string | null;
}

/** The part of the service that works causes out. */
export interface CauseSource {
  /** Causes that may still change, or are not committed yet. */
  causes(): ProvisionalCauses;
  /** Calls the listener when causes have changed; returns how to stop that. */
  onCauses(listener: (causes: LiveCauses) => void): () => void;
  /** What the records say against one another; null without records, or while they are read. */
  doubts(): RecordDoubts | null;
  /** Has feedback stored, and causes worked out with it. Throws SERVICE_UNAVAILABLE. */
  judge(store: (connection: DuckDBConnection) => Promise<unknown>): Promise<void>;
}

/** Causes beside those of the store. */
export interface ProvisionalCauses {
  readonly provisional: readonly {
    readonly item: Cause;
    readonly members: readonly { readonly line: string; readonly start: number }[];
  }[];
  /** They are being worked out again: some may be missing. */
  readonly isWorking: boolean;
}

/** The parts of the service that the API shows. */
export interface ApiDeps {
  /** The state of the service, from memory. Called at most once per status event and request. */
  status(): Status;
  /** Runs queries on a reading connection of one's own (Readers of the store). */
  readonly read: Readers['read'];
  /** What lists hold in memory; absent = they are asked of the store each time. */
  readonly memory?: ListMemory;
  /** The same for reports that take seconds, one at a time. */
  readonly readLong: Readers['read'];
  /** targets.yaml; null = none is configured. */
  readonly targets: Targets | null;
  /**
   * Computes a closed month again, read at a time in epoch ms (null: now). Throws USAGE for one that was
   * not closed then.
   */
  recompute(month: string, why: string, atMs: number | null): Promise<Restated>;
  /** Partition id -> reading time in epoch milliseconds, of the partitions that have data. */
  reading(): ReadonlyMap<number, number>;
  /** The live heat model; another one after records or history were loaded. */
  heat(): HeatModel;
  /**
   * Resets a line and commits it. Throws NOT_FOUND, SERVICE_UNAVAILABLE while the log is not read.
   */
  reset(request: Pick<Reset, 'line' | 'by' | 'why'>): Promise<Reset['partitions']>;
  /** Brings records in and commits them. Throws SERVICE_UNAVAILABLE. */
  bringIn(records: ReadRecords, options: ImportOptions): Promise<ImportReport>;
  /** Has statements committed by the one writer. Throws SERVICE_UNAVAILABLE; absent = always. */
  write?(statements: (connection: DuckDBConnection) => Promise<unknown>): Promise<void>;
  /**
   * The record of the input at an offset, null when Kafka keeps it no longer. Throws BROKER_UNAVAILABLE,
   * SERVICE_UNAVAILABLE; absent = nothing is read back.
   */
  recordAt?(partition: number, offset: number): Promise<LogRecord | null>;
  /** Calls the listener when status() may have changed; returns how to stop that. */
  onChange(listener: () => void): () => void;
  /** Calls the listener with what has just been read, many times a second; returns how to stop that. */
  onLive(listener: (live: Live) => void): () => void;
  /** The causes at work; absent = only those of the store are shown. */
  readonly causes?: CauseSource;
  /** What the service counts beside its status; null while it does not read yet. */
  counters(): RunCounters | null;
  /** Without tokens everyone who reaches the port may read: for loopback. */
  readonly tokens: ApiTokens | null;
  /** The folder of the built page; null or absent = API only. */
  readonly webRoot: string | null;
  readonly log?: FastifyBaseLogger;
  readonly limits?: Partial<ApiLimits>;
}

/** The server with the schemas' types. */
export type ApiServer = FastifyInstance<
  Server,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
