// One kernel instance seen from the host: its memory as typed arrays, made once after init (the
// memory never grows afterwards), and calls that hide no copy. Capacities are fixed; growing is
// making a larger kernel and moving the state over (grow.ts).

import * as L from '../../assembly/layout.js';
import { FlaplineError } from '../config/errors.js';
import { type KernelLimits, OBJECT_BYTES_MAX } from '../config/limits.js';
import { checkRules } from '../config/rules-check.js';
import { type LineRules, type Rules, ruleSets } from '../config/rules.js';
import type { CompiledMapping } from '../mapping/compiled.js';
import { placeDetectors } from './detector-places.js';
import { mappingTable } from './mapping.js';
import { historyStride, ignoredList, pendingStride, writeIgnored } from './optional.js';
import { type RuleIds, startsKept, startsStride, writeRules } from './rules.js';
import { type KernelExports, instantiate } from './wasm.js';

/** Sizes of a kernel's regions, in rows unless the name says bytes. */
export interface Capacities {
  readonly lines: number;
  readonly keyBytes: number;
  readonly names: number;
  readonly nameBytes: number;
  readonly alarms: number;
  readonly aliases: number;
  readonly inboxBytes: number;
  readonly frames: number;
  readonly events: number;
  readonly findings: number;
}

/** An offset of a time zone: it holds from `fromLocalMs` (local clock) on. */
export interface ZoneEntry {
  readonly fromLocalMs: number;
  readonly offsetMs: number;
}

/** How a kernel is made. */
export interface KernelOptions {
  readonly rules: Rules;
  /** By which findings name each rule: an open episode keeps its rule when the rules change. */
  readonly ruleIds: RuleIds;
  readonly capacities: Capacities;
  readonly limits: KernelLimits;
  /** Interruption starts are written as findings too. */
  readonly emitStarts: boolean;
  /** Reads times without an offset; empty = such times are rejected. */
  readonly zone: readonly ZoneEntry[];
  /** How messages are read; null or absent = the native form. */
  readonly mapping?: CompiledMapping | null;
  /** Ends wait on some lines that former rules made wait; by the rules alone there is no room. */
  readonly waitingEnds?: boolean;
  /** The checked build, for tests. */
  readonly checked?: boolean;
}

/**
 * Sizes to start with: the number of lines is unknown beforehand. Findings: no power of two, or all
 * columns of a row would compete for the same few places of a cache.
 */
export const DEFAULT_CAPACITIES: Capacities = {
  lines: 65_536,
  keyBytes: 65_536 * 48,
  names: 4_096,
  nameBytes: 4_096 * 64,
  alarms: 65_536,
  aliases: 1_024,
  inboxBytes: OBJECT_BYTES_MAX,
  frames: 8_192,
  events: 2_048,
  findings: 4_120,
};

/** Sizes to start with of one kernel of several, whose records have at most so many bytes. */
export function partitionCapacities(inboxBytes: number): Capacities {
  return { ...DEFAULT_CAPACITIES, lines: 16_384, keyBytes: 16_384 * 48, inboxBytes };
}

/** A kernel instance and its memory. */
export class Kernel {
  options: KernelOptions;
  readonly calls: KernelExports;
  /** The control block: slots CTL_... */
  readonly control: Float64Array;
  readonly bytes: Uint8Array;
  readonly u32: Uint32Array;
  readonly i64: BigInt64Array;
  readonly f64: Float64Array;
  private readonly regions: number[] = [];

  constructor(options: KernelOptions) {
    checkRules(options.rules);
    this.options = { ...options, capacities: within(options) };
    this.calls = instantiate(options.checked ?? false);
    const at = this.calls.prepare() >>> 0;
    writeOptions(new Float64Array(this.calls.memory.buffer, at, L.CTL_SLOTS), this.options);
    if (!this.calls.init()) throw memoryError(options.capacities);
    const { buffer } = this.calls.memory;
    this.control = new Float64Array(buffer, at, L.CTL_SLOTS);
    this.bytes = new Uint8Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i64 = new BigInt64Array(buffer);
    this.f64 = new Float64Array(buffer);
    for (let id = 0; id < L.REGIONS; id++) this.regions.push(this.calls.region(id) >>> 0);
    this.writeZone();
    writeRules(this, this.options.rules, this.options.ruleIds);
    writeIgnored(this);
    this.useMapping(options.mapping ?? null);
  }

  /** Reads messages by this mapping from here on; null = the native form. */
  useMapping(mapping: CompiledMapping | null): void {
    this.options = { ...this.options, mapping };
    this.bytes.set(mappingTable(this.options), this.region(L.REGION_MAPPING));
    this.calls.openMapping();
  }

  /** Address of a region REGION_... */
  region(id: number): number {
    return this.regions[id]!;
  }

  /** The inbox: text or frames go here. */
  get inbox(): Uint8Array {
    const at = this.region(L.REGION_INBOX);
    return this.bytes.subarray(at, at + this.options.capacities.inboxBytes);
  }

  /** Address of a column of the events. */
  eventColumn(column: number): number {
    return this.region(L.REGION_EVENTS) + column * this.options.capacities.events;
  }

  /** Address of a column of a kind of finding. */
  foundColumn(kind: number, column: number): number {
    const { findings } = this.options.capacities;
    return this.region(L.REGION_FINDINGS) + findings * (L.FOUND_ROW * kind + column);
  }

  /** Address of a column of the open state. */
  openColumn(column: number): number {
    return this.region(L.REGION_OPEN) + L.OPEN_CAPACITY * column;
  }

