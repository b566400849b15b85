// Rules in words: everything a file of rules can say, what it leaves to defaults and presets, and each
// mistake with its file, line, column and what may stand there.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PENALTY_PRESETS, WEIGHTED_PRESETS } from '../../src/config/presets.js';
import { ROOT } from '../../src/config/root.js';
import { checkRules } from '../../src/config/rules-check.js';
import { readRulesFile, rulesOf } from '../../src/config/rules-file.js';
import {
  DEFAULT_RULES,
  type LineRules,
  type PenaltyDetector,
  type Rules,
} from '../../src/config/rules.js';
import { readConfigFile } from '../../src/config/settings.js';
import { scratch } from './command.js';

const file = scratch();

function rules(text: string): Rules {
  writeFileSync(file('rules.yaml'), text);
  return readRulesFile(file('rules.yaml'));
}

/** What reading the text throws, without the folder. */
function mistakes(text: string): string {
  try {
    rules(text);
  } catch (error) {
    return String((error as Error).message).replaceAll(file('rules.yaml'), 'rules.yaml');
  }
  throw new Error('nothing is wrong');
}

const ALL = `
flap: ["3 in 90s"]
quiet: 5m
outage: 30s
repeat: 14d
mergeGap: 1s
staleAfter: 1d
sourceProfile: {raiseDelay: 2.5s, clearDelay: 10s}
maxSkew: off
sourceSilence: 15m
chatter: true
ignore: {alarms: [TEST], causes: [drill], severities: [cleared, info]}
detectors:
  - {kind: window, name: strict, flap: [2 in 1m], quiet: 10m, classes: [vpn]}
  - {kind: penalty}
  - {kind: penalty, preset: rfc7196-juniper, shadow: true, suppress: 6000}
  - {kind: weighted}
  - {kind: weighted, preset: nagios-sample, name: nagios, low: 4.5, quiet: 1h}
  - {kind: transient, window: 30m, count: 5, duration: 90s}
classes:
  - name: vpn
    match: {product: International VPN, international: true, bandwidth_kbps: [2048, 4096]}
    outage: 10s
    mergeGap: off
  - {name: rest, match: {branch: [广州, 深圳]}}
`;

describe('a file of rules', () => {
  it('says everything', () => {
    const lines: LineRules = {
      flap: [{ starts: 3, windowMs: 90_000 }],
      quietMs: 300_000,
      outageMs: 30_000,
      repeatMs: 14 * 86_400_000,
      mergeGapMs: 1_000,
      correctionMs: 7_500,
      staleAfterMs: 86_400_000,
    };
    const found = rules(ALL);
    expect(found).toEqual({
      ...lines,
      maxSkewMs: null,
      sourceSilenceMs: 900_000,
      chatter: true,
      ignore: { alarms: ['TEST'], causes: ['drill'], severities: ['cleared', 'info'] },
      detectors: [
        {
          kind: 'window',
          name: 'strict',
          shadow: false,
          classes: ['vpn'],
          flap: [{ starts: 2, windowMs: 60_000 }],
          quietMs: 600_000,
        },
        {
          kind: 'penalty',
          name: 'penalty',
          shadow: false,
          classes: [],
          ...PENALTY_PRESETS.flapline,
        },
        {
          kind: 'penalty',
          name: 'rfc7196-juniper',
          shadow: true,
          classes: [],
          ...PENALTY_PRESETS['rfc7196-juniper'],
          suppress: 6_000,
        },
        {
          kind: 'weighted',
          name: 'weighted',
          shadow: false,
          classes: [],
          ...WEIGHTED_PRESETS.icinga,
          quietMs: 300_000,
        },
        {
          kind: 'weighted',
          name: 'nagios',
          shadow: false,
          classes: [],
          form: 'nagios',
          high: 20,
          low: 4.5,
          quietMs: 3_600_000,
        },
        {
          kind: 'transient',
          name: 'transient',
          shadow: false,
          classes: [],
          windowMs: 1_800_000,
          countMax: 5,
          durationMsMax: 90_000,
        },
      ],
      classes: [
        {
          name: 'vpn',
          match: {
            product: ['International VPN'],
            international: ['true'],
            bandwidth_kbps: ['2048', '4096'],
          },
          rules: { ...lines, outageMs: 10_000, mergeGapMs: null },
        },
        { name: 'rest', match: { branch: ['广州', '深圳'] }, rules: lines },
      ],
    });
  });

  it('is what the README shows', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const [, shown] = /```yaml\n(rules:\n[^]*?)```/.exec(readme)!;
    writeFileSync(file('readme.yaml'), shown);
    const config = readConfigFile(file('readme.yaml'))!;
    const found = rulesOf(config, config.value.rules!, ['rules']);
    expect(found.detectors.map(({ name }) => name)).toEqual([
      'rfc7196-cisco',
      'icinga',
      'transient',
      'strict',
    ]);
    expect(found.classes.map(({ name }) => name)).toEqual(['vpn']);
    expect(found).toMatchObject({ flap: DEFAULT_RULES.flap, correctionMs: 7_500 });
  });

  it('has the transient accumulation of the specification by default', () => {
    expect(rules('detectors: [{kind: transient}]').detectors[0]).toMatchObject({
      windowMs: 900_000,
      countMax: 10,
      durationMsMax: 60_000,
    });
  });

  it('is read from flapline.yaml too, and its places are of that file', () => {
    const name = file('flapline.yaml');
    writeFileSync(name, 'port: 80\nrules:\n  quiet: 5m\n');
    const config = readConfigFile(name)!;
    expect(rulesOf(config, config.value.rules!, ['rules'])).toEqual({
      ...DEFAULT_RULES,
      quietMs: 300_000,
    });
    writeFileSync(name, 'port: 80\nrules:\n  quiet: soon\n');
    const wrong = readConfigFile(name)!;
    expect(() => rulesOf(wrong, wrong.value.rules!, ['rules'])).toThrow(
      `${name}:3:10: /rules/quiet: 'soon' is no duration`,
    );
  });
});

