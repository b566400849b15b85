// Executes a compiled table over the judge's JSON, byte by byte as the format says: so the compiler
// is checked apart from the kernel's walker. Slots are JSON values; nothing is shared with the twin
// but what a value is worth.

import * as M from '../../assembly/mapping-layout.js';
import { readObjects } from '../judge/decode.js';
import type { JsonNode, JsonObject } from '../judge/json.js';
import {
  type Mapped,
  type MappedItem,
  type MapOptions,
  isOneOf,
  isThere,
  nameOf,
  readTime,
} from './values.js';

const UNITS = ['auto', 's', 'ms', 'us', 'ns'];

/** Decodes a text by a table. */
export function tableDecode(table: Uint8Array, bytes: Uint8Array, options: MapOptions) {
  return readObjects<Mapped>(bytes, options, (root, at, end) =>
    new TableWalk(table, root, { at, end }, options.timeZone).run(),
  ) satisfies MappedItem[];
}

/** One object read by a table. */
class TableWalk {
  private readonly view: DataView;
  private readonly slots: (JsonNode | undefined)[];

  constructor(
    private readonly table: Uint8Array,
    private readonly root: JsonObject,
    private readonly place: { at: number; end: number },
    private readonly timeZone: string | undefined,
  ) {
    this.view = new DataView(table.buffer, table.byteOffset, table.length);
    this.slots = Array.from({ length: this.u32(M.HEADER_SLOTS) });
  }

  run(): Mapped[] {
    this.walk(this.root, this.u32(M.HEADER_ROOT));
    const records = this.rows(M.HEADER_RECORDS, M.HEADER_RECORDS_AT, M.RECORD_SIZE);
    if (records.length === 0) return [this.event()];
    const found: Mapped[] = [];
    let isAny = false;
    for (const row of records) {
      const slot = this.u32(row + M.RECORD_SLOT);
      if (slot === M.NO_SLOT) {
        if (isAny) break;
        isAny = true;
        found.push(this.record(this.root, row));
      } else if (isThere(this.slots[slot])) {
        isAny = true;
        found.push(...this.recordsIn(this.slots[slot]!, row));
      }
    }
    return isAny ? found : [this.skipped()];
  }

  private recordsIn(node: JsonNode, row: number): Mapped[] {
    const form = this.u32(row + M.RECORD_FORM);
    if (form === M.FORM_OBJECT) return [this.record(node, row)];
    if (form === M.FORM_ARRAY) {
      return node.kind === 'array'
        ? node.items.map((item) => this.record(item, row))
        : [this.skipped()];
    }
    return node.kind === 'object'
      ? node.members.map(({ name, value }) => this.record(value, row, name))
      : [this.skipped()];
  }

  private record(node: JsonNode, row: number, key?: JsonNode): Mapped {
    if (node.kind !== 'object') return this.skipped();
    this.slots.fill(undefined, this.u32(M.HEADER_ROOT_SLOTS));
    const keySlot = this.u32(row + M.RECORD_KEY_SLOT);
    if (keySlot !== M.NO_SLOT) this.slots[keySlot] = key;
    this.walk(node, this.u32(row + M.RECORD_NODE));
    return this.event();
  }

  private walk(object: JsonObject, node: number): void {
    const members = this.rows(node + M.NODE_MEMBERS, node + M.NODE_MEMBERS_AT, M.MEMBER_SIZE);
    const any = this.u32(node + M.NODE_ANY);
    for (const { name, value } of object.members) {
      const pattern = `"${name.text}":`;
      const known = members.find((row) => {
        return this.text(row + M.MEMBER_PATTERN, this.u32(row + M.MEMBER_LENGTH)) === pattern;
      });
      const row = known ?? any;
      if (row === 0) continue;
      const [from, count] = [M.MEMBER_CLEAR_FROM, M.MEMBER_CLEAR].map(
        (at) => this.u32(row + at) & 255,
      );
      this.slots.fill(undefined, from, from! + count!);
      const action = this.u32(row + M.MEMBER_ACTION);
      const target = this.u32(row + M.MEMBER_TARGET);
      const keySlot = this.u32(row + M.MEMBER_KEY_SLOT);
      if (keySlot !== M.NO_SLOT) this.slots[keySlot] = name;
      if (action === M.ACTION_TAKE) this.slots[target] = value;
      if (action === M.ACTION_ENTER_AND_TAKE) this.slots[this.u32(row + M.MEMBER_SLOT)] = value;
      if (action !== M.ACTION_TAKE && value.kind === 'object') this.walk(value, target);
    }
  }

