// What the tests of causes through Kafka share: the records of a planted province as files, a replay of the
// same alarms, and the rows of the views of causes as they are compared.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Causes, LiveCauses } from '../../src/api/cause-contract.js';
import { DEFAULT_RULES } from '../../src/config/rules.js';
import { replay } from '../../src/pipeline/replay.js';
import { readRecordFile } from '../../src/records/read.js';
import type { Cell } from '../../src/store/sql.js';
import { type PlantedEvent, plantedRecords } from '../cause/planted.js';
import { ask, rowsOf, temporaryFolder, until } from '../host/service-fixture.js';
import type { TopicRecord } from './topic.js';

const CAUSE_VIEWS = ['causes', 'cause_components', 'cause_members'];

/** A record that the others of its line speak against. */
const WRONG = 'L1,card,c2-1';

/** An alarm as it is produced. */
export const recordOf = (event: PlantedEvent): TopicRecord => ({
  key: event.line,
  value: Buffer.from(JSON.stringify(event)),
});

/** The records of a province in a folder, with planned works where there are any. */
export function recordFiles(folder: string, seed: number, works = '') {
  const { components, lines } = plantedRecords(seed);
  const file = (name: string): string => join(folder, `${name}.csv`);
  writeFileSync(file('components'), `${components}\n${WRONG}`);
  writeFileSync(file('lines'), lines);
  if (works) writeFileSync(file('works'), works);
  return [
    { kind: 'lines' as const, file: file('lines') },
    { kind: 'components' as const, file: file('components') },
    ...(works ? [{ kind: 'works' as const, file: file('works') }] : []),
  ];
}

/** The folder of a store with the causes of a replay of the same alarms. */
export async function replayed(events: readonly PlantedEvent[], seed: number): Promise<string> {
  const folder = temporaryFolder();
  const file = join(folder, 'events.ndjson');
  writeFileSync(file, events.map((event) => JSON.stringify(event)).join('\n'));
  const records = await Promise.all(
    recordFiles(folder, seed).map((each) =>
      readRecordFile(each.kind, each.file, { timeZone: 'Asia/Shanghai' }),
    ),
  );
  await replay({
    files: [file],
    sort: false,
    rules: DEFAULT_RULES,
    starts: false,
    zone: [],
    records,
    storeFile: join(folder, 'flapline.duckdb'),
  });
  return folder;
}

/** The rows of the views of causes, sorted. */
export async function causeViews(folder: string): Promise<Record<string, string[]>> {
  const views: Record<string, string[]> = {};
  for (const name of CAUSE_VIEWS) {
    const rows = await rowsOf<Record<string, Cell>>(folder, `select * from ${name}`);
    views[name] = rows.map((row) => JSON.stringify(row)).toSorted();
  }
  return views;
}

/** Waits until the store holds what is for the record of a day: nothing is provisional any more. */
export async function untilSettled(
  service: { address: string },
  fromMs: number,
  total: number,
): Promise<Causes> {
  const query = `causes?from=${fromMs}&to=${fromMs + 86_400_000}&limit=1000`;
  return until(`${total} final causes`, async () => {
    const causes = await ask<Causes>(service, query);
    return !causes.isWorking && causes.provisional.length === 0 && causes.total === total && causes;
  });
}

/** Listens to the causes of a service's stream; `told` grows as they come. */
export async function listen(service: { address: string }): Promise<{
  readonly told: LiveCauses['provisional'];
  stop(): Promise<void>;
}> {
  const abort = new AbortController();
  const stream = await fetch(`${service.address}api/stream`, { signal: abort.signal });
  const told: LiveCauses['provisional'] = [];
  const listening = (async () => {
    let text = '';
    for await (const chunk of stream.body!) {
      text += Buffer.from(chunk as Uint8Array).toString();
      for (const event of text.split('\n\n').slice(0, -1)) {
        if (!event.startsWith('event: causes\n')) continue;
        const { provisional } = JSON.parse(event.slice(event.indexOf('data: ') + 6)) as LiveCauses;
        told.push(...provisional);
      }
      text = text.slice(text.lastIndexOf('\n\n') + 2);
    }
  })().catch(() => undefined);
  return {
    told,
    stop: async () => {
      abort.abort();
      await listening;
    },
  };
}