// [text, what is said of it]: the mistake stands where the place says.
const MISTAKES: readonly (readonly [string, string])[] = [
  ['quiet: 30m\nsilence: 3m\n', '2:1: /silence is not known here: there are: flap, quiet'],
  ['quiet: 30\n', '1:8: /quiet must be text such as 10m'],
  ['quiet: 30 minutes\n', "1:8: /quiet: '30 minutes' is no duration; write a number and a unit"],
  ['quiet: 0s\n', '1:8: /quiet must be 1ms to 3650d'],
  ['repeat: 4000d\n', '1:9: /repeat must be 0ms to 3650d'],
  ['flap: 4 in 10m\n', '1:7: /flap must be a list'],
  ['flap:\n  - 4 in 10m\n  - often\n', "3:5: /flap/1: 'often' is no rule; write it as '4 in 10m'"],
  ['flap:\n  - 99 in 10m\n', "2:5: /flap/0 '99 in 10m': starts must be 2 to 64"],
  ['mergeGap: never\n', "1:11: /mergeGap: 'never' is no duration"],
  ['sourceProfile: {raise: 1s}\n', '1:17: /sourceProfile/raise is not known here: there are: rai'],
  ['sourceProfile: {raiseDelay: 2m}\n', '1:16: /sourceProfile its raise delay makes every'],
  ['ignore: {alarms: LOS}\n', '1:18: /ignore/alarms must be a list'],
  ['detectors: [{kind: magic}]\n', '1:20: /detectors/0/kind must be window or penalty or weighted'],
  ['detectors: [{shadow: true}]\n', '1:13: /detectors/0 needs kind'],
  ['detectors: [penalty]\n', '1:13: /detectors/0 must be a map'],
  ['detectors:\n  - kind: penalty\n    high: 3\n', '3:5: /detectors/0/high is not known here'],
  [
    'detectors: [{kind: penalty, preset: cisco}]\n',
    '1:37: /detectors/0/preset must be flapline or',
  ],
  ['detectors: [{kind: penalty, reuse: a}]\n', '1:36: /detectors/0/reuse must be a number'],
  [
    'detectors: [{kind: penalty, reuse: 4000}]\n',
    '1:36: /detectors/0/reuse must not be above supp',
  ],
  [
    'detectors: [{kind: penalty, maxSuppress: 5m}]\n',
    '1:42: /detectors/0/maxSuppress sets a ceiling of 1414, below suppress (3000)',
  ],
  [
    'detectors: [{kind: penalty, penaltyDown: 0}]\n',
    '1:42: /detectors/0/penaltyDown and penaltyUp',
  ],
  ['detectors: [{kind: weighted, low: 31}]\n', '1:35: /detectors/0/low must be below high (30)'],
  ['detectors: [{kind: weighted, high: 101}]\n', '1:36: /detectors/0/high must be <= 100'],
  [
    'detectors: [{kind: window, flap: [2 in 1m]}]\n',
    "1:13: /detectors/0/name 'window' is the prim",
  ],
  ['detectors: [{kind: window, name: w}]\n', '1:13: /detectors/0/flap must name a rule such as'],
  ['detectors: [{kind: penalty, name: A b}]\n', "1:35: /detectors/0/name 'A b' must be 1 to 32"],
  [
    'detectors:\n  - {kind: penalty}\n  - {kind: penalty}\n',
    "3:5: /detectors/1/name 'penalty' is taken by detectors 0: give another name",
  ],
  [
    `detectors: [${Array.from({ length: 9 }, (_, i) => `{kind: penalty, name: p${i}}`).join()}]\n`,
    '1:12: /detectors at most 8 detectors, not 9',
  ],
  [
    'detectors: [{kind: penalty, classes: [gold]}]\n',
    "1:39: /detectors/0/classes/0 no class is named 'gold'; there are: none",
  ],
  ['detectors: [{kind: transient, count: 0}]\n', '1:38: /detectors/0/count must be >= 1'],
  ['classes: [{name: a}]\n', '1:11: /classes/0 needs match'],
  ['classes: [{name: a, match: {}}]\n', '1:28: /classes/0/match must name a column of lines.csv'],
  ['classes: [{name: a, match: {colour: red}}]\n', '1:37: /classes/0/match/colour is no column'],
  ['classes: [{name: a, match: {branch: {}}}]\n', '1:37: /classes/0/match/branch must be text, or'],
  ['classes:\n- name: a\n  match: {branch: x}\n  quiet: x\n', "4:10: /classes/0/quiet: 'x' is no"],
  ['chatter: often\n', '1:10: /chatter must be true or false'],
  ['- flap\n', '1:1: the file must be a map'],
];

