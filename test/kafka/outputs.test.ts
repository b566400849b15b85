// The topics that a service writes: every finding that its store holds and every reject, after kills as
// well; findings as their schema says.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../src/config/root.js';
import { startChild } from '../host/service-child.js';
import { rowsOf, start, temporaryFolder, untilRead } from '../host/service-fixture.js';
import { makeTopic, newTopic, reading, recordsOf, usesTopics } from './recovering.js';
import { traffic } from './traffic.js';

const FINDINGS = 'findings';
const LETTERS = 'dead-letters';

usesTopics();

describe('findings and dead letters', () => {
  it('are all in their topics, whatever was killed, and say what the store says', async () => {
    const topic = await newTopic();
    await makeTopic(topic, FINDINGS);
    await makeTopic(topic, LETTERS);
    const folder = temporaryFolder();
    const plain = reading(topic, folder);
    const kafka = { ...plain.kafka!, findingsTopic: FINDINGS, deadLetterTopic: LETTERS };
    const records = traffic(11, 1_800);
    await topic.add(records.slice(0, 1));
    for (const half of [records.slice(1, 600), records.slice(600, 1_200)]) {
      const child = await startChild(reading(topic, folder, { kafka }));
      await topic.add(half);
      await child.kill();
    }
    await topic.add(records.slice(1_200));
    const service = await start(reading(topic, folder, { kafka }));
    await untilRead(service, topic.ends);
    await service.stop();

    const published = await recordsOf(topic, FINDINGS);
    const schema = readFileSync(join(ROOT, 'src', 'pipeline', 'finding.schema.json'), 'utf8');
    const validate = new Ajv().compile(JSON.parse(schema) as object);
    for (const { key, value } of published) {
      expect([validate.errors, validate(value)]).toEqual([validate.errors, true]);
      expect(key).toBe(value['line']);
    }
    const once = new Map(published.map(({ value }) => [value['id'], JSON.stringify(value)]));
    for (const { value } of published) expect(once.get(value['id'])).toBe(JSON.stringify(value));
    const ofKind = (kind: string): string[] =>
      [...once.values()].filter((text) => text.startsWith(`{"kind":"${kind}"`)).toSorted();
    const ended = await rowsOf<Record<string, string | number>>(
      folder,
      `select line, n, start_ms, end_ms, class, partition from interruptions
         where end_ms is not null`,
    );
    const told = ofKind('interruption').map((text) => {
      const { line, n, start: from, end, class: kind, partition } = JSON.parse(text);
      return JSON.stringify([line, n, from, end, kind, partition]);
    });
    expect(told.length).toBeGreaterThan(200);
    expect(told.toSorted()).toEqual(
      ended.map((row) => JSON.stringify(Object.values(row))).toSorted(),
    );
    const [{ episodes }] = await rowsOf<{ episodes: number }>(
      folder,
      `select count(*) as episodes from episodes where detector = 'window'`,
    );
    expect(ofKind('flap-start')).toHaveLength(episodes);
    expect(await rowsOf(folder, 'select * from finding_out')).toEqual([]);

    const letters = await recordsOf(topic, LETTERS);
    const places = new Map(letters.map(({ key, value }) => [key, value]));
    const rejected = await rowsOf<Record<string, string | number>>(
      folder,
      'select partition, log, position, place, reason, sample from rejected_records',
    );
    const said = [...places.values()].map(({ partition, log, offset, place, reason, sample }) =>
      JSON.stringify([partition, log, offset, place, reason, sample]),
    );
    expect(said.length).toBeGreaterThan(5);
    expect(said.toSorted()).toEqual(
      rejected.map((row) => JSON.stringify(Object.values(row))).toSorted(),
    );
  });

  it('want topics that are there', async () => {
    const topic = await newTopic();
    await topic.add(traffic(1, 5));
    const plain = reading(topic, temporaryFolder());
    const kafka = { ...plain.kafka!, findingsTopic: 'absent' };
    await expect(start({ ...plain, kafka })).rejects.toMatchObject({ code: 'TOPIC_ABSENT' });
    const same = { ...plain.kafka!, deadLetterTopic: plain.kafka!.topic };
    await expect(start({ ...plain, kafka: same })).rejects.toMatchObject({ code: 'BAD_CONFIG' });
  });
});
