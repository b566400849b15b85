// From a mapping's words to the table that the kernel's walker executes
// (assembly/mapping-layout.ts).

import * as M from '../../assembly/mapping-layout.js';
import type { CompiledMapping } from './compiled.js';
import { MappingYaml } from './mapping-yaml.js';
import {
  type Plan,
  type PlannedCondition,
  type PlannedPart,
  type PlannedRecord,
  type PlannedTest,
  type PlannedVariant,
  planMapping,
} from './plan.js';
import { type MappingFile, MappingSchema, type OutcomeWord, type UnitWord } from './schema.js';
import { TableWriter } from './table-writer.js';
import { type Taken, type TreeMember, type TreeNode, slotOf } from './tree.js';

const OUTCOME: Readonly<Record<OutcomeWord, number>> = {
  next: M.OUTCOME_NEXT,
  down: M.OUTCOME_DOWN,
  up: M.OUTCOME_UP,
  skip: M.OUTCOME_SKIP,
  reject: M.OUTCOME_REJECT,
};

const UNIT: Readonly<Record<UnitWord, number>> = {
  auto: M.UNIT_AUTO,
  s: M.UNIT_S,
  ms: M.UNIT_MS,
  us: M.UNIT_US,
  ns: M.UNIT_NS,
};

const FORM = { object: M.FORM_OBJECT, array: M.FORM_ARRAY, members: M.FORM_MEMBERS } as const;

/**
 * Compiles a mapping's YAML text; `name` is said in errors, `severity` = whether rules ask for it.
 * Throws BAD_CONFIG with every mistake, each with its line and column.
 */
export function compileMapping(words: string, name: string, severity: boolean): CompiledMapping {
  const yaml = new MappingYaml(name, words);
  yaml.checkSchema(MappingSchema);
  const plan = planMapping(yaml, yaml.value as MappingFile, severity);
  const table = new TableWriter();
  writeHeader(table, plan);
  if (!table.fits) {
    yaml.complain(
      [],
      `needs more than ${M.MAPPING_BYTES_MAX} bytes: name fewer values or variants`,
    );
  }
  yaml.check();
  return { name, words, table: table.bytes(), isNative: false };
}

/** Writes the whole table: its header stands first. */
export function writeHeader(table: TableWriter, plan: Plan): void {
  const at = table.reserve(M.HEADER_SIZE);
  const root = writeNode(table, plan.root);
  const element = plan.element === plan.root ? root : writeNode(table, plan.element);
  table.put(at + M.HEADER_ROOT, root);
  table.put(at + M.HEADER_RECORDS, plan.records.length);
  table.put(
    at + M.HEADER_RECORDS_AT,
    table.rows(plan.records, M.RECORD_SIZE, (record, row) => {
      writeRecord(table, record, row, element, plan.keySlot);
    }),
  );
  table.put(at + M.HEADER_VARIANTS, plan.variants.length);
  table.put(
    at + M.HEADER_VARIANTS_AT,
    table.rows(plan.variants, M.VARIANT_SIZE, (variant, row) => writeVariant(table, variant, row)),
  );
  table.put(at + M.HEADER_SLOTS, plan.slots);
  table.put(at + M.HEADER_ROOT_SLOTS, plan.rootSlots);
}

function writeNode(table: TableWriter, node: TreeNode): number {
  const at = table.reserve(M.NODE_SIZE);
  const members = table.rows([...node.members], M.MEMBER_SIZE, ([key, member], row) => {
    const pattern = `"${key}":`;
    table.putText(row + M.MEMBER_PATTERN, pattern);
    table.put(row + M.MEMBER_LENGTH, pattern.length);
    writeMember(table, member, row);
  });
  table.put(at + M.NODE_MEMBERS_AT, members);
  table.put(at + M.NODE_MEMBERS, node.members.size);
  table.put(at + M.NODE_GUESS, members);
  if (node.any) {
    const any = table.reserve(M.MEMBER_SIZE);
    writeMember(table, node.any, any);
    table.put(at + M.NODE_ANY, any);
  }
  return at;
}

function writeMember(table: TableWriter, member: TreeMember, at: number): void {
  const node = member.node ?? (member.takesValue ? null : { members: new Map(), any: null });
  const entered = node === null ? M.NO_SLOT : writeNode(table, node);
  const both = node !== null && member.takesValue;
  const one = node === null ? M.ACTION_TAKE : M.ACTION_ENTER;
  table.put(at + M.MEMBER_ACTION, both ? M.ACTION_ENTER_AND_TAKE : one);
  table.put(at + M.MEMBER_TARGET, node === null ? member.slot : entered);
  table.put(at + M.MEMBER_KEY_SLOT, member.takesKey ? member.keySlot : M.NO_SLOT);
  table.put(at + M.MEMBER_SLOT, both ? member.slot : M.NO_SLOT);
  table.put(at + M.MEMBER_CLEAR_FROM, member.from + ((member.until - member.from) << 8));
}

