// A mapping read from its words: every path is something taken of a tree, every value a text. What
// is wrong is noted with its place, and all of it is told at once.

import { NAME_BYTES_MAX } from '../../assembly/layout.js';
import { MAPPING_DEPTH_MAX, SLOTS_MAX } from '../../assembly/mapping-layout.js';
import type { YamlPart, YamlPath } from '../config/placed-yaml.js';
import { type Path, parsePath, parseRecordPath } from './path.js';
import type { MappingYaml } from './mapping-yaml.js';
import type {
  ConditionFile,
  MappingFile,
  OutcomeWord,
  StateTestFile,
  UnitWord,
  ValuesFile,
  VariantFile,
} from './schema.js';
import { parseTemplate } from './template.js';
import {
  type Taken,
  type TreeNode,
  emptyMember,
  emptyNode,
  name,
  numberSlots,
  take,
} from './tree.js';

/** Limits of a mapping file beside the table's own. */
export const RECORDS_MAX = 16;
export const VARIANTS_MAX = 64;

/** Where records stand; null = the object itself. */
export interface PlannedRecord {
  readonly form: 'object' | 'array' | 'members';
  readonly taken: Taken | null;
}

/** A condition: the text is, or is not, one of the values; none = it is there and not null. */
export interface PlannedCondition {
  readonly taken: Taken;
  readonly values: readonly string[];
  readonly isNegated: boolean;
}

/** A constant, then a value. */
export interface PlannedPart {
  readonly constant: string;
  readonly taken: Taken | null;
  readonly isOptional: boolean;
}

/** A test of the state; null taken = whatever the record holds. */
export interface PlannedTest {
  readonly taken: Taken | null;
  readonly values: readonly { readonly text: string; readonly outcome: OutcomeWord }[];
  readonly otherwise: OutcomeWord;
  readonly ifNull: OutcomeWord;
  readonly ifAbsent: OutcomeWord;
}

/** One way to read a record; a template that is not given is empty. */
export interface PlannedVariant {
  readonly conditions: readonly PlannedCondition[];
  readonly line: readonly PlannedPart[];
  readonly alarm: readonly PlannedPart[];
  readonly cause: readonly PlannedPart[];
  readonly severity: readonly PlannedPart[];
  readonly tests: readonly PlannedTest[];
  readonly times: readonly { readonly taken: Taken; readonly unit: UnitWord }[];
}

/** A mapping whose slots are numbered. */
export interface Plan {
  readonly root: TreeNode;
  /** The records' tree; the root itself when the object is the one record. */
  readonly element: TreeNode;
  readonly records: readonly PlannedRecord[];
  /** Slot of the records' own keys, or null. */
  readonly keySlot: number | null;
  readonly variants: readonly PlannedVariant[];
  readonly rootSlots: number;
  readonly slots: number;
}

/** Plans a mapping. Throws BAD_CONFIG with every mistake. `severity`: whether rules ask for it. */
export function planMapping(yaml: MappingYaml, file: MappingFile, severity: boolean): Plan {
  const planner = new Planner(yaml, file);
  const variants = file.variants.map((variant, i) => planner.variant(variant, i, severity));
  planner.checkReach();
  const { root, element, records, recordKey } = planner;
  const isWhole = root === element;
  const rootEnd = numberSlots(root, 0);
  const hasKey = recordKey.takesKey;
  if (hasKey) recordKey.keySlot = rootEnd;
  const slots = isWhole ? rootEnd : numberSlots(element, rootEnd + (hasKey ? 1 : 0));
  if (slots > SLOTS_MAX) {
    yaml.complain([], `takes ${slots} different values, and a mapping may take ${SLOTS_MAX}`);
  }
  yaml.check();
  const keySlot = hasKey ? rootEnd : null;
  return { root, element, records, keySlot, variants, rootSlots: rootEnd, slots };
}

class Planner {
  readonly root = emptyNode();
  readonly element: TreeNode;
  readonly records: readonly PlannedRecord[];
  readonly recordKey = emptyMember();
  private readonly yaml: MappingYaml;
  private readonly file: MappingFile;

  constructor(yaml: MappingYaml, file: MappingFile) {
    this.yaml = yaml;
    this.file = file;
    this.element = file.records ? emptyNode() : this.root;
    this.records = (file.records ?? []).flatMap((words, i) => this.record(words, i));
    if (this.records.length > RECORDS_MAX) yaml.complain(['records'], `at most ${RECORDS_MAX}`);
    if (file.variants.length > VARIANTS_MAX) yaml.complain(['variants'], `at most ${VARIANTS_MAX}`);
  }

  private record(words: string, i: number): PlannedRecord[] {
    const keys = ['records', i];
    const path = parseRecordPath(words, (text) => this.yaml.complain(keys, text));
    if (path === null) return [];
    if (this.file.records!.indexOf(words) < i) {
      this.yaml.complain(keys, `'${words}' is given twice: remove one`);
    }
    if (path.form === 'self') {
      if (i < this.file.records!.length - 1) {
        this.yaml.complain(keys, "'$' must come last: it is read when none of the others is there");
      }
      return [{ form: 'object', taken: null }];
    }
    const taken = take(this.root, path.parts);
    if (taken === null) this.yaml.complain(keys, tooDeep(words));
    return taken === null ? [] : [{ form: path.form, taken }];
  }

