// Rules from words: a file of their own (`--rules`), or the part `rules` of flapline.yaml. What is
// not said keeps its default; a class keeps what lines without one have. All mistakes of a file are
// told together, each with its line and column.

import { FlaplineError } from './errors.js';
import { CLASS_COLUMNS } from './record-kinds.js';
import type { YamlPath } from './placed-yaml.js';
import { PENALTY_PRESETS, WEIGHTED_PRESETS } from './presets.js';
import { rulesProblems } from './rules-check.js';
import { type RulesFile, RulesSchema } from './rules-schema.js';
import {
  DEFAULT_RULES,
  type Detector,
  type LineClass,
  type LineRules,
  type Rules,
  parseDuration,
  parseDurationOrOff,
  parseFlapRule,
} from './rules.js';
import { type YamlFile, mistakesError, pathText, readYaml } from './yaml-file.js';

type DetectorWords = NonNullable<RulesFile['detectors']>[number];
type ClassWords = NonNullable<RulesFile['classes']>[number];
type LineWords = Omit<ClassWords, 'name' | 'match'>;

/** 15 min; 10; 60 s (SPEC section 2, transient accumulation). */
const TRANSIENT = { windowMs: 900_000, countMax: 10, durationMsMax: 60_000 };

/** Reads words and notes what is wrong with them, so that all mistakes are told at once. */
class WordReader {
  readonly mistakes: string[] = [];
  private readonly file: YamlFile<unknown>;
  private readonly at: YamlPath;

  constructor(file: YamlFile<unknown>, at: YamlPath) {
    this.file = file;
    this.at = at;
  }

  /** `words` as `parse` has them; `usual` when nothing is said, or when it is a mistake. */
  read<W, T, U>(
    path: YamlPath,
    words: W | undefined,
    usual: U,
    parse: (words: W, what: string) => T,
  ): T | U {
    if (words === undefined) return usual;
    const what = pathText([...this.at, ...path]);
    try {
      return parse(words, what);
    } catch (error) {
      if (!(error instanceof FlaplineError)) throw error;
      this.mistakes.push(`${this.file.placeOf([...this.at, ...path])}: ${error.message}`);
      return usual;
    }
  }

  /** Notes a mistake. */
  complain(path: YamlPath, text: string): void {
    const whole = [...this.at, ...path];
    this.mistakes.push(`${this.file.placeOf(whole)}: ${pathText(whole)} ${text}`);
  }
}

function flapOf(
  reader: WordReader,
  at: YamlPath,
  words: readonly string[] | undefined,
  usual: LineRules['flap'],
): LineRules['flap'] {
  return (
    words?.flatMap((rule, i) => reader.read([...at, 'flap', i], rule, [], parseFlapRule)) ?? usual
  );
}

function correctionOf(
  reader: WordReader,
  at: YamlPath,
  profile: LineWords['sourceProfile'],
  usualMs: number,
): number {
  if (profile === undefined) return usualMs;
  const delay = (key: 'raiseDelay' | 'clearDelay'): number =>
    reader.read([...at, 'sourceProfile', key], profile[key], 0, parseDuration);
  return delay('clearDelay') - delay('raiseDelay');
}

function lineRulesOf(
  reader: WordReader,
  at: YamlPath,
  words: LineWords,
  usual: LineRules,
): LineRules {
  const ms = (key: 'quiet' | 'outage' | 'repeat', usualMs: number): number =>
    reader.read([...at, key], words[key], usualMs, parseDuration);
  const orOff = (key: 'mergeGap' | 'staleAfter', usualMs: number | null): number | null =>
    reader.read([...at, key], words[key], usualMs, parseDurationOrOff);
  return {
    flap: flapOf(reader, at, words.flap, usual.flap),
    quietMs: ms('quiet', usual.quietMs),
    outageMs: ms('outage', usual.outageMs),
    repeatMs: ms('repeat', usual.repeatMs),
    mergeGapMs: orOff('mergeGap', usual.mergeGapMs),
    correctionMs: correctionOf(reader, at, words.sourceProfile, usual.correctionMs),
    staleAfterMs: orOff('staleAfter', usual.staleAfterMs),
  };
}