describe('a mistake', () => {
  it.each(MISTAKES)('in %j is told with its place', (text, told) => {
    expect(mistakes(text)).toContain(`rules.yaml:${told}`);
  });

  it('is told together with the others, up to five', () => {
    expect(mistakes('quiet: a\noutage: b\n')).toMatch(/:1:8: .*; .*:2:9: /);
    const six = mistakes('a: 1\nb: 1\nc: 1\nd: 1\ne: 1\nf: 1\n');
    expect(six).toContain('5:1: /e');
    expect(six).not.toContain('6:1: /f');
    expect(six).toMatch(/; and 1 more$/);
  });

  it('behind an anchor is told where it is written', () => {
    const text = 'detectors:\n  - &a {kind: penalty, name: a, reuse: 9999}\n';
    expect(mistakes(text)).toContain('2:40: /detectors/0/reuse');
  });

  it('in rules that come from elsewhere is refused too', () => {
    expect(() => checkRules({ ...DEFAULT_RULES, outageMs: Number.NaN })).toThrow(
      /\/outage must be/,
    );
    expect(() => checkRules({ ...DEFAULT_RULES, correctionMs: -60_000 })).toThrow(/sourceProfile/);
    checkRules(DEFAULT_RULES);
  });
});

describe('presets', () => {
  it.each(Object.keys(PENALTY_PRESETS))(
    '%s of the penalty detector stands in the bounds',
    (name) => {
      const [detector] = rules(`detectors: [{kind: penalty, preset: ${name}}]`).detectors;
      const { reuse, suppress, maxSuppressMs, halfLifeUpMs } = detector as PenaltyDetector;
      expect(reuse * 2 ** (maxSuppressMs / halfLifeUpMs)).toBeGreaterThanOrEqual(suppress);
      expect(detector.name).toBe(name);
    },
  );

  it.each(Object.keys(WEIGHTED_PRESETS))('%s of the weighted detector too', (name) => {
    expect(rules(`detectors: [{kind: weighted, preset: ${name}}]`).detectors).toHaveLength(1);
  });
});
