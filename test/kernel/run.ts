// A kernel in a test: made small, so that every region has to grow and every column fills up, then
// folded over a stream, over frames or over columns. What it gives is collected as plain values.

import * as L from '../../assembly/layout.js';
import {
  DEFAULT_RULES as KERNEL_RULES,
  type Rules,
  detectorWords,
} from '../../src/config/rules.js';
import { grow, nameCounts, sectionsOf, stateOf, writeSections } from '../../src/kernel/grow.js';
import type { NameCounts } from '../../src/kernel/grow.js';
import { Kernel } from '../../src/kernel/kernel.js';
import type { RuleIds } from '../../src/kernel/rules.js';
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
import type { Chatter } from '../model-alarms.js';
import { readChatterRows } from './rows.js';
import { type OpenEpisodeRow, type SpanRow, readOpenEpisodes, readSpanRows } from './rows.js';

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
  /** Not the model's: it sees what has been accepted. */
  readonly maxSkewMs?: number | null;
  readonly aliases?: readonly (readonly [key: string, line: string])[];
  readonly capacities?: Partial<Capacities>;
  readonly limits?: Partial<KernelLimits>;
  readonly zone?: KernelOptions['zone'];
  readonly mapping?: KernelOptions['mapping'];
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

function knownRules(flap: ModelRules['flap']): ModelRules['flap'] {
  return flap.filter((rule) => rule.starts > 1 && rule.windowMs > 0);
}

/** The rules of the model as the kernel takes them; the kernel knows no K = 1 and no W = 0. */
export function kernelRules(rules: Partial<ModelRules> = {}): ModelRules {
  const all = { ...DEFAULT_RULES, ...rules };
  return {
    ...all,
    flap: knownRules(all.flap),
    classes: all.classes.map(({ name, rules: own }) => {
      return { name, rules: { ...own, flap: knownRules(own.flap) } };
    }),
  };
}

/** The model's rules in the shape of the configuration. */
function configured({ starts: _starts, classes, ...rules }: ModelRules): Rules {
  return {
    ...KERNEL_RULES,
    ...rules,
    classes: classes.map(({ name, rules: own }) => {
      return { name, match: { product: [name] }, rules: { ...KERNEL_RULES, ...own } };
    }),
  };
}

/** A rule as findings name it. */
interface NamedRule {
  readonly detector: string;
  readonly words: string;
}

/** The ids of rules: places in a list, from 1, to which new ones are added. */
function idsOf(rules: ModelRules, named: NamedRule[]): RuleIds {
  const idOf = (detector: string, words: string): number => {
    const known = named.findIndex((rule) => rule.detector === detector && rule.words === words);
    return known >= 0 ? known + 1 : named.push({ detector, words });
  };
  const sets = [rules, ...rules.classes.map((each) => each.rules)];
  return {
    flap: sets.flatMap(({ flap }) => flap.map(({ name }) => idOf('window', name))),
    detectors: rules.detectors.map((detector) =>
      detectorWords(detector).map((words) => idOf(detector.name, words)),
    ),
  };
}

