// A reset through a running service, as a user gives it: it is in the store when it is answered, the
// alarms that follow find the starts forgotten, and a restart changes nothing.

import { describe, expect, it, vi } from 'vitest';
import type { Flapping } from '../../src/api/contract.js';
import { runProgram } from '../../src/cli/program.js';
import {
  ask,
  rowsOf,
  start,
  temporaryFolder,
  until,
  untilRead,
  viewsOf,
} from '../host/service-fixture.js';
import { newTopic, reading, usesTopics } from './recovering.js';
import type { TopicRecord } from './topic.js';

usesTopics();

const LINE = 'GZ/DDN 1号';

/** Records of the line, down and up in turn, 30 s apart. */
function alarms(from: number, to: number): TopicRecord[] {
  return Array.from({ length: to - from }, (_, i) => {
    const time = 1_000_000_000_000 + (from + i) * 30_000;
    const state = (from + i) % 2 === 0 ? 'down' : 'up';
    return { key: LINE, value: Buffer.from(JSON.stringify({ line: LINE, time, state })) };
  });
}

/** The command in this process: its exit code and what it said. */
async function command(args: readonly string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text, ...rest) => {
      said += String(text);
      for (const callback of rest) if (typeof callback === 'function') callback();
      return true;
    }),
  );
  try {
    return { code: await runProgram(args), said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe('flapline reset', () => {
  it('ends the open episode, for good', async () => {
    const topic = await newTopic();
    const folder = temporaryFolder();
    await topic.add(alarms(0, 9));
    let service = await start(reading(topic, folder));
    await untilRead(service, topic.ends);
    const flapping = (at: string): Promise<Flapping> => ask(service, `flapping?at=${at}`);
    await until('the line flaps', async () => (await flapping('latest')).rows[0]?.line === LINE);
    const by = ['--by', 'Li Wei', '--why', 'card changed', '--url', service.address];
    expect(await command(['reset', LINE, ...by])).toEqual({
      code: 0,
      said: `${LINE} is reset in 1 partition\n`,
    });
    expect((await flapping('latest')).rows).toEqual([]);
    const unknown = await command(['reset', 'nowhere', ...by]);
    expect(unknown).toMatchObject({ code: 64, said: expect.stringContaining('nothing to reset') });
    await topic.add(alarms(9, 15));
    await untilRead(service, topic.ends);
    expect((await flapping('latest')).rows).toEqual([]);
    await service.stop();
    const views = await viewsOf(folder);
    expect(views['episodes']).toHaveLength(1);
    service = await start(reading(topic, folder));
    await untilRead(service, topic.ends);
    await service.stop();
    expect(await viewsOf(folder)).toEqual(views);
    const control = await rowsOf<{ payload: string }>(
      folder,
      `select payload from control where kind = 'reset'`,
    );
    expect(control.map(({ payload }) => JSON.parse(payload) as object)).toMatchObject([
      { line: LINE, by: 'Li Wei', why: 'card changed' },
    ]);
  });
});
