// The ids by which findings name the rules of the detectors: given once, kept in the store, so that
// an episode keeps its rule when the rules change.

import type { DuckDBConnection } from '@duckdb/node-api';
import { type Rules, ruleWords } from '../config/rules.js';
import { selectRows } from './sql.js';

/** The primary detector's name. */
export const WINDOW_DETECTOR = 'window';

/** Ids of rules. */
export class RuleBook {
  private readonly words = new Map<number, string>();

  /** Reads the rules that a store knows. */
  static async load(connection: DuckDBConnection): Promise<RuleBook> {
    const book = new RuleBook();
    const rows = await selectRows<{ rule_id: number; rule: string }>(
      connection,
      'select rule_id, rule from rule order by rule_id',
    );
    for (const row of rows) book.words.set(row.rule_id, row.rule);
    return book;
  }

  /** The words of the rule with an id. */
  wordsOf(ruleId: number): string {
    const words = this.words.get(ruleId);
    if (words === undefined) throw new RangeError(`no rule has id ${ruleId}`);
    return words;
  }

  /** The ids of the flap rules, new ones given; `added` are the new (id, words). */
  idsOf(rules: Rules): { ids: number[]; added: { id: number; words: string }[] } {
    const added: { id: number; words: string }[] = [];
    const ids = rules.flap.map((rule) => {
      const words = ruleWords(rule);
      for (const [id, known] of this.words) if (known === words) return id;
      const id = this.words.size + 1;
      this.words.set(id, words);
      added.push({ id, words });
      return id;
    });
    return { ids, added };
  }

  /** The ids of the flap rules, the new ones written into the store. */
  async store(connection: DuckDBConnection, rules: Rules): Promise<number[]> {
    const { ids, added } = this.idsOf(rules);
    for (const { id, words } of added) {
      await connection.run('insert into rule values ($1, $2, $3)', [id, WINDOW_DETECTOR, words]);
    }
    return ids;
  }
}
