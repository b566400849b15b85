// The service fed by Kafka: the same findings in DuckDB's views as a separate program worked out for
// data/expected, whatever the records hold; what the API then answers; and records that are no good.

import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Flapping, Timeline, Worst } from '../../src/api/contract.js';
import type { Service, ServiceOptions } from '../../src/app.js';
import { expectSameFindings } from '../judge/multiset.js';
import { pick, seededChoose } from '../judge/choose.js';
import {
  DEADLINE_MS,
  type Said,
  ask,
  rowsOf,
  serviceOptions,
  start,
  temporaryFolder,
  until,
  untilRead,
  usesServices,
} from '../host/service-fixture.js';
import {
  EXPECTED_SETS,
  describeShared,
  expectedEvents,
  expectedFindings,
  linesOf,
} from '../shared.js';
import { type FilledTopic, type TopicRecord, openTopic } from './topic.js';
import { findingsInViews } from './views.js';

/** Records produced before the service must have read them: the broker keeps 5 MiB a partition. */
const PACE = 15_000;
const EVENTS_A_RECORD_MAX = 20;
/** Worst lines that are compared. */
const SHOWN = 5;

let filled: FilledTopic | null = null;

usesServices();
afterEach(async () => {
  await filled?.stop();
  filled = null;
});

interface Running {
  readonly filled: FilledTopic;
  readonly service: Service;
  readonly folder: string;
  readonly said: Said;
}

/** A service that reads a topic of ours, the topic's first records in it. */
async function running(
  first: readonly TopicRecord[],
  replaced: Partial<ServiceOptions> = {},
): Promise<Running> {
  const topic = await openTopic('alarms-of-lines');
  filled = topic;
  await topic.add(first);
  const said: Said = { notes: [], failures: [] };
  const folder = temporaryFolder();
  const kafka = { brokers: topic.broker.brokers, topic: topic.topic, cluster: 'c', settings: {} };
  const service = await start(serviceOptions(folder, { kafka, ...replaced }, said));
  return { filled: topic, service, folder, said };
}

/** Produces the rest at the pace of reading, and waits until all is read. */
async function readAll(run: Running, records: readonly TopicRecord[]): Promise<void> {
  for (let from = 0; from < records.length; from += PACE) {
    await run.filled.add(records.slice(from, from + PACE));
    await untilRead(run.service, run.filled.ends);
  }
  await untilRead(run.service, run.filled.ends);
}

const lineOf = (event: string): string => (JSON.parse(event) as { line: string }).line;

/** One event a record. */
function single(events: readonly string[]): TopicRecord[] {
  return events.map((event) => ({ key: lineOf(event), value: Buffer.from(event) }));
}

/** One or several events of a line a record, as an array or one after the other, in its order. */
function mixed(events: readonly string[], seed: number): TopicRecord[] {
  const choose = seededChoose(seed);
  const waiting = new Map<string, { most: number; events: string[] }>();
  const records: TopicRecord[] = [];
  const close = (line: string): void => {
    const own = waiting.get(line)!.events;
    const text =
      choose(2) === 0 ? `[${own.join(' , ')}]` : own.join(pick(choose, ['\n', ' ', '\r\n']));
    records.push({ key: line, value: Buffer.from(text) });
    waiting.delete(line);
  };
  for (const event of events) {
    const line = lineOf(event);
    const most = choose(2) === 0 ? 1 : 1 + choose(EVENTS_A_RECORD_MAX);
    const own = waiting.get(line) ?? { most, events: [] };
    waiting.set(line, own);
    own.events.push(event);
    if (own.events.length >= own.most) close(line);
  }
  for (const line of waiting.keys()) close(line);
  return records;
}

const CASES = [
  ...EXPECTED_SETS.map((set) => ({ set, records: 'one or several events each', cut: mixed })),
  { set: '18V', records: 'one event each', cut: single },
  { set: 'bgp2016', records: 'one event each', cut: single },
];

describeShared('data/expected through the embedded broker', () => {
  it.each(CASES)('$set, records of $records', async ({ set, cut }) => {
    const records = cut(linesOf(expectedEvents(set)), set.length);
    const run = await running(records.slice(0, 100));
    await readAll(run, records.slice(100));
    // What was read last is committed a little later.
    await vi.waitFor(() => expectAnswers(run.service, expectedFindings(set)), {
      timeout: DEADLINE_MS,
    });
    await run.service.stop();
    expect(run.said.failures).toEqual([]);
    expectSameFindings(await findingsInViews(run.folder), expectedFindings(set), ['cause']);
    const [{ partitions }] = await rowsOf<{ partitions: number }>(
      run.folder,
      'select count(*) as partitions from progress_now where events > 0',
    );
    expect(partitions).toBe(4);
  });
});

