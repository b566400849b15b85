// A kernel in a test: made small, so that every region has to grow and every column fills up, then
// folded over a stream, over frames or over columns. What it gives is collected as plain values.

import * as L from '../../assembly/layout.js';
import type { Rules } from '../../src/config/rules.js';
import { grow, nameCounts, sectionsOf, stateOf, writeSections } from '../../src/kernel/grow.js';
import type { NameCounts } from '../../src/kernel/grow.js';
import { Kernel } from '../../src/kernel/kernel.js';
import { DEFAULT_LIMITS } from '../../src/config/limits.js';
import type { Capacities, KernelOptions } from '../../src/kernel/kernel.js';
import type { KernelLimits } from '../../src/config/limits.js';
import type { Reject } from '../../src/kernel/rejects.js';
import { type Finding, findingsOf } from '../../src/pipeline/findings.js';
import { withRules } from '../../src/kernel/snapshot.js';
import { Fold, type LogFrame } from '../../src/pipeline/fold.js';
import type { Step } from '../judge/scenario.js';
import { DEFAULT_RULES, type ModelEvent, type Rules as ModelRules } from '../model.js';
import { type OpenRow, type UnknownRow, readOpenRow, readUnknownRows } from './rows.js';
import { type SpanRow, readSpanRows } from './rows.js';

/** Both builds; every kernel test runs on each. */
export const BUILDS = [
  { build: 'release', checked: false },
  { build: 'checked', checked: true },
] as const;

/** Each case on each build. */
export function onBothBuilds<Case extends object>(
  cases: readonly Case[],
): (Case & (typeof BUILDS)[number])[] {
  return BUILDS.flatMap((build) => cases.map((each) => Object.assign({}, build, each)));
}

/** So small that a few lines and alarms make the kernel stop and grow. */
export const SMALL: Capacities = {
  lines: 8,
  keyBytes: 1200,
  names: 8,
  nameBytes: 600,
  alarms: 4,
  aliases: 2,
  inboxBytes: 8192,
  frames: 5,
  events: 16,
  findings: 12,
};

/** What a test chooses of a kernel; everything else is small, default or off. */
export interface RunOptions {
  readonly checked: boolean;
  readonly rules?: Partial<ModelRules>;
  /** Names of the flap rules that held before: they have the first ids. */
  readonly formerRules?: readonly string[];
  readonly aliases?: readonly (readonly [key: string, line: string])[];
  readonly capacities?: Partial<Capacities>;
  readonly limits?: Partial<KernelLimits>;
  readonly zone?: KernelOptions['zone'];
}

/** The state of a kernel, copied out of its memory. */
export interface StateCopy {
  readonly sections: Uint8Array[];
  readonly names: NameCounts[];
  readonly state: Float64Array;
}

/** The names of an event by their indices. */
interface EventNames {
  readonly target: number;
  readonly key: number;
  readonly alarm: number;
  readonly cause: number;
}

/** ALIAS_NO_ROOM of assembly/aliases.ts. */
const ALIAS_NO_ROOM = 2;

/** The rules of the model as the kernel takes them; the kernel knows no K = 1 and no W = 0. */
export function kernelRules(rules: Partial<ModelRules> = {}): ModelRules {
  const all = { ...DEFAULT_RULES, ...rules };
  return { ...all, flap: all.flap.filter((rule) => rule.starts > 1 && rule.windowMs > 0) };
}

/** The options of a kernel for a test. */
export function kernelOptions(options: RunOptions): KernelOptions {
  const { starts, ...rules } = kernelRules(options.rules);
  return {
    rules: rules satisfies Rules,
    ruleIds: rules.flap.map((_, i) => (options.formerRules?.length ?? 0) + i + 1),
    capacities: { ...SMALL, ...options.capacities },
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    emitStarts: starts,
    zone: options.zone ?? [],
    checked: options.checked,
  };
}

/** One kernel, the fold over it, and everything that has come out of it. */
export class KernelRun {
  readonly findings: Finding[] = [];
  /** Where each ended interruption began and ended in the log. */
  readonly spans: SpanRow[] = [];
  readonly unknown: UnknownRow[] = [];
  readonly rejects: Reject[] = [];
  /** The last open state that each line was reported with. */
  readonly open = new Map<string, OpenRow>();
  readonly fold: Fold;
  /** Drains of the tables so far. */
  drains = 0;
  private ruleNames: readonly string[];
  private outageMs: number;
  private atMs = 0;

