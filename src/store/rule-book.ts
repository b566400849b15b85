// The ids by which findings name the rules of the detectors: one for each (detector, words), given
// once, kept in the store, so that an episode keeps its rule when the rules change.

import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type Rules,
  WINDOW_DETECTOR,
  detectorWords,
  ruleSets,
  ruleWords,
} from '../config/rules.js';
import type { RuleIds } from '../kernel/rules.js';
import { selectRows } from './sql.js';

/** A rule as findings and views name it. */
export interface BookedRule {
  readonly detector: string;
  readonly words: string;
}

/** A rule that has just been given its id. */
export interface AddedRule extends BookedRule {
  readonly id: number;
}

/** Writes rules that are new. */
export async function insertRules(
  connection: DuckDBConnection,
  added: readonly AddedRule[],
): Promise<void> {
  for (const { id, detector, words } of added) {
    await connection.run('insert into rule values ($1, $2, $3, false)', [id, detector, words]);
  }
}

/** Writes rules that are new; a detector is shadow as it is now. */
export async function writeRules(
  connection: DuckDBConnection,
  rules: Rules,
  added: readonly AddedRule[],
): Promise<void> {
  await insertRules(connection, added);
  for (const { name, shadow } of rules.detectors) {
    await connection.run(
      'update rule set shadow = $2 where detector = $1 and shadow is distinct from $2',
      [name, shadow],
    );
  }
}

/** Ids of rules. */
export class RuleBook {
  private readonly rules = new Map<number, BookedRule>();
  private readonly ids = new Map<string, number>();

  /** Reads the rules that a store knows. */
  static async load(connection: DuckDBConnection): Promise<RuleBook> {
    const book = new RuleBook();
    const rows = await selectRows<{ id: number; detector: string; words: string }>(
      connection,
      'select rule_id as id, detector, rule as words from rule order by rule_id',
    );
    for (const { id, detector, words } of rows) book.keep(id, { detector, words });
    return book;
  }

  /** How many rules there are: their ids are 1 to that. */
  get size(): number {
    return this.rules.size;
  }

  /** The rule with an id. */
  ruleOf(ruleId: number): BookedRule {
    const rule = this.rules.get(ruleId);
    if (rule === undefined) throw new RangeError(`no rule has id ${ruleId}`);
    return rule;
  }

  /** The id of a rule, given when it is new. */
  idOf(rule: BookedRule): { readonly id: number; readonly isNew: boolean } {
    const known = this.ids.get(keyOf(rule));
    if (known !== undefined) return { id: known, isNew: false };
    const id = this.rules.size + 1;
    this.keep(id, rule);
    return { id, isNew: true };
  }

  /** The ids of all rules, new ones given; `added` are those. */
  idsOf(rules: Rules): { ids: RuleIds; added: AddedRule[] } {
    const added: AddedRule[] = [];
    const idOf = (detector: string, words: string): number => {
      const { id, isNew } = this.idOf({ detector, words });
      if (isNew) added.push({ id, detector, words });
      return id;
    };
    const flap = ruleSets(rules).flatMap((set) =>
      set.flap.map((rule) => idOf(WINDOW_DETECTOR, ruleWords(rule))),
    );
    const detectors = rules.detectors.map((detector) =>
      detectorWords(detector).map((words) => idOf(detector.name, words)),
    );
    return { ids: { flap, detectors }, added };
  }

  /** The ids of all rules, the new ones written into the store; a detector is shadow as it is now. */
  async store(connection: DuckDBConnection, rules: Rules): Promise<RuleIds> {
    const { ids, added } = this.idsOf(rules);
    await writeRules(connection, rules, added);
    return ids;
  }

  private keep(id: number, rule: BookedRule): void {
    this.rules.set(id, rule);
    this.ids.set(keyOf(rule), id);
  }
}

function keyOf({ detector, words }: BookedRule): string {
  return `${detector}\n${words}`;
}
