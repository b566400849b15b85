// Settings: flag before variable before flapline.yaml; secrets from files; names relative to the file
// they stand in; and what time zones and times mean.

import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readRulesFile } from '../../src/config/rules-file.js';
import { DEFAULT_RULES } from '../../src/config/rules.js';
import { redacted } from '../../src/config/secrets.js';
import {
  type Sources,
  kafkaSettings,
  readConfigFile,
  readSecret,
  readSettings,
} from '../../src/config/settings.js';
import { type ZoneOffset, parseMoment, timeText, zoneOffsets } from '../../src/config/zone.js';
import { timeOfText } from '../judge/time.js';
import { scratch } from './command.js';

const file = scratch();

function sources(given: Partial<Sources>): Sources {
  return { flags: {}, env: {}, file: null, ...given };
}

function config(text: string): Sources['file'] {
  writeFileSync(file('flapline.yaml'), text);
  return readConfigFile(file('flapline.yaml'));
}

describe('settings', () => {
  it('come by flag, then variable, then file', () => {
    const all = sources({
      flags: { port: '1', insecure: true },
      env: { FLAPLINE_PORT: '2', FLAPLINE_HOST: 'two', FLAPLINE_IDLE: '2s', FLAPLINE_SHARED: 'x' },
      file: config('port: 3\nhost: three\nidle: 3s\nstartTimeout: 1.5m\nquiet: true\n'),
    });
    const keys = ['port', 'host', 'idle', 'startTimeout', 'insecure', 'quiet', 'topic'] as const;
    expect(readSettings(keys, all)).toEqual({
      port: 1,
      host: 'two',
      idle: 2_000,
      startTimeout: 90_000,
      insecure: true,
      quiet: true,
    });
  });

  it('that are switched off by a variable are off', () => {
    const env = { FLAPLINE_INSECURE: 'false' };
    expect(readSettings(['insecure'], sources({ env }))).toEqual({ insecure: false });
    const given = config('insecure: true');
    expect(readSettings(['insecure'], sources({ env, file: given }))).toEqual({ insecure: false });
  });

  it("bound the store's memory and threads, in words that are checked", () => {
    const read = (storeMemory: string): unknown =>
      readSettings(['storeMemory', 'storeThreads'], sources({ flags: { storeMemory } }));
    for (const storeMemory of ['128MB', '1.5GB', '2 gb']) {
      expect(read(storeMemory)).toEqual({ storeMemory });
    }
    for (const words of ['2', '100MB', '0.1GB', '1e9MB', '2TB', '']) {
      expect(() => read(words), words).toThrow(/--store-memory: '.*' must be at least 128MB/);
    }
    const given = config('storeMemory: 512MB\nstoreThreads: 4\n');
    expect(readSettings(['storeMemory', 'storeThreads'], sources({ file: given }))).toEqual({
      storeMemory: '512MB',
      storeThreads: 4,
    });
  });

  it('for librdkafka are pairs everywhere', () => {
    const pairs = { 'a.b': 'c=d', e: '5' };
    const flags = { kafkaSet: ['a.b=c=d', 'e=5'] };
    expect(readSettings(['kafkaSet'], sources({ flags }))).toEqual({ kafkaSet: pairs });
    const env = { FLAPLINE_KAFKA_SET: 'a.b=c=d,e=5' };
    expect(readSettings(['kafkaSet'], sources({ env }))).toEqual({ kafkaSet: pairs });
    const given = config('kafkaSet:\n  a.b: c=d\n  e: 5\n');
    expect(readSettings(['kafkaSet'], sources({ file: given }))).toEqual({ kafkaSet: pairs });
  });

  it('for librdkafka may stand in files, and those that are secrets are told apart', () => {
    writeFileSync(file('password'), 'hunter22\n');
    const given = config('kafkaSet: {sasl.username: me, ssl.key.password: open sesame}\n');
    const env = { FLAPLINE_KAFKA_SET_FILE: `sasl.password=${file('password')}` };
    const both = readSettings(['kafkaSet', 'kafkaSetFile'], sources({ env, file: given }));
    const { settings, secrets } = kafkaSettings(both);
    expect(settings).toMatchObject({ 'sasl.username': 'me', 'sasl.password': 'hunter22' });
    expect(secrets.toSorted()).toEqual(['hunter22', 'open sesame']);
    expect(redacted('me, hunter22: open sesame', secrets)).toBe('me, ***: ***');
    const near = config('kafkaSetFile: {sasl.password: password}\n');
    const read = readSettings(['kafkaSetFile'], sources({ file: near }));
    expect(kafkaSettings(read).settings).toEqual({ 'sasl.password': 'hunter22' });
    expect(() => kafkaSettings({ ...read, kafkaSet: { 'sasl.password': 'x' } })).toThrow(
      'both ways',
    );
  });

  it('that name files are relative to flapline.yaml', () => {
    const given = config('lines: records/lines.csv\ntopic: records/lines.csv\n');
    expect(readSettings(['lines', 'topic'], sources({ file: given }))).toEqual({
      lines: file('records/lines.csv'),
      topic: 'records/lines.csv',
    });
  });

  it('that are wrong are a usage error in a flag, bad configuration elsewhere', () => {
    const flags = { idle: 'x' };
    expect(() => readSettings(['idle'], sources({ flags }))).toThrow(
      expect.objectContaining({ code: 'USAGE' }),
    );
    const env = { FLAPLINE_IDLE: 'x' };
    expect(() => readSettings(['idle'], sources({ env }))).toThrow(
      /^FLAPLINE_IDLE: 'x' is no duration/,
    );
    const given = config('idle: x');
    expect(() => readSettings(['idle'], sources({ file: given }))).toThrow(
      /flapline\.yaml:1:7: \/idle: 'x' is no duration/,
    );
    expect(() => config('idle: [3s]')).toThrow(
      /flapline\.yaml:1:7: \/idle must be text such as 10m$/,
    );
  });
});

