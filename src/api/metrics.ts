// GET /metrics for Prometheus: the service in numbers, read when asked for. Series go by partition at
// most, never by line. Without a rate limit; with tokens, only for those who have one.

import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { heatWindow } from '../store/coverage.js';
import { tokenRequired } from './auth.js';
import type { Status } from './contract.js';
import type { ApiDeps, ApiServer } from './deps.js';

const HOUR_MS = 3_600_000;

/** What the service counts beside its status. Times in ms, sizes in bytes. */
export interface RunCounters {
  readonly records: number;
  readonly recordBytes: number;
  readonly commits: number;
  readonly failedCommits: number;
  readonly checkpoints: number;
  readonly lastCommitMs: number;
  readonly longestCommitMs: number;
  readonly waitingBytes: number;
  /** Rows of findings that are read as rows, not as rollups; null: not known now. */
  readonly rowsToRollUp: number | null;
  readonly longestStallMs: number;
  readonly snapshots: number;
  readonly snapshotBytes: number;
  readonly deadLetters: number;
  readonly findingsPublished: number;
  readonly causesFinal: number;
  readonly causesProvisional: number;
  /** From the starts that trigger a burst being found to its cause being told; null before the first. */
  readonly lastCauseDelayMs: number | null;
  readonly longestCauseDelayMs: number | null;
}

/** The process itself (memory, CPU, event loop): one registry, whatever the number of services in it. */
let ofProcess: Registry | null = null;

function processRegistry(): Registry {
  if (ofProcess === null) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
}

type Read<T> = (from: T) => number | null;
/** Name, help, value; null: not known. */
type Table<T> = readonly (readonly [string, string, Read<T>])[];

const GAUGES: Table<Status> = [
  ['flapline_ready', '1 while it reads and serves', (s) => Number(isReady(s))],
  ['flapline_connected', '1 while a broker answers', (s) => Number(s.connected)],
  ['flapline_store_ok', '1 while the store takes what is found', (s) => Number(!s.storeProblem)],
  ['flapline_output_ok', '1 while dead letters are taken', (s) => Number(!s.outputProblem)],
  ['flapline_lag_records', 'records not read yet, of all partitions', lagOf],
  ['flapline_data_age_seconds', 'now less the oldest reading time', (s) => seconds(s.dataAgeMs)],
  ['flapline_records_per_second', 'records read a second', (s) => s.eventsPerSecond],
  ['flapline_lines', 'lines known', (s) => s.lines],
  [
    'flapline_lines_on_several_partitions',
    'lines whose keys lie on several partitions, to be mended by rekey',
    (s) => s.linesOnSeveralPartitions,
  ],
  ['flapline_lines_down', 'lines down now', (s) => s.downNow],
  ['flapline_lines_flapping', 'lines flapping now', (s) => s.flappingNow],
];

const COUNTERS_OF_STATUS: Table<Status> = [
  ['flapline_events_total', 'events applied and stored', (s) => s.events],
  ['flapline_late_events_total', 'events that ran behind', (s) => s.late],
  [
    'flapline_duplicate_events_total',
    'raises and clears that changed nothing',
    (s) => s.duplicates,
  ],
  ['flapline_rejected_total', 'objects that could not be read', (s) => s.rejected],
];

const COUNTERS: Table<RunCounters> = [
  ['flapline_records_total', 'records read since the start', (c) => c.records],
  ['flapline_record_bytes_total', 'bytes of their values', (c) => c.recordBytes],
  ['flapline_commits_total', 'transactions committed', (c) => c.commits],
  ['flapline_failed_commits_total', 'transactions that failed', (c) => c.failedCommits],
  ['flapline_checkpoints_total', 'checkpoints of the store', (c) => c.checkpoints],
  ['flapline_snapshots_total', 'snapshots written', (c) => c.snapshots],
  ['flapline_snapshot_bytes_total', 'bytes of snapshots written', (c) => c.snapshotBytes],
  ['flapline_dead_letters_total', 'records sent to the dead-letter topic', (c) => c.deadLetters],
  ['flapline_findings_published_total', 'findings published', (c) => c.findingsPublished],
  ['flapline_causes_total', 'root causes that became final', (c) => c.causesFinal],
];

const GAUGES_OF_RUN: Table<RunCounters> = [
  ['flapline_causes_provisional', 'root causes that may still change', (c) => c.causesProvisional],
  [
    'flapline_cause_delay_seconds_last',
    'from the last start that triggered a burst to its cause',
    (c) => seconds(c.lastCauseDelayMs),
  ],
  [
    'flapline_cause_delay_seconds_max',
    'the longest such delay',
    (c) => seconds(c.longestCauseDelayMs),
  ],
  ['flapline_commit_seconds_last', 'how long the last commit took', (c) => seconds(c.lastCommitMs)],
  ['flapline_commit_seconds_max', 'the longest one took', (c) => seconds(c.longestCommitMs)],
  ['flapline_waiting_bytes', 'bytes of findings that wait for the store', (c) => c.waitingBytes],
  ['flapline_rows_to_roll_up', 'stored rows that wait to be rolled up', (c) => c.rowsToRollUp],
  [
    'flapline_reading_stall_seconds_max',
    'the longest that reading stood still',
    (c) => seconds(c.longestStallMs),
  ],
];

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000;
}

