// Rules from words: a file of their own (`--rules`), or the part `rules` of flapline.yaml. What is
// not said keeps its default.

import { DEFAULT_RULES, type Rules, checkRules, parseDuration, parseFlapRule } from './rules.js';
import { type RulesFile, RulesSchema } from './schema.js';
import { readYaml } from './yaml-file.js';

/** Rules from their words. Throws BAD_CONFIG naming `what` and the part. */
export function rulesOf(words: RulesFile, what: string): Rules {
  const ms = (key: 'quiet' | 'outage' | 'repeat', usual: number): number =>
    words[key] === undefined ? usual : parseDuration(words[key], `${what}: ${key}`);
  const rules: Rules = {
    flap: words.flap?.map((rule) => parseFlapRule(rule, `${what}: flap`)) ?? DEFAULT_RULES.flap,
    quietMs: ms('quiet', DEFAULT_RULES.quietMs),
    outageMs: ms('outage', DEFAULT_RULES.outageMs),
    repeatMs: ms('repeat', DEFAULT_RULES.repeatMs),
  };
  checkRules(rules);
  return rules;
}

/** Reads a file of rules. Throws BAD_CONFIG. */
export function readRulesFile(file: string): Rules {
  return rulesOf(readYaml(file, RulesSchema), file);
}