/** The options of a kernel for a test. */
export function kernelOptions(options: RunOptions, named: NamedRule[] = []): KernelOptions {
  const rules = kernelRules(options.rules);
  const { maxSkewMs = KERNEL_RULES.maxSkewMs } = options;
  return {
    rules: { ...configured(rules), maxSkewMs },
    ruleIds: idsOf(rules, named),
    capacities: { ...SMALL, ...options.capacities },
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    emitStarts: rules.starts,
    zone: options.zone ?? [],
    mapping: options.mapping ?? null,
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
  /** The last open episodes of the other detectors that each line was reported with. */
  readonly episodes = new Map<string, Record<string, OpenEpisodeRow>>();
  /** The last chatter that each alarm was reported with, by line, key and name. */
  readonly chatter = new Map<string, Chatter>();
  readonly fold: Fold;
  /** Drains of the tables so far. */
  drains = 0;
  /** Rules by their ids, from 1. */
  readonly named: NamedRule[] = [];

  constructor(options: RunOptions) {
    this.fold = new Fold(new Kernel(kernelOptions(options, this.named)), {
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
      return { offset: firstOffset + i, timestamp: -1, key: null, value };
    });
    await this.fold.frames(records, 0, records.length);
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
    const spans = this.spans.length;
    await this.fold.read(c);
    this.spans.length = spans;
  }

  /** Gives new names their ids, and takes the open state of the lines that changed. */
  takeOpen(): void {
    const names = this.takeFresh();
    for (;;) {
      const rows = this.kernel.calls.takeChanged();
      if (rows === 0) return;
      for (let row = 0; row < rows; row++) {
        const { id, ...open } = readOpenRow(this.kernel, row, this.named);
        this.open.set(names[id - 1], open);
        this.episodes.delete(names[id - 1]);
      }
      for (const { id, detector, ...open } of readOpenEpisodes(this.kernel, this.named)) {
        const line = names[id - 1];
        this.episodes.set(line, { ...this.episodes.get(line), [detector]: open });
      }
    }
  }

  /** Takes the chatter of the alarms that changed. */
  takeChatter(): void {
    const names = this.takeFresh();
    for (;;) {
      const rows = this.kernel.calls.takeChatter();
      if (rows === 0) return;
      for (const { id, ...chatter } of readChatterRows(this.kernel, rows)) {
        const line = names[id - 1];
        const of = JSON.stringify([line, chatter.key || line, chatter.alarm]);
        this.chatter.set(of, { ...chatter, key: chatter.key || line });
      }
    }
  }

  /** The state after what changed has been taken, so that it does not depend on when it was. */
  copyState(): StateCopy {
    this.takeOpen();
    this.takeChatter();
    return copyState(this.kernel);
  }

  /** Judges by other rules from here on; the former ones keep their ids. */
  changeRules(rules: Partial<ModelRules>): void {
    const changed = kernelRules(rules);
    this.takeChatter();
    this.fold.kernel = withRules(this.kernel, configured(changed), idsOf(changed, this.named));
    this.kernel.control[L.CTL_EMIT_STARTS] = changed.starts ? 1 : 0;
  }

  /** Puts a line into the class with this name; null = into none. */
  async setClass(line: string, className: string | null): Promise<void> {
    const { classes } = this.kernel.options.rules;
    const index = classes.findIndex(({ name }) => name === className) + 1;
    for (;;) {
      const { written } = new TextEncoder().encodeInto(line, this.kernel.inbox);
      if (this.kernel.calls.setClass(written, index) !== 0) return;
      await this.fold.drain();
      this.fold.kernel = grow(this.kernel);
    }
  }

  /** Resets a line by hand. */
  async reset(line: string): Promise<void> {
    const index = await this.intern(L.DICTIONARY_KEYS, line);
    while (this.kernel.calls.resetLine(index) === L.STOP_FINDINGS) await this.fold.drain();
    await this.fold.drain();
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
    const ruleOf = (id: number): NamedRule => this.named[id - 1];
    this.findings.push(...findingsOf(kernel, { ruleOf }));
    this.spans.push(...readSpanRows(kernel));
    this.unknown.push(...readUnknownRows(kernel));
  }

  /** A key leads to one more line. */
  addAlias(key: string, line: string): void {
    for (;;) {
      const { inbox, calls } = this.kernel;
      const names = [Buffer.from(key), Buffer.from(line)];
      inbox.set(Buffer.concat(names));
      if (calls.addAlias(names[0].length, names[1].length) !== L.ALIAS_NO_ROOM) return;
      this.fold.kernel = grow(this.kernel);
    }
  }

  /** An alias ends; `position` is that of what this ends in the log. */
  async endAlias(key: string, line: string, position = 0): Promise<void> {
    for (;;) {
      const { inbox, calls } = this.kernel;
      const names = [Buffer.from(key), Buffer.from(line)];
      inbox.set(Buffer.concat(names));
      if (calls.endAlias(names[0].length, names[1].length, position) !== L.ALIAS_FINDINGS) break;
      await this.fold.drain();
    }
    await this.fold.drain();
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
