// Help, and how commands end when they are asked for the wrong thing: a message on standard error that
// says what to do, nothing on standard output, and the exit codes of SPEC section 4.

import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/config/root.js';
import { flapline, scratch } from './command.js';
import { inProcess } from './in-process.js';

const file = scratch();
const good = file('good.ndjson');
writeFileSync(good, '{"line":"a","time":1,"state":"down"}\n{"line":"a","time":2,"state":"up"}\n');
writeFileSync(file('bad-rules.yaml'), 'flap: ["1 in 10m"]\n');
writeFileSync(file('unknown-rules.yaml'), 'quiet: 30m\nsilence: 3m\n');
writeFileSync(file('no-yaml.yaml'), 'flap: ["4 in 10m"\n');
writeFileSync(file('bad-config.yaml'), '# settings\nport: many\n');
writeFileSync(file('bad-words.yaml'), 'startTimeout: soon\n');
writeFileSync(
  file('bad-mapping.yaml'),
  'variants:\n  - line: "{a"\n    state: down\n    time: t\n',
);
writeFileSync(file('bad-lines.csv'), 'name,branch\na,b\n');
mkdirSync(file('folder'));

const COMMANDS = ['run', 'replay', 'worst', 'backtest', 'reset', 'simulate'];

describe('help', () => {
  it('lists the commands and the exit codes', async () => {
    const { code, stdout, stderr } = await inProcess(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const word of [...COMMANDS, 'Examples', '64 usage']) {
      expect(stdout).toContain(word);
    }
  });

  it.each(COMMANDS)('of %s has examples', async (name) => {
    const { code, stdout } = await inProcess([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`flapline ${name} [options]`);
    expect(stdout).toContain('Examples:');
  });

  it('prints the version', async () => {
    expect(await inProcess(['--version'])).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
  });

  it('prints the schema of flapline.yaml', async () => {
    const { code, stdout } = await inProcess(['run', '--print-config-schema']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', properties: { port: {} } });
  });
});

const ENDS: readonly (readonly [number, RegExp, readonly string[]])[] = [
  [64, /no command/, []],
  [64, /unknown command 'fly'/, ['fly']],
  [64, /name a FILE/, ['replay']],
  [64, /unknown option '--nosuch'/, ['replay', good, '--nosuch']],
  [64, /--works goes into a store/, ['replay', good, '--works', good]],
  [64, /argument missing/, ['replay', good, '--store']],
  [64, /once only/, ['replay', '-', '-']],
  [64, /--lines goes into a store/, ['replay', good, '--lines', good]],
  [64, /--select.*Catalog Error/, ['replay', '--select', 'select * from nowhere']],
  [64, /--store FILE, or the --url/, ['worst']],
  [64, /both --store and --url/, ['worst', '--store', good, '--url', 'http://localhost']],
  [64, /--limit: '0'/, ['worst', '--store', good, '--limit', '0']],
  [64, /--from: 'monday' is no time/, ['worst', '--store', good, '--from', 'monday']],
  [64, /is no address/, ['worst', '--url', 'ftp://localhost']],
  [64, /name a --store FILE, or the --url/, ['backtest', '--rules', good]],
  [64, /other rules with --rules/, ['backtest', '--store', good]],
  [64, /--out <folder>/, ['simulate']],
  [64, /missing required argument 'line'/, ['reset', '--by', 'a', '--why', 'b']],
  [64, /--by <who>/, ['reset', 'line', '--why', 'b']],
  [64, /name the --url/, ['reset', 'line', '--by', 'a', '--why', 'b']],
  [64, /--max-skew: 'far' is no duration/, ['run', '--max-skew', 'far']],
  [64, /--seed: '-1'/, ['simulate', '--out', 'x', '--seed', '-1']],
  [64, /--port: '70000'/, ['run', '--port', '70000']],
  [64, /--kafka needs the topic/, ['run', '--kafka', 'localhost:1']],
  [64, /--kafka-set: 'a' must be key=value/, ['run', '--kafka-set', 'a']],
  [
    65,
    /its header lacks line/,
    ['replay', good, '--lines', file('bad-lines.csv'), '--store', file('h')],
  ],
  [69, /127\.0\.0\.1:1\b.*does not answer/, ['worst', '--url', 'http://127.0.0.1:1']],
  [74, /nosuch\.ndjson: cannot be read/, ['replay', good, file('nosuch.ndjson')]],
  [74, /it is a folder/, ['replay', file('folder')]],
  [74, /nosuch\.csv/, ['replay', file('nosuch.csv')]],
  [74, /no such file/, ['worst', '--store', file('nosuch.duckdb')]],
  [74, /cannot be written/, ['replay', good, '--findings', `${good}/findings.ndjson`]],
  [74, /folder .* does not exist/, ['replay', good, '--store', file('nowhere/s.duckdb')]],
  [74, /store .*s\.duckdb/, ['replay', good, '--store', `${good}/s.duckdb`]],
  [74, /not a store/, ['worst', '--store', good]],
  [74, /ENOTDIR/, ['simulate', '--out', `${good}/net`, '--lines', '100']],
  [
    78,
    /bad-rules\.yaml:1:8: \/flap\/0 '1 in 10m': starts must be 2 to 64/,
    ['replay', good, '--rules', file('bad-rules.yaml')],
  ],
  [
    78,
    /unknown-rules\.yaml:2:1: \/silence is not known here: there are: flap, quiet,/,
    ['replay', good, '--rules', file('unknown-rules.yaml')],
  ],
  [78, /no-yaml\.yaml:2:1: not YAML/, ['replay', good, '--rules', file('no-yaml.yaml')]],
  [78, /nosuch\.yaml: cannot be read/, ['replay', good, '--rules', file('nosuch.yaml')]],
  [78, /time zone 'Mars\/Base' is unknown/, ['replay', good, '--time-zone', 'Mars/Base']],
  [
    78,
    /bad-config\.yaml:2:7: \/port must be a whole number/,
    ['run', '--config', file('bad-config.yaml')],
  ],
  [
    78,
    /bad-words\.yaml:1:15: \/startTimeout: 'soon' is no duration/,
    ['run', '--config', file('bad-words.yaml')],
  ],
  [78, /format 'vess' is unknown: use native, ves/, ['replay', good, '--format', 'vess']],
  [
    78,
    /bad-mapping\.yaml:2:11: .*a \{ is not/,
    ['replay', good, '--format', file('bad-mapping.yaml')],
  ],
  [64, /--format is for --kafka/, ['run', '--format', 'ves', '--data', file('data')]],
  [78, /set a viewer or operator token/, ['run', '--host', '0.0.0.0', '--data', file('data')]],
  [78, /viewerToken|cannot be read/, ['run', '--viewer-token-file', file('nosuch.token')]],
];

describe('a wrong command line', () => {
  it.each(ENDS)('ends with %i and %s: %s', async (expected, message, args) => {
    const { code, stdout, stderr } = await inProcess(args);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^flapline: .*\n$/);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });

  it.each([ENDS[3]!, ENDS[26]!, ENDS[27]!, ENDS[38]!])(
    'ends the process so too: %i',
    async (expected, message, args) => {
      const { code, stderr } = await flapline(args);
      expect(stderr).toMatch(message);
      expect(code).toBe(expected);
    },
  );
});
