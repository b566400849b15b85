// How a service runs, and what a running one is: what app.ts wires, the commands and the tests give.

import type { ApiLimits, ApiTokens } from './api/deps.js';
import type { CauseSettings } from './cause/settings.js';
import type { KernelLimits } from './config/limits.js';
import type { Targets } from './kpi/targets-file.js';
import type { Rules } from './config/rules.js';
import type { DemoSettings } from './demo.js';
import type { CompiledMapping } from './mapping/compiled.js';
import type { ZoneEntry } from './kernel/kernel.js';
import type { NotifyOptions } from './notify/options.js';
import type { RecordFile } from './records/import.js';
import type { Settings } from './source/kafka.js';
import type { StoreOptions } from './store/store.js';

/** The Kafka cluster and topic to be read. */
export interface KafkaOptions {
  readonly brokers: string;
  readonly topic: string;
  /** The name progress is kept by: by default the bootstrap string. */
  readonly cluster: string;
  readonly settings: Settings;
  /** Where findings are published, where rejects are sent; absent or null = nowhere. */
  readonly findingsTopic?: string | null;
  readonly deadLetterTopic?: string | null;
  /** Values that no note, status or error shows. */
  readonly secrets?: readonly string[];
}

/** How a service runs whatever feeds it. Times in ms. */
export interface CoreOptions {
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
  /** null: everyone who reaches the port may read. */
  readonly tokens: ApiTokens | null;
  /** Allows another address than loopback without tokens. */
  readonly insecure: boolean;
  /** Ends a start that is under way: it then fails with INTERRUPTED, everything let go. */
  readonly signal?: AbortSignal;
  /** Days are cut in this zone. */
  readonly timeZone: string;
  /** null: the demo, an embedded broker and the simulated network. */
  readonly kafka: KafkaOptions | null;
  /** Read into the store at the start; bad rows are told and left out. */
  readonly recordFiles: readonly RecordFile[];
  /** Its files are read when they change; null = none. */
  readonly recordsFolder: string | null;
  /** targets.yaml; null or absent: the example. */
  readonly targets?: Targets | null;
  /** What root causes are judged by; the defaults unless given. */
  readonly causes?: CauseSettings;
  /** Who is told of faults and flapping; null or absent = nobody. */
  readonly notify?: NotifyOptions | null;
  readonly startTimeoutMs: number;
  readonly idleMs: number;
  /** The store's nightly backup: hour of the local day, and how many are kept; absent = none. */
  readonly backup?: { readonly hour: number; readonly keep: number } | null;
  /** The store's bounds; the usual ones unless given. */
  readonly store?: Pick<StoreOptions, 'memory' | 'threads'>;
  /** Bounds of the API that are not the usual ones. */
  readonly apiLimits?: Partial<ApiLimits>;
  /** Says what the service is doing, a line at a time. */
  readonly onNote: (text: string) => void;
  /** Told when the service cannot go on; it has stopped reading. */
  readonly onFailure: (error: unknown) => void;
}

/** How the service of one process runs. Times in ms. */
export interface ServiceOptions extends CoreOptions {
  readonly rules: Rules;
  /** How messages are read; null or absent = the native form. */
  readonly mapping?: CompiledMapping | null;
  /** Reads event times without an offset; empty: they are rejected. */
  readonly zone: readonly ZoneEntry[];
  readonly demo: DemoSettings;
  readonly limits?: KernelLimits;
  /** Bytes of one Kafka record. */
  readonly objectBytesMax?: number;
  readonly commitEveryMs: number;
  readonly snapshotEveryMs: number;
}

/** A running service. */
export interface Service {
  /** Where the page is. */
  readonly address: string;
  /** The brokers it reads from, for those who want to produce into the demo. */
  readonly brokers: string;
  readonly topic: string;
  /** Ends cleanly: everything read is committed, a snapshot is written. */
  stop(): Promise<void>;
}
