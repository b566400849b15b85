// Records to events by the kernel's decoder alone: for what passes alarms on or looks at them (rekey,
// doctor). Here an event is an object of JavaScript: not the path of the service.

import * as L from '../../assembly/layout.js';
import { OBJECT_BYTES_MAX } from '../config/limits.js';
import { DEFAULT_RULES } from '../config/rules.js';
import { DEFAULT_CAPACITIES, Kernel, type KernelOptions } from '../kernel/kernel.js';
import type { Reject } from '../kernel/rejects.js';
import { RuleBook } from '../store/rule-book.js';
import { Fold, type LogFrame } from './fold.js';

/** One event as it was decoded; names that were not said are null. */
export interface DecodedEvent {
  /** Offset of its record. */
  readonly offset: number;
  readonly line: string;
  /** The alarmed object, where the message named it beside the line. */
  readonly key: string | null;
  readonly alarm: string | null;
  readonly cause: string | null;
  /** null: it was rejected and only names its line. */
  readonly state: 'down' | 'up' | null;
  readonly timeMs: number;
}

/** What some records held, each in the records' order. */
export interface Decoded {
  readonly events: readonly DecodedEvent[];
  readonly rejects: readonly Reject[];
}

/** How messages are read; the rest of a kernel's options do not matter here. */
export type DecoderOptions = Pick<KernelOptions, 'limits' | 'zone'> &
  Partial<Pick<KernelOptions, 'mapping' | 'rules'>> & {
    /** Bytes of one record. */
    readonly objectBytesMax?: number;
  };

/** A kernel of which only the decoder is used. */
export class Decoder {
  private readonly fold: Fold;
  private events: DecodedEvent[] = [];
  private rejects: Reject[] = [];

  /** An event ahead of its record is judged by who reads on: no maxSkew here. */
  constructor({
    rules = DEFAULT_RULES,
    objectBytesMax = OBJECT_BYTES_MAX,
    ...options
  }: DecoderOptions) {
    const judged = { ...rules, maxSkewMs: null };
    const kernel = new Kernel({
      ...options,
      rules: judged,
      ruleIds: new RuleBook().idsOf(judged).ids,
      capacities: { ...DEFAULT_CAPACITIES, inboxBytes: objectBytesMax },
      emitStarts: false,
    });
    this.fold = new Fold(kernel, {
      takeFindings: () => undefined,
      takeRejects: (rejects) => void this.rejects.push(...rejects),
    });
    this.fold.handOver({ take: (current) => this.take(current) });
  }

  /** Decodes records of one partition, in their order. */
  async decode(records: readonly LogFrame[]): Promise<Decoded> {
    this.events = [];
    this.rejects = [];
    await this.fold.frames(records, 0, records.length);
    return { events: this.events, rejects: this.rejects };
  }

  private take(kernel: Kernel): void {
    const { u32, i64, control } = kernel;
    const at = (column: number): number => kernel.eventColumn(column);
    const name = (dictionary: number, index: number): string | null =>
      index === 0 ? null : kernel.name(dictionary, index);
    for (let row = 0; row < control[L.CTL_EVENTS]!; row++) {
      const state = u32[at(L.EVENT_STATE) / 4 + row]!;
      if (state === L.STATE_NONE) continue;
      this.events.push({
        offset: Number(i64[at(L.EVENT_POSITION) / 8 + row]),
        line: kernel.name(L.DICTIONARY_KEYS, u32[at(L.EVENT_TARGET) / 4 + row]!),
        key: name(L.DICTIONARY_KEYS, u32[at(L.EVENT_KEY) / 4 + row]!),
        alarm: name(L.DICTIONARY_ALARMS, u32[at(L.EVENT_ALARM) / 4 + row]!),
        cause: name(L.DICTIONARY_CAUSES, u32[at(L.EVENT_CAUSE) / 4 + row]!),
        state: STATES[state] ?? null,
        timeMs: Number(i64[at(L.EVENT_TIME) / 8 + row]),
      });
    }
  }
}

const STATES: Readonly<Record<number, 'down' | 'up'>> = {
  [L.STATE_DOWN]: 'down',
  [L.STATE_UP]: 'up',
};
