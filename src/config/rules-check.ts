// The bounds of rules, wherever they come from. A problem names the part by the words of a file of
// rules, so that who has read one can say on which line it stands.

import {
  DETECTORS_MAX,
  FLAP_RULES_MAX,
  FLAP_STARTS_MAX,
  RULE_SETS,
  TRANSIENT_SLICES,
} from '../../assembly/layout.js';
import { FlaplineError } from './errors.js';
import {
  type Detector,
  type FlapRule,
  type LineRules,
  type PenaltyDetector,
  type Rules,
  WINDOW_DETECTOR,
  type WeightedDetector,
  durationWords,
  ruleWords,
} from './rules.js';

/** Classes of lines: class 0 is none. */
const CLASSES_MAX = RULE_SETS - 1;
/** Names in one list of what is ignored, values in one column of a class. */
const LISTED_NAMES_MAX = 1_000;
/** Ten years: longer is a slip of the pen. */
const DURATION_MS_MAX = 3_650 * 86_400_000;
/** Transient accumulation sums the ms of a slice in 32 bits: a window's 32nd part and one outage. */
const OUTAGE_MS_MAX = 20 * 86_400_000;
const TRANSIENT_WINDOW_MS_MAX = 366 * 86_400_000;
/** Delays of a source. */
const DELAY_MS_MAX = 86_400_000;
const PENALTY_MAX = 1e9;
/** 2^this times `reuse` is the highest ceiling of a penalty. */
const PENALTY_DOUBLINGS_MAX = 32;
const TRANSIENT_COUNT_MAX = 1_000_000;
const NAME = /^[a-z0-9-]{1,32}$/;

/** What is wrong, and the words that say it: `['detectors', 0, 'reuse']`. */
export interface RulesProblem {
  readonly path: readonly (string | number)[];
  readonly text: string;
}

type Complain = (path: RulesProblem['path'], text: string) => void;

function checkDuration(
  path: RulesProblem['path'],
  ms: number | null,
  leastMs: number,
  complain: Complain,
  mostMs = DURATION_MS_MAX,
): void {
  if (ms === null || (Number.isInteger(ms) && ms >= leastMs && ms <= mostMs)) return;
  complain(path, `must be ${durationWords(leastMs)} to ${durationWords(mostMs)}`);
}

function checkFlap(at: RulesProblem['path'], flap: readonly FlapRule[], complain: Complain): void {
  const path = [...at, 'flap'];
  if (flap.length > FLAP_RULES_MAX) complain(path, `at most ${FLAP_RULES_MAX} flap rules`);
  flap.forEach((rule, i) => {
    if (!(rule.starts >= 2 && rule.starts <= FLAP_STARTS_MAX)) {
      complain([...path, i], `'${ruleWords(rule)}': starts must be 2 to ${FLAP_STARTS_MAX}`);
    }
    checkDuration([...path, i], rule.windowMs, 1, complain);
  });
}

function checkLineRules(at: RulesProblem['path'], rules: LineRules, complain: Complain): void {
  checkFlap(at, rules.flap, complain);
  checkDuration([...at, 'quiet'], rules.quietMs, 1, complain);
  checkDuration([...at, 'outage'], rules.outageMs, 1, complain, OUTAGE_MS_MAX);
  checkDuration([...at, 'repeat'], rules.repeatMs, 0, complain);
  checkDuration([...at, 'mergeGap'], rules.mergeGapMs, 0, complain);
  checkDuration([...at, 'staleAfter'], rules.staleAfterMs, 1, complain);
  const profile = [...at, 'sourceProfile'];
  if (!(Math.abs(rules.correctionMs) <= DELAY_MS_MAX)) {
    complain(profile, `its delays must not differ by more than ${durationWords(DELAY_MS_MAX)}`);
  } else if (rules.outageMs + rules.correctionMs < 1) {
    complain(profile, 'its raise delay makes every interruption an outage: lower it');
  }
}

function checkPenalty(at: RulesProblem['path'], found: PenaltyDetector, complain: Complain): void {
  checkDuration([...at, 'halfLifeUp'], found.halfLifeUpMs, 1, complain);
  checkDuration([...at, 'halfLifeDown'], found.halfLifeDownMs, 1, complain);
  checkDuration([...at, 'maxSuppress'], found.maxSuppressMs, 1, complain);
  const numbers = ['penaltyDown', 'penaltyUp', 'suppress', 'reuse'] as const;
  const bad = numbers.filter((key) => !(found[key] >= 0 && found[key] <= PENALTY_MAX));
  for (const key of bad) complain([...at, key], `must be 0 to ${PENALTY_MAX}`);
  if (bad.length > 0) return;
  if (found.penaltyDown === 0 && found.penaltyUp === 0) {
    complain([...at, 'penaltyDown'], 'and penaltyUp are both 0: nothing would ever flap');
  }
  if (found.reuse === 0) complain([...at, 'reuse'], 'must be above 0: no penalty decays to 0');
  if (found.reuse > found.suppress) {
    complain([...at, 'reuse'], `must not be above suppress (${found.suppress})`);
  }
  const doublings = found.maxSuppressMs / Math.max(found.halfLifeUpMs, found.halfLifeDownMs);
  if (doublings > PENALTY_DOUBLINGS_MAX) {
    complain([...at, 'maxSuppress'], `must be at most ${PENALTY_DOUBLINGS_MAX} half-lives`);
  } else if (found.reuse * 2 ** doublings < found.suppress) {
    const ceiling = Math.floor(found.reuse * 2 ** doublings);
    complain(
      [...at, 'maxSuppress'],
      `sets a ceiling of ${ceiling}, below suppress (${found.suppress}): nothing would ever flap; ` +
        'raise it, or lower suppress',
    );
  }
}