describe('secrets', () => {
  it('come from the first source that gives them, or a file of it', () => {
    writeFileSync(file('token'), ' secret\n');
    const env = { FLAPLINE_VIEWER_TOKEN_FILE: file('token') };
    expect(readSecret('viewerToken', sources({ env }))).toBe('secret');
    const flags = { viewerToken: 'flag' };
    expect(readSecret('viewerToken', sources({ env, flags }))).toBe('flag');
    mkdirSync(file('etc'), { recursive: true });
    const given = config('viewerTokenFile: token\n');
    expect(readSecret('viewerToken', sources({ file: given }))).toBe('secret');
    expect(readSecret('operatorToken', sources({ env, flags }))).toBe(null);
  });

  it('given twice, or empty, are refused', () => {
    writeFileSync(file('empty'), '\n');
    const twice = { FLAPLINE_VIEWER_TOKEN: 'a', FLAPLINE_VIEWER_TOKEN_FILE: file('token') };
    expect(() => readSecret('viewerToken', sources({ env: twice }))).toThrow(/both given/);
    const empty = { FLAPLINE_VIEWER_TOKEN_FILE: file('empty') };
    expect(() => readSecret('viewerToken', sources({ env: empty }))).toThrow(/is empty/);
    expect(() => readSecret('viewerToken', sources({ flags: { viewerToken: '' } }))).toThrow(
      expect.objectContaining({ code: 'USAGE' }),
    );
  });
});

describe('rules', () => {
  it('that are not said keep their defaults', () => {
    writeFileSync(file('rules.yaml'), 'flap: ["3 in 90s"]\nquiet: 5m\n');
    expect(readRulesFile(file('rules.yaml'))).toEqual({
      ...DEFAULT_RULES,
      flap: [{ starts: 3, windowMs: 90_000 }],
      quietMs: 300_000,
    });
    writeFileSync(file('rules.yaml'), '# nothing\n');
    expect(readRulesFile(file('rules.yaml'))).toEqual(DEFAULT_RULES);
  });
});

const ZONES = [
  'Asia/Shanghai',
  'Europe/Berlin',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'UTC',
];

/** A local time by the table, as the kernel looks it up. */
function instantOf(entries: readonly ZoneOffset[], localMs: number): number {
  const entry = entries.findLast(({ fromLocalMs }) => fromLocalMs <= localMs) ?? entries[0]!;
  return localMs - entry.offsetMs;
}

describe('time zones', () => {
  it.each(ZONES)('%s: every half hour around its changes, as the judge has it', (zone) => {
    const entries = zoneOffsets(zone);
    const changes = entries.slice(1, 30);
    const middays = [
      Date.UTC(1971, 0, 1, 12),
      Date.UTC(2006, 10, 30, 12),
      Date.UTC(2090, 6, 1, 12),
    ];
    for (const center of [...middays, ...changes.map(({ fromLocalMs }) => fromLocalMs)]) {
      for (let half = -6; half <= 6; half++) {
        const local = Math.floor(center / 60_000) * 60_000 + half * 1_800_000;
        const text = new Date(local).toISOString().slice(0, 19);
        expect([text, instantOf(entries, local)]).toEqual([text, timeOfText(text, zone)]);
        expect([text, parseMoment(text, zone, 'x')]).toEqual([text, timeOfText(text, zone)]);
      }
    }
  });

  it('read days and months as their beginnings, and write offsets', () => {
    const begin = Date.parse('2006-11-01T00:00:00+08:00');
    for (const text of ['2006-11', '2006-11-01', String(begin), '2006-10-31T16:00:00Z']) {
      expect(parseMoment(text, 'Asia/Shanghai', 'x')).toBe(begin);
    }
    expect(timeText(begin + 5, 'Asia/Shanghai')).toBe('2006-11-01T00:00:00.005+08:00');
    expect(timeText(begin, 'America/St_Johns')).toBe('2006-10-31T12:30:00-03:30');
  });

  it.each(['2006-13', '2006-02-30', '2006-11-30T24:00:00', 'now', '-5', '2006-11-30T23:20+25:00'])(
    'refuse %s',
    (text) => {
      expect(() => parseMoment(text, 'UTC', '--from')).toThrow(/--from: .* is no time/);
    },
  );
});
