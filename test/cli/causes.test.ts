// `flapline causes`: the list of a store in every form, one cause explained, and the worst lists' top
// cause, all from a replay with planted causes.

import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { explanationOf, pictureOf, sparkline } from '../../src/cause/explain.js';
import { plantedAlarms, plantedRecords } from '../cause/planted.js';
import { scratch } from './command.js';
import { inProcess } from './in-process.js';

const T = 1_164_900_000_000;
const SEED = 9;
const path = scratch();
const store = path('causes.duckdb');
const { events: alarms, planted } = plantedAlarms(SEED, T, 6, 300_000);
/** The reading time is past the last burst. */
const events = [...alarms, { line: 'elsewhere', time: T + 3_600_000, state: 'down' }];

/** Writes a file of the scratch folder; its path. */
function file(name: string, text: string): string {
  writeFileSync(path(name), text);
  return path(name);
}

beforeAll(async () => {
  const { components, lines } = plantedRecords(SEED);
  const log = file('events.ndjson', events.map((event) => JSON.stringify(event)).join('\n'));
  const records = ['--lines', file('lines.csv', lines)];
  records.push('--components', file('components.csv', components));
  const ran = await inProcess(['replay', log, '--store', store, '--quiet', ...records]);
  expect(ran.code).toBe(0);
}, 60_000);

async function json<T>(args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await inProcess([...args, '--store', store, '--format', 'json']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as T;
}

interface Listed {
  readonly total: number;
  readonly rows: readonly { cause: string; components: string; evidence: string; lines: number }[];
}

describe('flapline causes', () => {
  it('lists what was planted, with the evidence', async () => {
    const { total, rows } = await json<Listed>(['causes', '--limit', '100']);
    expect(total).toBe(rows.length);
    const named = rows.map(({ components }) => components);
    const missed = planted.filter(
      ({ kind, name }) => !named.some((text) => text.split('; ').includes(`${kind} ${name}`)),
    );
    expect(missed).toEqual([]);
    for (const { evidence, lines } of rows) {
      expect(evidence).toMatch(
        new RegExp(`^${lines} of \\d+ lines in [\\d.]+ s; .* expected by chance; `),
      );
    }
  });

  it('gives the list as a table, CSV and XLSX', async () => {
    const table = await inProcess(['causes', '--store', store]);
    expect(table.stdout).toContain(`${planted[0]!.kind} ${planted[0]!.name}`);
    const csv = await inProcess(['causes', '--store', store, '--format', 'csv']);
    expect(csv.stdout.split('\r\n')[0]).toBe(
      '\uFEFFcause,at,components,works,lines,members,customers,key_customers,confidence_percent,' +
        'lines_down,closed,evidence',
    );
    const out = path('causes.xlsx');
    const xlsx = await inProcess(['causes', '--store', store, '--format', 'xlsx', '--out', out]);
    expect(xlsx.code).toBe(0);
    expect(readFileSync(out).subarray(0, 2).toString()).toBe('PK');
  });

  it('explains one, as text and as JSON', async () => {
    const { rows } = await json<Listed>(['causes']);
    const { cause, evidence, lines } = rows[0]!;
    const { stdout } = await inProcess(['causes', cause, '--store', store]);
    expect(stdout).toContain(evidence);
    expect(stdout).toMatch(/\|[ ▁▂▃▄▅▆▇█]{24}\|/);
    expect(stdout).toMatch(/^customers: customer-\d+ \d/m);
    const detail = await json<{ picture: { counts: number[] }; lines: unknown[] }>([
      'causes',
      cause,
    ]);
    expect(detail.lines).toHaveLength(lines);
    expect(detail.picture.counts.reduce((sum, n) => sum + n, 0)).toBe(lines);
    const absent = await inProcess(['causes', 'none', '--store', store]);
    expect([absent.code, absent.stderr]).toEqual([64, expect.stringContaining('no cause "none"')]);
  });

  it('is the top cause of the worst lines and components', async () => {
    type Worst = { rows: { line?: string; name?: string; topCause: string | null }[] };
    const lines = await json<Worst>(['worst', '--limit', '1000']);
    const hit = new Map(lines.rows.map(({ line, topCause }) => [line, topCause]));
    const names = new Set(planted.map(({ kind, name }) => `${kind} ${name}`));
    const told = [...hit.values()].filter((text) => text !== null && names.has(text)).length;
    expect(told).toBeGreaterThan(planted.reduce((sum, one) => sum + one.hit, 0) / 2);
    const components = await json<Worst>(['worst', '--by', 'component', '--limit', '5000']);
    const { kind, name } = planted[0]!;
    const own = components.rows.find((row) => row.name === name);
    expect(own!.topCause).toBe(`${kind} ${name}`);
  });
});

describe('an explanation', () => {
  const cause = {
    at: T,
    until: T + 12_000,
    lines: 31,
    members: 44,
    expected: 0.0213,
    works: [],
    runnersUp: [{ components: [{ kind: 'cable', name: 'c7' }], odds: 0.0025 }],
  };

  it('is the sentence that people read', () => {
    expect(explanationOf(cause)).toBe(
      '31 of 44 lines in 12 s; 0.021 expected by chance; next best cable c7 at 1/400',
    );
    expect(explanationOf({ ...cause, works: ['W1'] }, 'zh')).toBe(
      '12 秒内 44 条线路中有 31 条中断；随机预期 0.021 条；次选 光缆段 c7，可能性为其 1/400；窗口内割接：W1',
    );
    expect(explanationOf({ ...cause, runnersUp: [] })).toMatch(/nothing else comes near$/);
  });

  it('has a picture in which every line counts once', () => {
    const picture = pictureOf([0, 0, 1_000, 12_000].map((ms) => ({ start: T + ms })));
    expect(picture.counts.reduce((sum, n) => sum + n, 0)).toBe(4);
    expect(sparkline(picture)).toBe('█▄                     ▄');
    expect(pictureOf([{ start: T }]).counts[0]).toBe(1);
  });
});

/** Replays under a flapline.yaml; how many causes it finds. */
async function judged(yaml: string) {
  const config = file('flapline.yaml', yaml);
  const from = ['replay', path('events.ndjson'), '--components', path('components.csv')];
  const ran = await inProcess(from.concat('--config', config, '--quiet', '--findings', '-'));
  const causes = ran.stdout.split('\n').filter((line) => line.includes('"kind":"cause"')).length;
  return { ...ran, causes };
}

describe('the settings of causes', () => {
  it('come from flapline.yaml', async () => {
    expect((await judged('causes: {window: 30s}')).causes).toBeGreaterThanOrEqual(planted.length);
    expect((await judged('causes: {support: 1000}')).causes).toBe(0);
  });

  it.each([
    ['causes: {support: 1}', 'flapline.yaml:1:19: /causes/support must be >= 2'],
    ['causes:\n  window: soon', "flapline.yaml:2:11: 'soon' is no duration"],
    ['causes: {wnidow: 30s}', 'flapline.yaml:1:10: /causes/wnidow is not known here'],
  ])('are told with their place: %s', async (yaml, told) => {
    const { code, stderr } = await judged(yaml);
    expect([code, stderr]).toEqual([78, expect.stringContaining(told)]);
  });
});