  /** Address of a column of the rejects. */
  rejectColumn(column: number): number {
    return this.region(L.REGION_REJECTS) + L.REJECTS_CAPACITY * column;
  }

  /** Rows waiting in the table of a kind. */
  foundCount(kind: number): number {
    return this.control[L.CTL_FOUND + kind]!;
  }

  /** The name with an index, as text. */
  name(dictionary: number, index: number): string {
    return Buffer.from(this.nameBytes(dictionary, index)).toString('utf8');
  }

  /** The bytes of the name with an index, a view of the memory. */
  nameBytes(dictionary: number, index: number): Uint8Array {
    const at = this.calls.nameAt(dictionary, index) >>> 0;
    const length = this.bytes[at + L.ENTRY_LENGTH]! | (this.bytes[at + L.ENTRY_LENGTH + 1]! << 8);
    return this.bytes.subarray(at + L.ENTRY_BYTES, at + L.ENTRY_BYTES + length);
  }

  /** Index of a name, made when it is new; 0 when there is no room. Uses the inbox's front. */
  intern(dictionary: number, name: string): number {
    const { written } = new TextEncoder().encodeInto(name, this.inbox);
    return this.calls.internInbox(dictionary, written) >>> 0;
  }

  /** How many names a dictionary holds. */
  nameCount(dictionary: number): number {
    return this.calls.nameCount(dictionary) >>> 0;
  }

  /** The rules of a line, by its class. */
  rulesOf(index: number): LineRules {
    const flags = this.u32[(this.region(L.REGION_LINES) + index * L.LINE_SIZE + L.LINE_FLAGS) / 4]!;
    return ruleSets(this.options.rules)[(flags >>> L.FLAG_CLASS_SHIFT) & L.FLAG_CLASS_MASK]!;
  }

  private writeZone(): void {
    const at = this.region(L.REGION_ZONE) / 8;
    this.options.zone.forEach((entry, i) => {
      this.i64[at + 2 * i] = BigInt(entry.fromLocalMs);
      this.i64[at + 2 * i + 1] = BigInt(entry.offsetMs);
    });
  }
}

/** Capacities that are no larger than the limits, and hold the findings of one event. */
function within({ capacities, limits, rules }: KernelOptions): Capacities {
  const least = 2 * L.FINDINGS_PER_DETECTOR * (1 + rules.detectors.length);
  return {
    ...capacities,
    lines: Math.min(capacities.lines, limits.linesMax),
    keyBytes: Math.min(capacities.keyBytes, limits.keyBytesMax),
    names: Math.min(capacities.names, limits.namesMax),
    alarms: Math.min(capacities.alarms, limits.alarmsMax),
    findings: Math.max(capacities.findings, least),
  };
}

function writeOptions(control: Float64Array, options: KernelOptions): void {
  const { capacities, limits, rules } = options;
  control[L.CTL_LINES_CAPACITY] = capacities.lines;
  control[L.CTL_KEY_BYTES_CAPACITY] = capacities.keyBytes;
  control[L.CTL_NAMES_CAPACITY] = capacities.names;
  control[L.CTL_NAME_BYTES_CAPACITY] = capacities.nameBytes;
  control[L.CTL_ALARMS_CAPACITY] = capacities.alarms;
  control[L.CTL_ALIASES_CAPACITY] = capacities.aliases;
  control[L.CTL_INBOX_CAPACITY] = capacities.inboxBytes;
  control[L.CTL_FRAMES_CAPACITY] = capacities.frames;
  control[L.CTL_EVENTS_CAPACITY] = capacities.events;
  control[L.CTL_FINDINGS_CAPACITY] = capacities.findings;
  control[L.CTL_LINES_MAX] = limits.linesMax;
  control[L.CTL_NAMES_MAX] = limits.namesMax;
  control[L.CTL_ALARMS_MAX] = limits.alarmsMax;
  control[L.CTL_ALARMS_PER_LINE_MAX] = limits.alarmsPerLineMax;
  control[L.CTL_KEY_BYTES_MAX] = limits.keyBytesMax;
  control[L.CTL_ZONE_ENTRIES] = options.zone.length;
  control[L.CTL_STARTS_STRIDE] = startsStride(rules);
  control[L.CTL_STARTS_KEPT] = startsKept(rules);
  control[L.CTL_DETECTORS] = rules.detectors.length;
  const { headsStride, tailsStride, samples, times } = placeDetectors(rules);
  control[L.CTL_HEADS_STRIDE] = headsStride;
  control[L.CTL_TAILS_STRIDE] = tailsStride;
  control[L.CTL_SAMPLES] = samples?.at ?? -1;
  control[L.CTL_TIMES] = times.at;
  control[L.CTL_EMIT_STARTS] = options.emitStarts ? 1 : 0;
  control[L.CTL_MAX_SKEW_MS] = rules.maxSkewMs ?? -1;
  control[L.CTL_PENDING_STRIDE] = pendingStride(rules, options.waitingEnds ?? false);
  control[L.CTL_HISTORY_STRIDE] = historyStride(rules);
  control[L.CTL_CORRECTS] = ruleSets(rules).some(({ correctionMs }) => correctionMs !== 0) ? 1 : 0;
  control[L.CTL_IGNORED_BYTES] = ignoredList(rules).length;
}

function memoryError(capacities: Capacities): FlaplineError {
  return new FlaplineError(
    'MEMORY_LIMIT',
    `a kernel for ${capacities.lines} lines with ${capacities.keyBytes} bytes of names does not ` +
      'fit: it needs more than 4 GiB, or more than this machine has left; ' +
      'spread the lines over more partitions, or lower linesMax',
  );
}
