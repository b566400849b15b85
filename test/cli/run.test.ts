// `flapline run` as a process: the demo starts, says where it is, ends cleanly at Ctrl-C and goes on
// where it stopped; what keeps it from starting is told with its exit code.

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { flapline, outcomeOf, scratch, startCommand } from './command.js';

const file = scratch();

const DEMO = ['run', '--sim-lines', '300', '--history-days', '2', '--port', '0'];

/** Runs the demo until it is live, gives its address to `look`, and ends it with SIGINT. */
async function demo(
  args: readonly string[],
  look: (address: string) => Promise<void>,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = startCommand([...DEMO, ...args]);
  const ended = outcomeOf(child);
  let said = '';
  child.stdout!.on('data', (piece: Buffer) => {
    said += piece.toString();
  });
  const quiet = args.includes('--quiet');
  const live = quiet ? /^(http:\S+)\n/ : /reading topic .*: open (http:\S+)\n/;
  try {
    await expect.poll(() => said, { timeout: 30_000 }).toMatch(live);
    await look(live.exec(said)![1]!);
  } finally {
    child.kill('SIGINT');
  }
  return ended;
}

async function eventsAt(address: string): Promise<number> {
  const status = (await (await fetch(`${address}api/status`)).json()) as { events: number };
  return status.events;
}

describe('the demo', () => {
  it('starts, ends at Ctrl-C, and goes on where it stopped', async () => {
    const data = ['--data', file('data')];
    let events = 0;
    const first = await demo(data, async (address) => {
      await expect.poll(() => eventsAt(address), { timeout: 10_000 }).toBeGreaterThan(0);
      events = await eventsAt(address);
      const { code, stdout } = await flapline(['worst', '--url', address, '--format', 'json']);
      expect(code).toBe(0);
      expect((JSON.parse(stdout) as { total: number }).total).toBeGreaterThan(0);
    });
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('history of 2 days loaded');
    expect(first.stderr).toBe('stopping: Ctrl-C again ends at once\n');
    const second = await demo([...data, '--quiet'], async (address) => {
      expect(await eventsAt(address)).toBeGreaterThanOrEqual(events);
    });
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toMatch(/^http:\S+\n$/);
    const list = await flapline(['worst', '--store', file('data/flapline.duckdb')]);
    expect(list.code).toBe(0);
  });
});

describe('a start that fails', () => {
  it('without a broker ends with 69 after --start-timeout', async () => {
    const kafka = ['--kafka', '127.0.0.1:1', '--topic', 'alarms', '--start-timeout', '1s'];
    const args = ['run', ...kafka, '--port', '0', '--data', file('no-broker')];
    const { code, stderr } = await flapline(args);
    expect(code).toBe(69);
    expect(stderr).toMatch(/no Kafka broker of 127\.0\.0\.1:1 answered/);
  });

  it('with its port in use ends with 69', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const args = ['run', '--port', String(port), '--data', file('no-port')];
      const { code, stderr } = await flapline(args);
      expect(code).toBe(69);
      expect(stderr).toMatch(/is in use: .*--port/);
    } finally {
      server.close();
    }
  });

  it('with a data folder that is a file ends with 74', async () => {
    writeFileSync(file('plain'), '');
    const { code, stderr } = await flapline(['run', '--port', '0', '--data', file('plain')]);
    expect(code).toBe(74);
    expect(stderr).toMatch(/data folder .*: cannot be made/);
  });
});
