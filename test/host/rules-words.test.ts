// Rules in words are read back as the same rules: those of any detector, class and list.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readRulesFile } from '../../src/config/rules-file.js';
import { wordsOfRules } from '../../src/config/rules-words.js';
import { DEFAULT_RULES } from '../../src/config/rules.js';

const folder = mkdtempSync(join(tmpdir(), 'flapline-rules-words-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FILES: readonly string[] = [
  '{}',
  '{flap: [], chatter: true, maxSkew: off, repeat: 0s}',
  `flap: ["2 in 250ms", "64 in 36h"]
quiet: 90s
outage: 10.5s
mergeGap: 1s
sourceSilence: 15m
staleAfter: 7d
sourceProfile: {raiseDelay: 2.5s, clearDelay: 10s}
ignore: {alarms: ["TEST", "a: b"], severities: [INFO]}
detectors:
  - {kind: penalty, preset: rfc7196-cisco, shadow: true}
  - {kind: penalty, name: own, halfLifeUp: 7m, penaltyUp: 250, maxSuppress: 2h}
  - {kind: weighted, preset: nagios-sample}
  - {kind: weighted, name: tight, high: 12.5, low: 3}
  - {kind: transient, window: 15m, count: 3, duration: 1m}
  - {kind: window, name: strict, flap: ["2 in 1m"], quiet: 10m, classes: [vpn]}
classes:
  - {name: vpn, match: {product: [IPLC, "International VPN"], international: true}, outage: 10s}
  - {name: slow, match: {bandwidth_kbps: 64}, sourceProfile: {raiseDelay: 3s}, mergeGap: off}`,
];

describe('rules in words', () => {
  it('are read back as the same rules', () => {
    for (const [i, text] of FILES.entries()) {
      const file = join(folder, `${i}.yaml`);
      writeFileSync(file, text);
      const rules = readRulesFile(file);
      const again = join(folder, `${i}-again.yaml`);
      writeFileSync(again, JSON.stringify(wordsOfRules(rules)));
      expect(readRulesFile(again)).toEqual(rules);
      expect(wordsOfRules(rules)).not.toEqual({});
    }
  });

  it('of the defaults say every default', () => {
    expect(wordsOfRules(DEFAULT_RULES)).toEqual({
      flap: ['4 in 10m', '5 in 1h'],
      quiet: '30m',
      outage: '1m',
      repeat: '30d',
      mergeGap: 'off',
      staleAfter: 'off',
      maxSkew: '5m',
      sourceSilence: 'off',
    });
  });
});