/** The API says the same as the findings: the worst line, who is flapping, that line's timeline. */
async function expectAnswers(
  service: Service,
  findings: readonly Record<string, unknown>[],
): Promise<void> {
  const starts = findings.filter(({ kind }) => kind === 'interruption');
  const counts = new Map<unknown, number>();
  for (const { line } of starts) counts.set(line, (counts.get(line) ?? 0) + 1);
  const most = [...counts.values()].toSorted((a, b) => b - a).slice(0, SHOWN);
  const period = `from=0&to=${Number.MAX_SAFE_INTEGER}&at=latest`;
  const worst = await ask<Worst>(service, `worst?${period}&limit=${SHOWN}`);
  expect(worst.rows.map((row) => row.interruptions)).toEqual(most);
  expect(worst.total).toBe(counts.size);
  const { line } = worst.rows[0];
  const own = starts.filter((finding) => finding['line'] === line);
  const path = `lines/${encodeURIComponent(line)}?${period}&limit=5000`;
  const timeline = await ask<Timeline>(service, path);
  expect(timeline.interruptions.map((each) => each.start).toSorted()).toEqual(
    own.map((each) => each['start']).toSorted(),
  );
  const begun = findings.filter(({ kind }) => kind === 'flap-start').length;
  const ended = findings.filter(({ kind }) => kind === 'flap-end').length;
  const flapping = await ask<Flapping>(service, 'flapping?at=latest&limit=1000');
  expect(flapping.total).toBe(begun - ended);
}

const T = 1_164_900_000_000;
const event = (line: string, seconds: number, state: string): string =>
  JSON.stringify({ line, time: T + 1_000 * seconds, state });
const record = (key: string, text: string | null): TopicRecord => ({
  key,
  value: text === null ? null : Buffer.from(text),
});

describe('records that cannot be read', () => {
  it('are kept with place and reason, and the stream goes on', async () => {
    const records = [
      record('a', event('a', 0, 'down')),
      record('a', `${event('a', 10, 'up')} {"line": ${event('a', 11, 'down')}`),
      record('a', null),
      record('a', `[${event('a', 20, 'sideways')}, ${event('a', 30, 'down')}]`),
      record('a', '{"line": 7, "time": 0, "state": "up"}'),
      record('a', `{"broken" 7}\n${event('a', 40, 'up')}`),
      record('a', JSON.stringify({ line: 'x'.repeat(257), time: T, state: 'up' })),
    ];
    const run = await running(records);
    await readAll(run, [record('a', event('a', 50, 'down'))]);
    await run.service.stop();
    expect(run.said.failures).toEqual([]);
    const rejected = await rowsOf<Record<string, string | number>>(
      run.folder,
      'select position, log, reason, place, sample from rejected_records order by position',
    );
    expect(rejected.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6]);
    const reasons = rejected.map(({ reason }) => reason);
    expect(reasons[1]).toMatch(/no value/);
    expect(reasons[2]).toMatch(/state/);
    expect(reasons[3]).toMatch(/line/);
    expect(reasons[5]).toMatch(/256/);
    for (const { place } of rejected) expect(String(place)).not.toBe('');
    const found = await findingsInViews(run.folder);
    expect(found.filter(({ kind }) => kind === 'interruption')).toMatchObject([
      { n: 1, start: T, end: T + 10_000, class: 'momentary' },
      { n: 2, start: T + 30_000, end: T + 40_000, class: 'momentary' },
      { n: 3, start: T + 50_000, end: null, class: 'momentary' },
    ]);
  });

  it('make the line they name unknown until its next event', async () => {
    const run = await running([
      record('a', event('a', 0, 'down')),
      record('b', event('b', 0, 'down')),
      record('a', event('a', 5, 'sideways')),
      record('new', event('new', 5, 'sideways')),
    ]);
    await untilRead(run.service, run.filled.ends);
    const before = await lineUntil(run.service, 'a', ({ unknown }) => unknown);
    expect(before.down).toBe(true);
    await readAll(run, [
      record('a', event('a', 60, 'up')),
      record('b', event('b', 60, 'up')),
      record('new', event('new', 61, 'up')),
    ]);
    await lineUntil(run.service, 'a', ({ unknown }) => !unknown);
    await run.service.stop();
    const gaps = await rowsOf<Record<string, string | number | null>>(
      run.folder,
      'select line, from_ms, until_ms, reason from coverage_gaps order by line',
    );
    expect(gaps).toEqual([
      { line: 'a', from_ms: T, until_ms: T + 60_000, reason: 'rejected event' },
      { line: 'new', from_ms: null, until_ms: T + 61_000, reason: 'rejected event' },
    ]);
  });
});

/** The timeline of a line once it is as wanted: what the API reads is committed a little later. */
function lineUntil(
  service: Service,
  line: string,
  wanted: (timeline: Timeline) => boolean,
): Promise<Timeline> {
  return until(`line ${line}`, async () => {
    const timeline = await ask<Timeline>(service, `lines/${line}?from=0&at=latest`).catch(
      () => null,
    );
    return timeline !== null && wanted(timeline) && timeline;
  });
}
