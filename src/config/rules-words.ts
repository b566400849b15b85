// Rules as the words of a file of rules, complete: what rules-file.ts reads back as the same rules. For
// people to look at, and to begin a proposal with.

import type { RulesFile } from './rules-schema.js';
import {
  type Detector,
  type LineClass,
  type LineRules,
  type Rules,
  durationWords,
  ruleWords,
} from './rules.js';

type DetectorWords = NonNullable<RulesFile['detectors']>[number];
type ClassWords = NonNullable<RulesFile['classes']>[number];

const orOff = (ms: number | null): string => (ms === null ? 'off' : durationWords(ms));

/** Only the difference of the delays is kept, so one of them is said. */
function profileWords(correctionMs: number): ClassWords['sourceProfile'] {
  return correctionMs < 0
    ? { raiseDelay: durationWords(-correctionMs) }
    : { clearDelay: durationWords(correctionMs) };
}

function lineWords(rules: LineRules) {
  return {
    flap: rules.flap.map(ruleWords),
    quiet: durationWords(rules.quietMs),
    outage: durationWords(rules.outageMs),
    repeat: durationWords(rules.repeatMs),
    mergeGap: orOff(rules.mergeGapMs),
    staleAfter: orOff(rules.staleAfterMs),
    ...(rules.correctionMs === 0 ? {} : { sourceProfile: profileWords(rules.correctionMs) }),
  };
}

function detectorWords(detector: Detector): DetectorWords {
  const { name, shadow } = detector;
  const base = { name, shadow, classes: [...detector.classes] };
  switch (detector.kind) {
    case 'window': {
      const { flap, quietMs } = detector;
      return { kind: 'window', ...base, flap: flap.map(ruleWords), quiet: durationWords(quietMs) };
    }
    case 'penalty': {
      const { penaltyDown, penaltyUp, suppress, reuse } = detector;
      return {
        kind: 'penalty',
        ...base,
        halfLifeUp: durationWords(detector.halfLifeUpMs),
        halfLifeDown: durationWords(detector.halfLifeDownMs),
        penaltyDown,
        penaltyUp,
        suppress,
        reuse,
        maxSuppress: durationWords(detector.maxSuppressMs),
      };
    }
    case 'weighted': {
      const { form: preset, high, low, quietMs } = detector;
      return { kind: 'weighted', ...base, preset, high, low, quiet: durationWords(quietMs) };
    }
    case 'transient':
      return {
        kind: 'transient',
        ...base,
        window: durationWords(detector.windowMs),
        count: detector.countMax,
        duration: durationWords(detector.durationMsMax),
      };
  }
}

function classWords({ name, match, rules }: LineClass): ClassWords {
  const columns = Object.entries(match).map(([column, values]): [string, string[]] => [
    column,
    [...values],
  ]);
  return { name, match: Object.fromEntries(columns), ...lineWords(rules) };
}

/** The words of rules; an empty list, or what is off by default and off, is left out. */
export function wordsOfRules(rules: Rules): RulesFile {
  const { detectors, classes, ignore } = rules;
  const ignored = Object.entries(ignore).filter(([, names]) => names.length > 0);
  return {
    ...lineWords(rules),
    maxSkew: orOff(rules.maxSkewMs),
    sourceSilence: orOff(rules.sourceSilenceMs),
    ...(rules.chatter ? { chatter: true } : {}),
    ...(detectors.length > 0 ? { detectors: detectors.map(detectorWords) } : {}),
    ...(classes.length > 0 ? { classes: classes.map(classWords) } : {}),
    ...(ignored.length > 0 ? { ignore: Object.fromEntries(ignored) } : {}),
  };
}
