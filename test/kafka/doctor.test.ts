// doctor on an embedded broker: what it says of topics that are well and of those that are not.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { DEFAULT_LIMITS, OBJECT_BYTES_MAX } from '../../src/config/limits.js';
import { DEFAULT_RULES } from '../../src/config/rules.js';
import type { Check } from '../../src/doctor/check.js';
import { type DoctorOptions, examine } from '../../src/doctor/doctor.js';
import { checkKept, checkLayout } from '../../src/doctor/topic.js';
import { flapline } from '../cli/command.js';
import { brokers, topicOf, useBroker, type Entry } from './helpers.js';

useBroker();

const folder = mkdtempSync(join(tmpdir(), 'flapline-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NOW = Date.now();
const event = (line: string, timeMs: number): Buffer =>
  Buffer.from(JSON.stringify({ line, time: timeMs, state: 'down' }));
const lines = Array.from({ length: 60 }, (_, i) => `GZ-DDN-${i}`);
const keyed = lines.map((line, i): Entry => [line, event(line, NOW - i), NOW]);

async function checksOf(topic: string, options: Partial<DoctorOptions> = {}) {
  const checks = await examine({
    kafka: { brokers: brokers(), topic, settings: {}, startTimeoutMs: 10_000 },
    dataFolder: folder,
    format: 'native',
    rules: DEFAULT_RULES,
    decoder: { limits: DEFAULT_LIMITS, zone: [] },
    objectBytesMax: OBJECT_BYTES_MAX,
    records: 1_000,
    ...options,
  });
  return new Map(checks.map((check) => [check.subject, check] as const));
}

const found = (checks: Map<string, Check>, subject: string): string => {
  const check = checks.get(subject)!;
  return `${check.state}: ${check.text}${check.advice === null ? '' : ` -> ${check.advice}`}`;
};

describe('doctor', () => {
  it('finds nothing wrong with a topic keyed by line', async () => {
    const checks = await checksOf(await topicOf(keyed));
    const states = [...checks].map(([subject, { state }]) => [subject, state]);
    expect(Object.fromEntries(states)).toEqual({
      folder: 'ok',
      codecs: checks.get('codecs')!.state,
      cluster: 'ok',
      partitions: 'ok',
      kept: 'ok',
      format: 'ok',
      keys: 'ok',
      sizes: 'ok',
      clocks: 'ok',
    });
    expect(found(checks, 'keys')).toBe('ok: 60 lines, each on one partition');
    expect(found(checks, 'format')).toBe('ok: native: 60 events in the newest 60 records');
  });

  it('names the format that the records have', async () => {
    const fault = {
      event: {
        commonEventHeader: {
          domain: 'fault',
          sourceName: 'router-1',
          lastEpochMicrosec: NOW * 1000,
          eventName: 'x',
          version: '4.1',
        },
        faultFields: {
          alarmInterfaceA: 'GE0/1',
          alarmCondition: 'LOS',
          eventSeverity: 'MAJOR',
          specificProblem: 'los',
        },
      },
    };
    const value = Buffer.from(JSON.stringify(fault));
    const checks = await checksOf(await topicOf([['router-1', value, NOW]]));
    expect(found(checks, 'format')).toMatch(
      /^fault: native: 0 events .*no "line".* -> --format ves reads 1 events of them, 0 rejected$/,
    );
  });

  it('sees lines on several partitions and records without a key', async () => {
    const hosts = Array.from({ length: 40 }, (_, i): Entry => {
      const line = lines[i % 2]!;
      return [`host-${i}`, event(line, NOW), NOW];
    });
    const spread = await checksOf(await topicOf(hosts));
    expect(found(spread, 'keys')).toMatch(/^warning: 2 of 2 \(100 %\) lines .*flapline rekey/);
    const bare = lines.map((line): Entry => [null, event(line, NOW), NOW]);
    const unkeyed = await checksOf(await topicOf(bare));
    expect(found(unkeyed, 'keys')).toMatch(/^warning: 60 of 60 \(100 %\) records have no key/);
  });

  it('says whose clock is ahead and by what', async () => {
    const ahead = event('SZ-MSTP-1', NOW + 8 * 3_600_000);
    const checks = await checksOf(await topicOf([...keyed, ['SZ-MSTP-1', ahead, NOW]]));
    expect(found(checks, 'clocks')).toMatch(
      /^warning: 1 of 61 \(1.6 %\) events more than 5 min ahead .*SZ-MSTP-1: source clock ahead by 8 h: a time zone\? -> set those clocks/,
    );
  });

  it('says what a store or a folder lacks', async () => {
    writeFileSync(join(folder, 'flapline.duckdb'), 'no database');
    const checks = await checksOf(await topicOf(keyed));
    expect(checks.get('store')).toMatchObject({ state: 'fault' });
    rmSync(join(folder, 'flapline.duckdb'));
  });

  it('judges copies and what is kept', () => {
    const copy = { partition: 0, replicas: 3, inSync: 3, hasLeader: true };
    const stateOf = (partition: object, count = 3): string =>
      checkLayout({ brokers: count, partitions: [{ ...copy, ...partition }] }).state;
    expect(stateOf({})).toBe('ok');
    expect(stateOf({ inSync: 2 })).toBe('warning');
    expect(stateOf({ hasLeader: false })).toBe('fault');
    expect(stateOf({ replicas: 1, inSync: 1 })).toBe('warning');
    expect(stateOf({ replicas: 1, inSync: 1 }, 1)).toBe('ok');
    const kept = (days: number): string =>
      checkKept([{ partition: 0, low: 5, high: 9, firstMs: NOW - days * 86_400_000 }], NOW).state;
    expect([kept(1), kept(2.9), kept(3), kept(30)]).toEqual(['warning', 'warning', 'ok', 'ok']);
    expect(checkKept([{ partition: 0, low: 9, high: 9, firstMs: null }], NOW).state).toBe('note');
  });

  it('ends as a service would, and prints a line a check', async () => {
    const topic = await topicOf(keyed);
    const at = ['--kafka', brokers(), '--topic', topic, '--data', folder];
    const well = await flapline(['doctor', ...at]);
    expect(well.code).toBe(0);
    expect(well.stdout).toMatch(/^ok +keys +60 lines, each on one partition$/m);
    const away = ['--kafka', '127.0.0.1:1', '--topic', topic, '--start-timeout', '1s'];
    const absent = await flapline(['doctor', ...away, '--data', folder, '--json']);
    expect(absent.code).toBe(69);
    const { checks } = JSON.parse(absent.stdout) as { checks: Check[] };
    expect(checks.at(-1)).toMatchObject({ subject: 'cluster', state: 'fault' });
  });
});