  constructor(options: RunOptions) {
    const { flap, outageMs } = kernelRules(options.rules);
    this.ruleNames = [...(options.formerRules ?? []), ...flap.map((rule) => rule.name)];
    this.outageMs = outageMs;
    this.fold = new Fold(new Kernel(kernelOptions(options)), {
      takeFindings: (kernel) => this.take(kernel),
      takeRejects: (rejects) => void this.rejects.push(...rejects),
    });
    for (const [key, line] of options.aliases ?? []) this.addAlias(key, line);
  }

  /** The kernel at hand; growing puts another in its place. */
  get kernel(): Kernel {
    return this.fold.kernel;
  }

  /** Folds the pieces of one stream; `final` ends it. */
  async stream(pieces: Iterable<Uint8Array>, final = true): Promise<void> {
    for (const piece of pieces) await this.fold.streamPiece(piece);
    if (final) await this.fold.stream(0, true);
    await this.fold.drain();
  }

  /** Folds records with the values given, at offsets from `firstOffset` on. */
  async frames(values: readonly (Uint8Array | null)[], firstOffset = 0): Promise<void> {
    const records = values.map((value, i): LogFrame => {
      return { offset: firstOffset + i, timestampMs: -1, key: null, value };
    });
    for (let from = 0; from < records.length;) from += await this.fold.frames(records, from);
    await this.fold.drain();
  }

  /** Folds steps as columns; an event's position is its index. */
  async columns(steps: readonly Step[], firstPosition = 0): Promise<void> {
    const { events } = this.kernel.options.capacities;
    for (let from = 0; from < steps.length; from += events) {
      const rows = steps.slice(from, from + events);
      const named: EventNames[] = [];
      for (const step of rows) named.push(await this.namesOf(step));
      rows.forEach((step, row) => this.putEvent(row, step, named[row], firstPosition + from + row));
      this.kernel.control[L.CTL_EVENTS] = rows.length;
      this.kernel.control[L.CTL_EVENT_CURSOR] = 0;
      await this.fold.detect();
    }
    await this.fold.drain();
  }

  /** Reads the open state at time c into `findings`. */
  async read(c: number): Promise<void> {
    this.atMs = c;
    await this.fold.read(c);
  }

  /** Gives new names their ids, and takes the open state of the lines that changed. */
  takeOpen(): void {
    const names = this.takeFresh();
    for (;;) {
      const rows = this.kernel.calls.takeChanged();
      if (rows === 0) return;
      for (let row = 0; row < rows; row++) {
        const { id, ...open } = readOpenRow(this.kernel, row, this.ruleNames);
        this.open.set(names[id - 1], open);
      }
    }
  }

  /** The state after what changed has been taken, so that it does not depend on when it was. */
  copyState(): StateCopy {
    this.takeOpen();
    return copyState(this.kernel);
  }

  /** Judges by other rules from here on; findings name them behind the former ones. */
  changeRules(rules: Partial<ModelRules>, former: readonly string[]): void {
    const { starts, ...changed } = kernelRules(rules);
    const ids = changed.flap.map((_, i) => former.length + i + 1);
    this.ruleNames = [...former, ...changed.flap.map((rule) => rule.name)];
    this.outageMs = changed.outageMs;
    this.fold.kernel = withRules(this.kernel, changed, ids);
    this.kernel.control[L.CTL_EMIT_STARTS] = starts ? 1 : 0;
  }

  /** Goes on from a copy of another kernel's state. */
  restore(copy: StateCopy): void {
    writeSections(this.kernel, copy.sections, copy.names, copy.state);
    const lines = copy.names[L.DICTIONARY_KEYS].count;
    for (let index = 1; index <= lines; index++) {
      const id = this.kernel.u32[this.lineWord(index, L.LINE_STORE_ID)];
      if (id > 0) this.lineIds[id - 1] = this.kernel.name(L.DICTIONARY_KEYS, index);
    }
  }

  /** Lines by the id that they were given: in the order of their first appearance. */
  readonly lineIds: string[] = [];