function checkWeighted(
  at: RulesProblem['path'],
  found: WeightedDetector,
  complain: Complain,
): void {
  for (const key of ['high', 'low'] as const) {
    if (!(found[key] >= 0 && found[key] <= 100)) complain([...at, key], 'must be 0 to 100');
  }
  // Icinga's bounds are open on both sides; Nagios's closed ones would start and stop at once.
  const crossed = found.form === 'icinga' ? found.low > found.high : found.low >= found.high;
  if (crossed) complain([...at, 'low'], `must be below high (${found.high})`);
  checkDuration([...at, 'quiet'], found.quietMs, 1, complain);
}

function checkDetector(at: RulesProblem['path'], detector: Detector, complain: Complain): void {
  if (detector.kind === 'penalty') checkPenalty(at, detector, complain);
  else if (detector.kind === 'weighted') checkWeighted(at, detector, complain);
  else if (detector.kind === 'window') {
    if (detector.flap.length === 0)
      complain([...at, 'flap'], 'must name a rule such as "4 in 10m"');
    checkFlap(at, detector.flap, complain);
    checkDuration([...at, 'quiet'], detector.quietMs, 1, complain);
  } else {
    const { windowMs } = detector;
    checkDuration([...at, 'window'], windowMs, TRANSIENT_SLICES, complain, TRANSIENT_WINDOW_MS_MAX);
    checkDuration([...at, 'duration'], detector.durationMsMax, 0, complain);
    if (!(detector.countMax >= 1 && detector.countMax <= TRANSIENT_COUNT_MAX)) {
      complain([...at, 'count'], `must be 1 to ${TRANSIENT_COUNT_MAX}`);
    }
  }
}

function checkNames(
  part: 'detectors' | 'classes',
  names: readonly string[],
  most: number,
  complain: Complain,
): void {
  if (names.length > most) complain([part], `at most ${most} ${part}, not ${names.length}`);
  names.forEach((name, i) => {
    const path = [part, i, 'name'];
    if (!NAME.test(name)) {
      complain(path, `'${name}' must be 1 to 32 small letters, digits and hyphens`);
    } else if (part === 'detectors' && name === WINDOW_DETECTOR) {
      complain(path, `'${name}' is the primary detector: give this one another name`);
    } else if (names.indexOf(name) < i) {
      complain(path, `'${name}' is taken by ${part} ${names.indexOf(name)}: give another name`);
    }
  });
}

function checkList(path: RulesProblem['path'], names: readonly string[], complain: Complain): void {
  if (names.length > LISTED_NAMES_MAX) complain(path, `at most ${LISTED_NAMES_MAX} names`);
}

/** Everything that is out of bounds, in the order of the parts. */
export function rulesProblems(rules: Rules): RulesProblem[] {
  const problems: RulesProblem[] = [];
  const complain: Complain = (path, text) => problems.push({ path, text });
  checkLineRules([], rules, complain);
  const classes = rules.classes.map(({ name }) => name);
  checkNames('classes', classes, CLASSES_MAX, complain);
  rules.classes.forEach(({ match, rules: own }, i) => {
    const columns = Object.entries(match);
    if (columns.length === 0) complain(['classes', i, 'match'], 'must name a column of lines.csv');
    for (const [column, values] of columns) {
      checkList(['classes', i, 'match', column], values, complain);
    }
    checkLineRules(['classes', i], own, complain);
  });
  const { detectors } = rules;
  checkNames(
    'detectors',
    detectors.map(({ name }) => name),
    DETECTORS_MAX,
    complain,
  );
  detectors.forEach((detector, i) => {
    detector.classes.forEach((name, j) => {
      if (classes.includes(name)) return;
      const known = classes.join(', ') || 'none';
      complain(['detectors', i, 'classes', j], `no class is named '${name}'; there are: ${known}`);
    });
    checkDetector(['detectors', i], detector, complain);
  });
  checkDuration(['maxSkew'], rules.maxSkewMs, 0, complain);
  checkDuration(['sourceSilence'], rules.sourceSilenceMs, 1, complain);
  for (const [list, names] of Object.entries(rules.ignore)) {
    checkList(['ignore', list], names as readonly string[], complain);
  }
  return problems;
}

/** Throws BAD_CONFIG for the first part that is out of bounds. */
export function checkRules(rules: Rules): void {
  const [first] = rulesProblems(rules);
  if (!first) return;
  throw new FlaplineError('BAD_CONFIG', `rules: /${first.path.join('/')} ${first.text}`);
}
