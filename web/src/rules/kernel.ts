// The service's own kernel in the page: the same .wasm, with nothing but the primary window detector. Groups
// are lines by number, without names; each interruption is a raise and a clear of the unnamed alarm. One
// instance judges again and again: between two judgements its lines are cleared. About 30 ns an event.

import * as L from '../../../assembly/layout.js';
import type { Network } from './network.js';

export interface FlapRule {
  readonly starts: number;
  readonly windowMs: number;
}

export interface FlapRules {
  /** Tried in this order. */
  readonly flap: readonly FlapRule[];
  readonly quietMs: number;
}

/** A start or an end of an episode. */
export interface Found {
  readonly group: number;
  /** When the episode was found, and since when the line had been flapping then. */
  readonly atMs: number;
  readonly sinceMs: number;
  /** Of an end: when it ended. */
  readonly untilMs: number | null;
}

/** The largest K that the page offers. */
export const STARTS_MAX = 20;
const EVENTS = 16_384;
const FINDINGS = 4_120;
const HIGH_WORD = 2 ** 32;
/** So long that no interruption is an outage: outages are not asked for. */
const NO_OUTAGE_MS = Number.MAX_SAFE_INTEGER;

interface Exports {
  readonly memory: WebAssembly.Memory;
  layoutVersion(): number;
  prepare(): number;
  init(): number;
  region(id: number): number;
  detect(): number;
}

function abort(): never {
  throw new Error('the kernel stopped: an assertion failed');
}

export class Kernel {
  private readonly calls: Exports;
  private readonly control: Float64Array;
  private readonly words: Uint32Array;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  /** The control block's state and hand-over before the first event. */
  private readonly fresh: Float64Array;
  private readonly lineBytes: number;

  constructor(module: WebAssembly.Module, groups: number) {
    const instance = new WebAssembly.Instance(module, { env: { abort } });
    this.calls = instance.exports as unknown as Exports;
    if (this.calls.layoutVersion() !== L.LAYOUT_VERSION) {
      throw new Error('the kernel is of another build than the page: load the page again');
    }
    const at = this.calls.prepare() >>> 0;
    writeCapacities(new Float64Array(this.calls.memory.buffer, at, L.CTL_SLOTS), groups);
    if (!this.calls.init()) throw new Error(`no memory for a kernel of ${groups} lines`);
    const { buffer } = this.calls.memory;
    this.control = new Float64Array(buffer, at, L.CTL_SLOTS);
    this.words = new Uint32Array(buffer);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.fresh = this.control.slice(L.CTL_STATE, L.CTL_BATCH_END);
    this.lineBytes = (groups + 1) * L.LINE_SIZE;
    const states = this.column(L.EVENT_STATE);
    for (let i = 0; i < EVENTS; i++)
      this.words[states + i] = i % 2 === 0 ? L.STATE_DOWN : L.STATE_UP;
  }

  /** Folds the groups of a network that are wanted, each from its first row, and tells what is found. */
  judge(
    network: Network,
    rules: FlapRules,
    isWanted: (group: number) => boolean,
    take: (found: Found) => void,
  ): void {
    this.begin(rules);
    const [times, targets] = [this.column(L.EVENT_TIME), this.column(L.EVENT_TARGET)];
    const groups = network.rows.length - 1;
    let events = 0;
    for (let group = 0; group < groups; group++) {
      if (!isWanted(group)) continue;
      for (let row = network.rows[group]; row < network.rows[group + 1];) {
        const end = Math.min(network.rows[group + 1], row + (EVENTS - events) / 2);
        this.words.set(network.times.subarray(4 * row, 4 * end), times + 2 * events);
        const next = events + 2 * (end - row);
        this.words.fill(group + 1, targets + events, targets + next);
        [row, events] = [end, next];
        if (events === EVENTS) {
          this.detect(events, take);
          events = 0;
        }
      }
    }
    this.detect(events, take);
  }

  private column(column: number): number {
    return ((this.calls.region(L.REGION_EVENTS) >>> 0) + column * EVENTS) / 4;
  }