function writeRecord(
  table: TableWriter,
  { form, taken }: PlannedRecord,
  at: number,
  element: number,
  keySlot: number | null,
): void {
  table.put(at + M.RECORD_SLOT, slotOrNone(taken));
  table.put(at + M.RECORD_FORM, FORM[form]);
  table.put(at + M.RECORD_NODE, element);
  table.put(at + M.RECORD_KEY_SLOT, form === 'members' ? (keySlot ?? M.NO_SLOT) : M.NO_SLOT);
}

function slotOrNone(taken: Taken | null): number {
  return taken === null ? M.NO_SLOT : slotOf(taken);
}

function writeVariant(table: TableWriter, variant: PlannedVariant, at: number): void {
  const { conditions, tests, times } = variant;
  table.put(at + M.VARIANT_CONDITIONS, conditions.length);
  table.put(
    at + M.VARIANT_CONDITIONS_AT,
    table.rows(conditions, M.CONDITION_SIZE, (row, to) => writeCondition(table, row, to)),
  );
  table.put(at + M.VARIANT_LINE, writeTemplate(table, variant.line));
  table.put(at + M.VARIANT_ALARM, writeTemplate(table, variant.alarm));
  table.put(at + M.VARIANT_CAUSE, writeTemplate(table, variant.cause));
  table.put(at + M.VARIANT_SEVERITY, writeTemplate(table, variant.severity));
  table.put(at + M.VARIANT_STATES, tests.length);
  table.put(
    at + M.VARIANT_STATES_AT,
    table.rows(tests, M.TEST_SIZE, (row, to) => writeTest(table, row, to)),
  );
  table.put(at + M.VARIANT_TIMES, times.length);
  table.put(
    at + M.VARIANT_TIMES_AT,
    table.rows(times, M.TIME_SIZE, ({ taken, unit }, row) => {
      table.put(row + M.TIME_SLOT, slotOf(taken));
      table.put(row + M.TIME_UNIT, UNIT[unit]);
    }),
  );
}

function writeCondition(table: TableWriter, condition: PlannedCondition, at: number): void {
  table.put(at + M.CONDITION_SLOT, slotOf(condition.taken));
  table.put(at + M.CONDITION_VALUES, condition.values.length);
  table.put(
    at + M.CONDITION_VALUES_AT,
    table.rows(condition.values, M.VALUE_SIZE, (text, row) => table.putRef(row, text)),
  );
  table.put(at + M.CONDITION_NEGATED, condition.isNegated ? 1 : 0);
}

/** Offset of a template, 0 when it is empty. */
function writeTemplate(table: TableWriter, parts: readonly PlannedPart[]): number {
  if (parts.length === 0) return 0;
  const at = table.reserve(M.TEMPLATE_PARTS + parts.length * M.PART_SIZE);
  table.put(at, parts.length);
  parts.forEach(({ constant, taken, isOptional }, i) => {
    const row = at + M.TEMPLATE_PARTS + i * M.PART_SIZE;
    table.putRef(row + M.PART_CONSTANT_AT, constant);
    table.put(row + M.PART_SLOT, slotOrNone(taken));
    table.put(row + M.PART_OPTIONAL, isOptional ? 1 : 0);
  });
  return at;
}

/** A test that asks for nothing tests slot 0: whatever it holds, the outcome is the same. */
function writeTest(table: TableWriter, test: PlannedTest, at: number): void {
  table.put(at + M.TEST_SLOT, test.taken === null ? 0 : slotOf(test.taken));
  table.put(at + M.TEST_VALUES, test.values.length);
  table.put(
    at + M.TEST_VALUES_AT,
    table.rows(test.values, M.STATE_VALUE_SIZE, ({ text, outcome }, row) => {
      table.putRef(row, text);
      table.put(row + M.STATE_VALUE_OUTCOME, OUTCOME[outcome]);
    }),
  );
  table.put(at + M.TEST_OTHER, OUTCOME[test.otherwise]);
  table.put(at + M.TEST_NULL, OUTCOME[test.ifNull]);
  table.put(at + M.TEST_ABSENT, OUTCOME[test.ifAbsent]);
}
