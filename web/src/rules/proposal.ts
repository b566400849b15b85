// Rules as a file: a proposal in the form of flapline.yaml, complete, with what it would have changed said
// in front. It is downloaded, never sent to the service.

import type { FlapRules } from './kernel.js';
import { durationWords, ruleWords } from './steps.js';

type Words = Readonly<Record<string, unknown>>;

/** Values in YAML's flow style, which is JSON's. */
function lineOf([key, value]: readonly [string, unknown]): string {
  if (!Array.isArray(value) || typeof value[0] !== 'object') return `  ${key}: ${flow(value)}`;
  return [`  ${key}:`, ...value.map((one) => `    - ${flow(one)}`)].join('\n');
}

function flow(value: unknown): string {
  return JSON.stringify(value, null, 1).replaceAll(/\n */g, ' ');
}

/** The text: `words` are the rules in force, of which flap and quiet are those proposed. */
export function proposalYaml(words: Words, rules: FlapRules, notes: readonly string[]): string {
  const proposed = {
    ...words,
    flap: rules.flap.map(ruleWords),
    quiet: durationWords(rules.quietMs),
  };
  const comments = notes.map((note) => `# ${note.replaceAll(/[\r\n]+/g, ' ')}`);
  return [...comments, 'rules:', ...Object.entries(proposed).map(lineOf), ''].join('\n');
}