  variant(variant: VariantFile, i: number, severity: boolean): PlannedVariant {
    const at = ['variants', i];
    return {
      conditions: Object.entries(variant.when ?? {}).flatMap(([words, condition]) =>
        this.condition([...at, 'when', words], words, condition),
      ),
      line: this.template([...at, 'line'], variant.line),
      alarm: this.template([...at, 'alarm'], variant.alarm),
      cause: this.template([...at, 'cause'], variant.cause),
      severity: this.template([...at, 'severity'], variant.severity, severity),
      tests: this.tests([...at, 'state'], variant.state),
      times: this.times([...at, 'time'], variant.time),
    };
  }

  /** Notes variants behind one that reads every record. */
  checkReach(): void {
    const { variants } = this.file;
    const all = variants.findIndex(({ when }) => Object.keys(when ?? {}).length === 0);
    if (all >= 0 && all < variants.length - 1) {
      this.yaml.complain(
        ['variants', all],
        'reads every record, so that those behind it are never reached: ' +
          'give it a `when`, or move it last',
      );
    }
  }

  private condition(keys: YamlPath, words: string, condition: ConditionFile): PlannedCondition[] {
    const taken = this.taken(keys, words, 'key');
    const isChoice = typeof condition === 'object' && !Array.isArray(condition);
    if (!isChoice) {
      const values = this.values(keys, condition);
      return taken ? [{ taken, values, isNegated: false }] : [];
    }
    const { not, present } = condition as { not?: ValuesFile; present?: boolean };
    if ((not === undefined) === (present === undefined)) {
      this.yaml.complain(keys, `'${words}' must have either 'not' or 'present'`);
    }
    const values = not === undefined ? [] : this.values([...keys, 'not'], not);
    if (not !== undefined && values.length === 0) {
      this.yaml.complain([...keys, 'not'], 'must name a value');
    }
    return taken ? [{ taken, values, isNegated: not !== undefined || present === false }] : [];
  }

  private tests(keys: YamlPath, state: VariantFile['state']): PlannedTest[] {
    if (state === 'down' || state === 'up') {
      return [{ taken: null, values: [], otherwise: state, ifNull: state, ifAbsent: state }];
    }
    return Object.entries(state).flatMap(([words, test]) =>
      this.test([...keys, words], words, test),
    );
  }

  private test(keys: YamlPath, words: string, test: StateTestFile): PlannedTest[] {
    const taken = this.taken(keys, words, 'key');
    const values = (['down', 'up', 'skip', 'reject'] as const).flatMap((outcome) => {
      const given = test[outcome];
      if (given === undefined) return [];
      return this.values([...keys, outcome], given).map((text) => ({ text, outcome }));
    });
    const twice = values.find(({ text }, i) => values.findIndex((one) => one.text === text) < i);
    if (twice) this.yaml.complain(keys, `'${twice.text}' is given twice: remove one`);
    const { otherwise = 'next', ifNull = 'next', ifAbsent = 'next' } = test;
    return taken ? [{ taken, values, otherwise, ifNull, ifAbsent }] : [];
  }

  private times(keys: YamlPath, time: VariantFile['time']): PlannedVariant['times'] {
    if (typeof time === 'string') {
      const taken = this.taken(keys, time, 'value');
      return taken ? [{ taken, unit: 'auto' }] : [];
    }
    return Object.entries(time).flatMap(([words, unit]) => {
      const taken = this.taken([...keys, words], words, 'key');
      return taken ? [{ taken, unit }] : [];
    });
  }

  /**
   * `isAsked` = false: its paths are named, since no `other key` stands for them, but not taken.
   */
  private template(keys: YamlPath, words: string | undefined, isAsked = true): PlannedPart[] {
    if (words === undefined) return [];
    const parts = parseTemplate(words, (text) => this.yaml.complain(keys, text)) ?? [];
    if (!isAsked) {
      for (const { path } of parts) {
        if (path) name(path.isFromRoot ? this.root : this.element, path.parts);
      }
      return [];
    }
    return parts.flatMap(({ constant, path, isOptional }) => {
      const taken = path === null ? null : this.follow(keys, words, path, 'value');
      return path !== null && taken === null ? [] : [{ constant, taken, isOptional }];
    });
  }

  private values(keys: YamlPath, values: ValuesFile): string[] {
    const texts = (Array.isArray(values) ? values : [values]).map(String);
    const long = texts.find((text) => Buffer.byteLength(text) > NAME_BYTES_MAX);
    if (long) this.yaml.complain(keys, `a value is longer than ${NAME_BYTES_MAX} bytes`);
    return texts;
  }

  private taken(keys: YamlPath, words: string, part: YamlPart): Taken | null {
    const path = parsePath(words, (text) => this.yaml.complain(keys, text, part));
    return path === null ? null : this.follow(keys, words, path, part);
  }

  private follow(keys: YamlPath, words: string, path: Path, part: YamlPart): Taken | null {
    if (!path.isFromRoot && path.parts.length === 1 && path.parts[0] === null) {
      if (this.records.some(({ form }) => form === 'members')) {
        this.recordKey.takesKey = true;
        return { member: this.recordKey, isKey: true };
      }
      this.yaml.complain(keys, '* alone is the key of a record: no record here ends in .*', part);
      return null;
    }
    const taken = take(path.isFromRoot ? this.root : this.element, path.parts);
    if (taken === null) this.yaml.complain(keys, tooDeep(words), part);
    return taken;
  }
}

function tooDeep(words: string): string {
  return (
    `'${words}' enters more than ${MAPPING_DEPTH_MAX} objects: ` +
    'let a record begin further down, and write the path from there'
  );
}
