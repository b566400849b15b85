// Tickets that name a component are the truth that stored causes are scored by, and their closing a
// repair: a cause that names the component again within 30 days reopens it, seen from the lists, and from
// the cause itself. Each state is planted once and counted by hand.

import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { plantedRecords } from '../cause/planted.js';
import { scratch } from './command.js';
import { inProcess } from './in-process.js';

const T = 1_164_900_000_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const path = scratch();
const store = path('tickets.duckdb');
const { components, lines, members } = plantedRecords(9);
const membersOf = (card: string): readonly string[] => members.get(`card/${card}`)!;

/** Card c3-1 bursts on days 1, 20 and 70, c6-0 on day 3, c9-2 on day 4. */
const BURSTS: readonly [card: string, atMs: number][] = [
  ['c3-1', T + DAY],
  ['c6-0', T + 3 * DAY],
  ['c9-2', T + 4 * DAY],
  ['c3-1', T + 20 * DAY],
  ['c3-1', T + 70 * DAY],
];
/** Line, when it was opened, cause. Each is closed six hours later. */
const TICKETS: readonly [line: string, openedMs: number, cause: string, valid?: boolean][] = [
  [membersOf('c3-1')[0]!, T + DAY + HOUR, 'card c3-1'],
  [membersOf('c3-1')[1]!, T + DAY + 2 * HOUR, ' Card/C3-1'],
  [membersOf('c6-0')[0]!, T + 3 * DAY + HOUR, 'c6-0'],
  // It was a trunk, says this one: the cause named the card.
  [membersOf('c9-2')[0]!, T + 4 * DAY + HOUR, 'trunk t1'],
  // Nothing burst: one line, and three lines so far apart that no trigger counts them together.
  [membersOf('c1-0')[0]!, T + 6 * DAY + HOUR, 'card c1-0'],
  [membersOf('c12-0')[0]!, T + 8 * DAY + HOUR, 'card c12-0'],
  [membersOf('c6-0')[1]!, T + 3 * DAY + HOUR, 'c9-2', false],
  [membersOf('c6-0')[1]!, T + 3 * DAY + HOUR, 'fiber cut'],
];

function file(name: string, text: string): string {
  writeFileSync(path(name), text);
  return path(name);
}

beforeAll(async () => {
  const starts = BURSTS.flatMap(([card, at]) =>
    membersOf(card).map((line, i) => ({ line, time: at + i * 600 })),
  );
  starts.push({ line: membersOf('c1-0')[0]!, time: T + 6 * DAY });
  // Two within 30 s before, two after: three with the line itself, but never in one window.
  const [first, second, third] = membersOf('c12-0').filter((line) =>
    components.includes(`${line},card,c12-0`),
  );
  for (const [line, seconds] of [
    [second!, -29],
    [first!, 0],
    [third!, 29],
  ] as const) {
    starts.push({ line, time: T + 8 * DAY + seconds * 1_000 });
  }
  const events = starts
    .flatMap(({ line, time }) => [
      { line, time, state: 'down' },
      { line, time: time + 60_000, state: 'up' },
    ])
    .toSorted((a, b) => a.time - b.time);
  events.push({ line: 'elsewhere', time: T + 80 * DAY, state: 'down' });
  const log = file('events.ndjson', events.map((event) => JSON.stringify(event)).join('\n'));
  const rows = TICKETS.map(([line, opened, cause, valid = true], i) =>
    [`T${i + 1}`, 'report', line, opened, opened + 6 * HOUR, valid, cause].join(','),
  );
  // The ticket of c12-0 is of a line that is recorded on it.
  rows[5] = rows[5]!.replace(membersOf('c12-0')[0]!, first!);
  const tickets = ['ticket,kind,line,opened,closed,valid,cause', ...rows].join('\n');
  const records = ['--lines', file('lines.csv', lines)];
  records.push('--components', file('components.csv', components));
  const ran = await inProcess(['replay', log, '--store', store, '--quiet', ...records]);
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  const from = ['records', 'import', file('tickets.csv', tickets), '--store', store];
  expect((await inProcess(from)).code).toBe(0);
}, 120_000);

type Row = Readonly<Record<string, string | number | boolean | null>>;

async function rowsOf(...args: string[]): Promise<readonly Row[]> {
  const { code, stdout, stderr } = await inProcess(
    [...args, '--store', store, '--format', 'json', '--from', String(T)].concat('--limit', '100'),
  );
  expect([code, stderr]).toEqual([0, '']);
  const { total, rows } = JSON.parse(stdout) as { total: number; rows: Row[] };
  expect(total).toBe(rows.length);
  return rows;
}

describe('tickets that name a component', () => {
  it('say of the stored causes what was found, missed and false', async () => {
    const causes = await rowsOf('causes');
    const named = causes.map(({ components: names }) => names).toSorted();
    expect(named).toEqual(['card c3-1', 'card c3-1', 'card c3-1', 'card c6-0', 'card c9-2']);
    const rows = await rowsOf('list', 'cause-tickets');
    expect(rows.map(({ ticket, state }) => `${ticket} ${state}`).toSorted()).toEqual([
      'T1 found',
      'T2 found',
      'T3 found',
      'T4 other',
      'T5 alone',
      'T6 missed',
    ]);
    expect(rows[0]).toMatchObject({ ticket: 'T4', components: 'card c9-2' });
    const [score] = await rowsOf('list', 'cause-score');
    expect(score).toMatchObject({ tickets: 6, faults: 5, found: 2, other: 1, missed: 1, alone: 1 });
    expect(score).toMatchObject({ false: 1, confirmed: 0, refuted: 0, relabelled: 0 });
    expect(score!['precisionPercent']).toBeCloseTo(66.667, 2);
    expect(score!['recallPercent']).toBeCloseTo(50, 2);
    expect(score!['f1Percent']).toBeCloseTo(57.143, 2);
  });

  it('are repairs, which a cause of the same component reopens within 30 days', async () => {
    const rows = await rowsOf('list', 'cause-repairs');
    const of = (name: string): Row => rows.find(({ component }) => component === name)!;
    const again = T + 20 * DAY;
    expect(rows).toHaveLength(5);
    expect(rows[0]).toBe(of('c3-1'));
    expect(of('c3-1')).toMatchObject({
      state: 'reopened',
      repaired: T + DAY + 8 * HOUR,
      proof: 'ticket T1, T2',
      watchedUntil: T + 31 * DAY + 8 * HOUR,
      reopened: again,
      causes: 1,
      linesHit: membersOf('c3-1').length,
    });
    expect(of('c6-0')).toMatchObject({ state: 'held', causes: 0, reopened: null });
    const { stdout } = await inProcess(['causes', String(of('c3-1')['cause']), '--store', store]);
    expect(stdout).toMatch(/^came back: card c3-1 was repaired .* \(ticket T1, T2\)$/m);
    const last = (await rowsOf('causes')).find(({ at }) => Number(at) >= T + 70 * DAY)!;
    const late = await inProcess(['causes', String(last['cause']), '--store', store]);
    expect(late.stdout).not.toContain('came back');
  });
});