  private event(): Mapped {
    const row = this.rows(M.HEADER_VARIANTS, M.HEADER_VARIANTS_AT, M.VARIANT_SIZE).find((variant) =>
      this.rows(
        variant + M.VARIANT_CONDITIONS,
        variant + M.VARIANT_CONDITIONS_AT,
        M.CONDITION_SIZE,
      ).every((condition) => this.holds(condition)),
    );
    if (row === undefined) return this.skipped();
    const outcome = this.state(row);
    if (outcome === M.OUTCOME_SKIP) return this.skipped();
    const { place } = this;
    const line = this.name(row + M.VARIANT_LINE);
    if (line === null || line === 'wrong')
      return { kind: 'wrong-event', ...place, wrong: ['line'] };
    if (outcome === M.OUTCOME_REJECT)
      return { kind: 'wrong-event', ...place, wrong: ['state'], line };
    const time = this.time(row);
    if (time === null) return { kind: 'wrong-event', ...place, wrong: ['time'], line };
    const alarm = this.name(row + M.VARIANT_ALARM);
    if (alarm === 'wrong') return { kind: 'wrong-event', ...place, wrong: ['alarm'], line };
    const cause = this.name(row + M.VARIANT_CAUSE);
    if (cause === 'wrong') return { kind: 'wrong-event', ...place, wrong: ['cause'], line };
    const state = outcome === M.OUTCOME_DOWN ? 'down' : 'up';
    const names = { ...(alarm !== null && { alarm }), ...(cause !== null && { cause }) };
    return { kind: 'event', ...place, event: { line, time, state, ...names } };
  }

  private holds(row: number): boolean {
    const node = this.slots[this.u32(row + M.CONDITION_SLOT)];
    const values = this.rows(
      row + M.CONDITION_VALUES,
      row + M.CONDITION_VALUES_AT,
      M.VALUE_SIZE,
    ).map((value) => this.ref(value));
    const isSo = values.length === 0 ? isThere(node) : isOneOf(node, values);
    return isSo !== (this.u32(row + M.CONDITION_NEGATED) !== 0);
  }

  private state(variant: number): number {
    const tests = this.rows(variant + M.VARIANT_STATES, variant + M.VARIANT_STATES_AT, M.TEST_SIZE);
    for (const row of tests) {
      const node = this.slots[this.u32(row + M.TEST_SLOT)];
      const value = this.rows(row + M.TEST_VALUES, row + M.TEST_VALUES_AT, M.STATE_VALUE_SIZE).find(
        (one) => isOneOf(node, [this.ref(one)]),
      );
      let from = row + M.TEST_OTHER;
      if (value !== undefined) from = value + M.STATE_VALUE_OUTCOME;
      else if (node === undefined) from = row + M.TEST_ABSENT;
      else if (!isThere(node)) from = row + M.TEST_NULL;
      const outcome = this.u32(from);
      if (outcome !== M.OUTCOME_NEXT) return outcome;
    }
    return M.OUTCOME_REJECT;
  }

  private time(variant: number): number | null {
    const times = this.rows(variant + M.VARIANT_TIMES, variant + M.VARIANT_TIMES_AT, M.TIME_SIZE);
    for (const row of times) {
      const node = this.slots[this.u32(row + M.TIME_SLOT)];
      if (node === undefined || !isThere(node)) continue;
      return readTime(node, UNITS[this.u32(row + M.TIME_UNIT)], this.timeZone);
    }
    return null;
  }

  private name(at: number): string | null | 'wrong' {
    const template = this.u32(at);
    if (template === 0) return null;
    const parts = Array.from({ length: this.u32(template) }, (_, i) => {
      const row = template + M.TEMPLATE_PARTS + i * M.PART_SIZE;
      const slot = this.u32(row + M.PART_SLOT);
      return {
        constant: this.ref(row + M.PART_CONSTANT_AT),
        node: slot === M.NO_SLOT ? null : this.slots[slot],
        isOptional: this.u32(row + M.PART_OPTIONAL) !== 0,
      };
    });
    return nameOf(parts);
  }

  private skipped(): Mapped {
    return { kind: 'skipped', ...this.place };
  }

  private rows(count: number, at: number, size: number): number[] {
    const start = this.u32(at);
    return Array.from({ length: this.u32(count) }, (_, i) => start + i * size);
  }

  /** The text that {offset, length} points to. */
  private ref(at: number): string {
    return this.text(this.u32(at), this.u32(at + 4));
  }

  private text(at: number, length: number): string {
    return Buffer.from(this.table.subarray(at, at + length)).toString('utf8');
  }

  private u32(at: number): number {
    return this.view.getUint32(at, true);
  }
}
