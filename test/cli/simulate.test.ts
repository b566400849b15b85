// `flapline simulate` as a process: the same options give the same bytes, and what it writes is
// replayed without a rejection to the counts it says.

import { readFileSync, readdirSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { flapline, scratch } from './command.js';

const file = scratch();

function hashes(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => {
      const bytes = readFileSync(`${folder}/${name}`);
      return [name, createHash('sha256').update(bytes).digest('hex')];
    }),
  );
}

it('gives the same bytes for the same options, others for another seed', async () => {
  const run = async (out: string, seed: string): Promise<string> => {
    const period = ['--from', '2006-12-01', '--to', '2006-12-08'];
    const args = ['simulate', '--out', file(out), '--lines', '400', '--seed', seed, ...period];
    const { code, stdout } = await flapline(args);
    expect(code).toBe(0);
    return stdout;
  };
  const said = await run('one', '5');
  await run('two', '5');
  await run('other', '6');
  expect(Object.keys(hashes(file('one'))).length).toBe(12);
  expect(hashes(file('two'))).toEqual(hashes(file('one')));
  expect(hashes(file('other'))['events.ndjson']).not.toBe(hashes(file('one'))['events.ndjson']);
  expect(said).toContain('2006-12-01T00:00:00+08:00 to 2006-12-08T00:00:00+08:00');
  const counted = (name: string): string => new RegExp(`^${name} +(\\S+)$`, 'm').exec(said)![1]!;
  const lines = ['--lines', file('one/lines.csv'), '--store', file('one.duckdb')];
  const loaded = await flapline(['replay', file('one/events.ndjson'), ...lines]);
  expect(loaded).toMatchObject({ code: 0, stdout: '' });
  const replayed = await flapline(['replay', file('one/events.ndjson')]);
  expect(replayed.code).toBe(0);
  expect(replayed.stdout).toMatch(new RegExp(`^events +${counted('events')}$`, 'm'));
  expect(replayed.stdout).toMatch(new RegExp(`^interruptions +${counted('interruptions')}$`, 'm'));
});