  /** As it was made, with these rules. */
  private begin({ flap, quietMs }: FlapRules): void {
    this.control.set(this.fresh, L.CTL_STATE);
    this.control[L.CTL_STARTS_KEPT] = Math.max(...flap.map(({ starts }) => starts));
    const lines = this.calls.region(L.REGION_LINES) >>> 0;
    this.bytes.fill(0, lines, lines + this.lineBytes);
    const at = this.calls.region(L.REGION_RULES) >>> 0;
    const wide = (field: number, value: number): void =>
      this.view.setBigInt64(at + field, BigInt(value), true);
    wide(L.RULE_QUIET_MS, quietMs);
    wide(L.RULE_OUTAGE_MS, NO_OUTAGE_MS);
    wide(L.RULE_REPEAT_MS, 0);
    wide(L.RULE_MERGE_GAP_MS, -1);
    wide(L.RULE_CORRECTION_MS, 0);
    wide(L.RULE_STALE_AFTER_MS, -1);
    this.view.setUint32(at + L.RULE_FLAP_RULES, flap.length, true);
    flap.forEach(({ starts, windowMs }, i) => {
      const from = L.RULE_FLAP + i * L.FLAP_SIZE;
      wide(from + L.FLAP_WINDOW_MS, windowMs);
      this.view.setUint32(at + from + L.FLAP_STARTS, starts, true);
      this.view.setUint32(at + from + L.FLAP_ID, i + 1, true);
    });
  }

  private detect(events: number, take: (found: Found) => void): void {
    this.control[L.CTL_EVENTS] = events;
    this.control[L.CTL_EVENT_CURSOR] = 0;
    for (;;) {
      const stop = this.calls.detect();
      this.drain(L.KIND_FLAP_START, take);
      this.drain(L.KIND_FLAP_END, take);
      this.control.fill(0, L.CTL_FOUND, L.CTL_FOUND + L.KINDS);
      if (stop === L.STOP_DONE) return;
      if (stop !== L.STOP_FINDINGS) throw new Error(`the kernel stopped with ${stop}`);
    }
  }

  private drain(kind: number, take: (found: Found) => void): void {
    const table = (this.calls.region(L.REGION_FINDINGS) >>> 0) + FINDINGS * L.FOUND_ROW * kind;
    const of = (column: number): number => (table + FINDINGS * column) / 4;
    const [lines, ats, sinces] = [of(L.FOUND_LINE), of(L.FOUND_AT), of(L.FOUND_FROM)];
    const untils = kind === L.KIND_FLAP_END ? of(L.FOUND_UNTIL) : null;
    const time = (column: number, row: number): number =>
      this.words[column + 2 * row + 1] * HIGH_WORD + this.words[column + 2 * row];
    for (let row = 0; row < this.control[L.CTL_FOUND + kind]; row++) {
      const group = this.words[lines + row] - 1;
      const untilMs = untils === null ? null : time(untils, row);
      take({ group, atMs: time(ats, row), sinceMs: time(sinces, row), untilMs });
    }
  }
}

/** What one detector over lines without names needs; everything else has no room. */
function writeCapacities(control: Float64Array, groups: number): void {
  control[L.CTL_LINES_CAPACITY] = groups;
  control[L.CTL_LINES_MAX] = groups;
  control[L.CTL_KEY_BYTES_CAPACITY] = 64;
  control[L.CTL_KEY_BYTES_MAX] = 64;
  control[L.CTL_NAMES_CAPACITY] = 16;
  control[L.CTL_NAMES_MAX] = 16;
  control[L.CTL_NAME_BYTES_CAPACITY] = 1_024;
  control[L.CTL_ALARMS_CAPACITY] = 1;
  control[L.CTL_ALARMS_MAX] = 1;
  control[L.CTL_ALARMS_PER_LINE_MAX] = 1;
  control[L.CTL_ALIASES_CAPACITY] = 1;
  control[L.CTL_INBOX_CAPACITY] = 1_024;
  control[L.CTL_FRAMES_CAPACITY] = 1;
  control[L.CTL_EVENTS_CAPACITY] = EVENTS;
  control[L.CTL_FINDINGS_CAPACITY] = FINDINGS;
  control[L.CTL_STARTS_STRIDE] = Math.max((STARTS_MAX - 1) * 8, L.EPISODE_SIZE);
  control[L.CTL_STARTS_KEPT] = STARTS_MAX;
  control[L.CTL_SAMPLES] = -1;
  control[L.CTL_MAX_SKEW_MS] = -1;
}