  private takeFresh(): string[] {
    const { kernel } = this;
    const fresh = kernel.region(L.REGION_FRESH) / 4;
    for (let i = 0; i < kernel.control[L.CTL_FRESH]; i++) {
      const index = kernel.u32[fresh + i];
      this.lineIds.push(kernel.name(L.DICTIONARY_KEYS, index));
      kernel.calls.setStoreId(L.DICTIONARY_KEYS, index, this.lineIds.length);
    }
    kernel.control[L.CTL_FRESH] = 0;
    for (const dictionary of [L.DICTIONARY_ALARMS, L.DICTIONARY_CAUSES]) {
      const count = kernel.nameCount(dictionary);
      for (let i = kernel.control[L.CTL_NAMED + dictionary] + 1; i <= count; i++) {
        kernel.calls.setStoreId(dictionary, i, i);
      }
      kernel.control[L.CTL_NAMED + dictionary] = count;
    }
    return this.lineIds;
  }

  private lineWord(index: number, field: number): number {
    this.kernel.calls.describeSections();
    const lines = this.kernel.u32[this.kernel.region(L.REGION_SECTIONS) / 4 + 2 * L.SECTION_LINES];
    return (lines + index * L.LINE_SIZE + field) / 4;
  }

  private take(kernel: Kernel): void {
    this.drains += 1;
    const ruleWords = (id: number): string => this.ruleNames[id - 1];
    const view = { ruleWords, outageMs: this.outageMs, atMs: this.atMs };
    this.findings.push(...findingsOf(kernel, view));
    this.spans.push(...readSpanRows(kernel));
    this.unknown.push(...readUnknownRows(kernel));
  }

  private addAlias(key: string, line: string): void {
    for (;;) {
      const { inbox, calls } = this.kernel;
      const names = [Buffer.from(key), Buffer.from(line)];
      inbox.set(Buffer.concat(names));
      if (calls.addAlias(names[0].length, names[1].length) !== ALIAS_NO_ROOM) return;
      this.fold.kernel = grow(this.kernel);
    }
  }

  private async intern(dictionary: number, name = ''): Promise<number> {
    for (;;) {
      const index = name === '' ? 0 : this.kernel.intern(dictionary, name);
      if (index > 0 || name === '') return index;
      await this.fold.drain();
      this.fold.kernel = grow(this.kernel);
    }
  }

  private async namesOf(step: Step): Promise<EventNames> {
    const event: Partial<ModelEvent> = step.kind === 'event' ? step.event : step;
    return {
      target: await this.intern(L.DICTIONARY_KEYS, event.line),
      key: await this.intern(L.DICTIONARY_KEYS, event.key),
      alarm: await this.intern(L.DICTIONARY_ALARMS, event.alarm),
      cause: await this.intern(L.DICTIONARY_CAUSES, event.cause),
    };
  }

  private putEvent(row: number, step: Step, names: EventNames, position: number): void {
    const { kernel } = this;
    const word = (column: number, value: number): void => {
      kernel.u32[kernel.eventColumn(column) / 4 + row] = value;
    };
    const time = step.kind === 'event' ? step.event.time : 0;
    const accepted = step.kind === 'event' && step.event.state;
    kernel.i64[kernel.eventColumn(L.EVENT_TIME) / 8 + row] = BigInt(time);
    kernel.i64[kernel.eventColumn(L.EVENT_POSITION) / 8 + row] = BigInt(position);
    word(L.EVENT_TARGET, names.target);
    word(L.EVENT_KEY, names.key);
    word(L.EVENT_ALARM, names.alarm);
    word(L.EVENT_CAUSE, names.cause);
    const state = accepted === 'down' ? L.STATE_DOWN : L.STATE_UP;
    word(L.EVENT_STATE, accepted === false ? L.STATE_REJECTED : state);
  }
}

/** Copies the state of a kernel. */
export function copyState(kernel: Kernel): StateCopy {
  const sections = sectionsOf(kernel).map((section) => section.slice());
  return { sections, names: nameCounts(kernel), state: stateOf(kernel) };
}

/** A step as a native object: a rejected event has a state that is none. */
export function stepText(step: Step): string {
  if (step.kind === 'event') return JSON.stringify(step.event);
  return JSON.stringify({ line: step.line, key: step.key, time: 1, state: 'neither' });
}