/** It reads, and what it finds is taken. */
export function isReady({ phase, connected, storeProblem, outputProblem }: Status): boolean {
  return phase === 'live' && connected && storeProblem === null && outputProblem === null;
}

function lagOf({ partitions }: Status): number {
  return partitions.reduce((sum, { end, position }) => sum + Math.max(0, (end ?? 0) - position), 0);
}

const COVERAGE = ['flapline_coverage_ratio', 'known share of line-time in the last hour'] as const;

/** Metrics of one service. */
class ServiceMetrics {
  readonly registry = new Registry();
  private readonly gauges = new Map<string, Gauge>();
  private readonly counters = new Map<string, Counter>();
  private readonly byPartition: readonly (readonly [Gauge, Read<Status['partitions'][number]>])[];

  constructor() {
    const registers = [this.registry];
    const gauges = [...GAUGES, ...GAUGES_OF_RUN, COVERAGE];
    for (const [name, help] of gauges) {
      this.gauges.set(name, new Gauge({ name, help, registers }));
    }
    for (const [name, help] of [...COUNTERS, ...COUNTERS_OF_STATUS]) {
      this.counters.set(name, new Counter({ name, help, registers }));
    }
    const of = (name: string, help: string): Gauge =>
      new Gauge({ name, help, labelNames: ['partition'], registers });
    this.byPartition = [
      [of('flapline_position', 'the next offset to be read'), (p) => p.position],
      [of('flapline_log_end', 'the offset after the last record'), (p) => p.end],
      [of('flapline_log_identity', 'raised when the topic was made again'), (p) => p.log],
      [
        of('flapline_partition_lag_records', 'records not read yet'),
        (p) => (p.end === null ? null : Math.max(0, p.end - p.position)),
      ],
      [of('flapline_partition_ok', '1 while it can be read'), (p) => Number(p.problem === null)],
    ];
  }

  readonly take = (status: Status, counters: RunCounters | null, coverage: number | null): void => {
    this.setGauges(GAUGES, status);
    this.setCounters(COUNTERS_OF_STATUS, status);
    this.gauges.get(COVERAGE[0])!.set(coverage ?? NaN);
    if (counters) {
      this.setGauges(GAUGES_OF_RUN, counters);
      this.setCounters(COUNTERS, counters);
    }
    for (const [gauge, read] of this.byPartition) {
      gauge.reset();
      for (const partition of status.partitions) {
        const value = read(partition);
        if (value !== null) gauge.set({ partition: partition.partition }, value);
      }
    }
  };

  private setGauges<T>(table: Table<T>, from: T): void {
    for (const [name, , read] of table) this.gauges.get(name)!.set(read(from) ?? NaN);
  }

  /** The counts are kept elsewhere: a counter is set by starting it again. */
  private setCounters<T>(table: Table<T>, from: T): void {
    for (const [name, , read] of table) {
      const counter = this.counters.get(name)!;
      counter.reset();
      counter.inc(read(from) ?? 0);
    }
  }
}

/** Known share of the line-time of the last hour; null before the first data. */
function coverageOf(deps: ApiDeps): number | null {
  const readings = deps.reading();
  if (readings.size === 0) return null;
  const endMs = Math.max(...readings.values()) + 1;
  const rows = deps.heat().rows('branch', {}, heatWindow(endMs - HOUR_MS, endMs), readings);
  let [known, whole] = [0, 0];
  for (const { lines, coverage } of rows) {
    whole += lines;
    known += (lines * coverage.reduce((sum, share) => sum + share, 0)) / coverage.length;
  }
  return whole === 0 ? null : known / whole;
}

/** GET /metrics. */
export function metricsRoutes(server: ApiServer, deps: ApiDeps): void {
  const { registry, take } = new ServiceMetrics();
  server.get(
    '/metrics',
    {
      config: { rateLimit: false },
      ...(deps.tokens && { onRequest: tokenRequired(deps.tokens) }),
      schema: { summary: 'Numbers for Prometheus', produces: ['text/plain'] },
    },
    async (_request, reply) => {
      take(deps.status(), deps.counters(), coverageOf(deps));
      const texts = [await registry.metrics(), await processRegistry().metrics()];
      return reply.type(registry.contentType).send(texts.join('\n'));
    },
  );
}
