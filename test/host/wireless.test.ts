// The real wireless set of 55 devices (shared/data/telecom-alarms): the worst devices and the worst lines
// by down time and by raises equal the facts that a separate program derived from the same file. A raise
// is a row: overlapping rows are one interruption of a device, so to count raises each row is a line.

import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeShared, sharedPath } from '../shared.js';
import { flapline, scratch } from '../cli/command.js';

const FOLDER = ['data', 'telecom-alarms', '18V_55N_Wireless'];
const file = scratch();

interface Facts {
  readonly top20_devices_by_downtime_s: [number, number][];
  readonly top20_lines_by_downtime_s: [[number, number], number][];
  readonly top20_devices_by_raises: [number, number][];
  readonly top20_lines_by_raises: [[number, number], number][];
  readonly total_line_downtime_s: number;
}

/** Replays the set with a line made by an expression; returns what `list worst` says of its lines. */
async function worst(
  line: string,
): Promise<{ line: string; interruptions: number; downMs: number }[]> {
  const name = file(`${line.length}.duckdb`);
  const alarms = sharedPath(...FOLDER, 'Alarm.csv');
  const select = `select ${line} as line, start_timestamp * 1000 as start, end_timestamp * 1000 as "end"
    from read_csv('${alarms}')`;
  const replayed = await flapline(['replay', '--select', select, '--store', name, '--quiet']);
  expect([replayed.code, replayed.stderr]).toEqual([0, expect.any(String)]);
  const asked = ['worst', '--store', name, '--from', '0', '--limit', '1000', '--format', 'json'];
  const { rows } = JSON.parse((await flapline(asked)).stdout) as {
    rows: { line: string; interruptions: number; downMs: number }[];
  };
  return rows;
}

/** Every row a line of its own: its branch is the device, its product the alarm of the device. */
async function raises(by: 'branch' | 'product'): Promise<[string, number][]> {
  const asked = ['worst', '--store', file('rows.duckdb'), '--from', '0', '--by', by];
  const { stdout } = await flapline([...asked, '--limit', '20', '--format', 'json']);
  const { rows } = JSON.parse(stdout) as { rows: { name: string; interruptions: number }[] };
  return rows.map(({ name, interruptions }) => [name, interruptions]);
}

async function replayRows(): Promise<void> {
  const rows = readFileSync(sharedPath(...FOLDER, 'Alarm.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  const records = rows.map((row, i) => {
    const [alarm, device] = row.split(',');
    return `r${i + 1},${device},${alarm}/${device}`;
  });
  writeFileSync(file('lines.csv'), `line,branch,product\n${records.join('\n')}\n`);
  const select = `select 'r' || row_number() over () as line, start_timestamp * 1000 as start,
      end_timestamp * 1000 as "end"
    from read_csv('${sharedPath(...FOLDER, 'Alarm.csv')}', parallel = false)`;
  const to = ['--store', file('rows.duckdb'), '--lines', file('lines.csv'), '--quiet'];
  expect((await flapline(['replay', '--select', select, ...to])).code).toBe(0);
}

const LINE = `alarm_id || '/' || device_id`;

/** The twenty with most down time, in seconds. */
function seconds(rows: { line: string; downMs: number }[]): [string, number][] {
  const worstFirst = rows.toSorted((a, b) => b.downMs - a.downMs);
  return worstFirst.slice(0, 20).map((row) => [row.line, row.downMs / 1000]);
}

describeShared('18V', () => {
  const facts = JSON.parse(
    readFileSync(sharedPath(...FOLDER, 'derived_facts.json'), 'utf8'),
  ) as Facts;
  const byLine = (list: Facts['top20_lines_by_raises']): [string, number][] =>
    list.map(([[alarm, device], n]) => [`${alarm}/${device}`, n]);
  it('has the worst devices by down time', async () => {
    const expected = facts.top20_devices_by_downtime_s.map(([id, s]) => [String(id), s]);
    expect(seconds(await worst('device_id::varchar'))).toEqual(expected);
  });

  it('has the worst lines by down time, and all of it', async () => {
    const rows = await worst(LINE);
    expect(seconds(rows)).toEqual(byLine(facts.top20_lines_by_downtime_s));
    expect(rows.reduce((sum, row) => sum + row.downMs, 0)).toBe(facts.total_line_downtime_s * 1000);
  });

  it('has the worst devices and lines by raises', async () => {
    await replayRows();
    const devices = facts.top20_devices_by_raises.map(([id, n]) => [String(id), n]);
    expect(await raises('branch')).toEqual(devices);
    expect(await raises('product')).toEqual(byLine(facts.top20_lines_by_raises));
  });
});