function detectorOf(
  reader: WordReader,
  at: YamlPath,
  words: DetectorWords,
  lines: LineRules,
): Detector {
  const ms = (key: string, said: string | undefined, usualMs: number): number =>
    reader.read([...at, key], said, usualMs, parseDuration);
  const preset = 'preset' in words ? words.preset : undefined;
  const base = {
    name: words.name ?? preset ?? words.kind,
    shadow: words.shadow ?? false,
    classes: words.classes ?? [],
  };
  if (words.kind === 'window') {
    const flap = flapOf(reader, at, words.flap, []);
    return { kind: 'window', ...base, flap, quietMs: ms('quiet', words.quiet, lines.quietMs) };
  }
  if (words.kind === 'weighted') {
    const usual = WEIGHTED_PRESETS[(words.preset ?? 'icinga') as keyof typeof WEIGHTED_PRESETS];
    const { form, high, low } = { ...usual, ...picked(words, ['high', 'low']) };
    const quietMs = ms('quiet', words.quiet, lines.quietMs);
    return { kind: 'weighted', ...base, form, high, low, quietMs };
  }
  if (words.kind === 'transient') {
    return {
      kind: 'transient',
      ...base,
      windowMs: ms('window', words.window, TRANSIENT.windowMs),
      countMax: words.count ?? TRANSIENT.countMax,
      durationMsMax: ms('duration', words.duration, TRANSIENT.durationMsMax),
    };
  }
  const usual = PENALTY_PRESETS[(words.preset ?? 'flapline') as keyof typeof PENALTY_PRESETS];
  return {
    kind: 'penalty',
    ...base,
    ...usual,
    ...picked(words, ['penaltyDown', 'penaltyUp', 'suppress', 'reuse']),
    halfLifeUpMs: ms('halfLifeUp', words.halfLifeUp, usual.halfLifeUpMs),
    halfLifeDownMs: ms('halfLifeDown', words.halfLifeDown, usual.halfLifeDownMs),
    maxSuppressMs: ms('maxSuppress', words.maxSuppress, usual.maxSuppressMs),
  };
}

/** The numbers among `keys` that are said. */
function picked<K extends string>(
  words: { readonly [key in K]?: number },
  keys: readonly K[],
): { [key in K]?: number } {
  const said = keys.filter((key) => words[key] !== undefined);
  return Object.fromEntries(said.map((key) => [key, words[key]])) as { [key in K]?: number };
}

function classOf(
  reader: WordReader,
  at: YamlPath,
  { name, match, ...words }: ClassWords,
  lines: LineRules,
): LineClass {
  const columns = Object.entries(match).map(([column, said]) => {
    if (!CLASS_COLUMNS.includes(column)) {
      const known = CLASS_COLUMNS.join(', ');
      reader.complain(
        [...at, 'match', column],
        `is no column of lines.csv that is kept; there are: ${known}`,
      );
    }
    return [column, [said].flat().map(String)] as const;
  });
  const rules = lineRulesOf(reader, at, words, lines);
  return { name, match: Object.fromEntries(columns), rules };
}

/** Rules from the words that stand at `at` in a file. Throws BAD_CONFIG with all mistakes. */
export function rulesOf(file: YamlFile<unknown>, words: RulesFile, at: YamlPath): Rules {
  const reader = new WordReader(file, at);
  const lines = lineRulesOf(reader, [], words, DEFAULT_RULES);
  const { maxSkewMs, sourceSilenceMs, ignore } = DEFAULT_RULES;
  const rules: Rules = {
    ...lines,
    detectors:
      words.detectors?.map((one, i) => detectorOf(reader, ['detectors', i], one, lines)) ?? [],
    classes: words.classes?.map((one, i) => classOf(reader, ['classes', i], one, lines)) ?? [],
    chatter: words.chatter ?? false,
    maxSkewMs: reader.read(['maxSkew'], words.maxSkew, maxSkewMs, parseDurationOrOff),
    sourceSilenceMs: reader.read(
      ['sourceSilence'],
      words.sourceSilence,
      sourceSilenceMs,
      parseDurationOrOff,
    ),
    ignore: {
      alarms: words.ignore?.alarms ?? ignore.alarms,
      causes: words.ignore?.causes ?? ignore.causes,
      severities: words.ignore?.severities ?? ignore.severities,
    },
  };
  // Bounds only of what could be read: a mistake in words is told once.
  if (reader.mistakes.length === 0) {
    for (const { path, text } of rulesProblems(rules)) reader.complain(path, text);
  }
  if (reader.mistakes.length > 0) throw mistakesError(reader.mistakes);
  return rules;
}

/** Reads a file of rules. Throws BAD_CONFIG. */
export function readRulesFile(file: string): Rules {
  const read = readYaml(file, RulesSchema);
  return rulesOf(read, read.value, []);
}
