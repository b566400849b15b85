// Planned works: which interruptions start in a window, against a naive twin that reads the files and
// goes through every work for every interruption; as works overlap, change, are cancelled, and as they
// come before or after the interruptions.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RecordKindName } from '../../src/config/record-kinds.js';
import { DEFAULT_RULES } from '../../src/config/rules.js';
import { replay } from '../../src/pipeline/replay.js';
import { bringInNow, readFiles, recordFiles } from '../../src/records/import.js';
import { readRecordText } from '../../src/records/read.js';
import { simulate } from '../../src/simulate/index.js';
import { selectRows } from '../../src/store/sql.js';
import { type Store, openStore } from '../../src/store/store.js';
import { temporaryFolder, usesServices } from './service-fixture.js';
import { HOUR, MINUTE, T, ended, insert, openState } from './store-fixture.js';

usesServices();

const ZONE = { timeZone: 'Asia/Shanghai' };
const WORKS = 'work,start,end,status,kind,component\n';

const rows = (store: Store, text: string) =>
  selectRows<Record<string, string | number | boolean | null>>(store.writer, text);

async function bring(store: Store, kind: RecordKindName, text: string): Promise<void> {
  const records = readRecordText(kind, `${kind}.csv`, text, ZONE);
  expect(records.bad).toEqual([]);
  await bringInNow(store, [records], { fromMs: T });
}

/** Interruptions of lines a (0) and b (1) by their minutes from T; the last of b is open. */
async function twoLines(): Promise<Store> {
  const store = await openStore(':memory:');
  const { writer } = store;
  for (const [id, line] of ['a', 'b'].entries())
    await insert(writer, 'line', { line_id: id, line });
  const name = { partition_id: 0, cluster: 'c', topic: 't', partition: 0 };
  await insert(writer, 'log_partition', name);
  const counts = { events: 9, late: 0, duplicates: 0, rejected: 0, log: 0, position: 5 };
  await insert(writer, 'progress', { partition_id: 0, ...counts, effective_ms: T + 3 * HOUR });
  const minutes: [number, number, number][] = [
    [0, -6, -4],
    [0, -5, 1],
    [0, 30, 90],
    [0, 64, 64],
    [0, 65, 66],
    [1, 10, 11],
  ];
  for (const [n, [line, from, to]] of minutes.entries()) {
    const row = ended(line, 0, n + 1, T + from * MINUTE, T + to * MINUTE);
    await insert(writer, n % 2 ? 'interruption_row' : 'interruption_bare', row);
  }
  const open = { down: true, start_ms: T + 20 * MINUTE, n: 7, correction_ms: 0, uncertain: false };
  await insert(writer, 'open_state', openState(1, 0, { ...open, outage_after_ms: MINUTE }));
  await bring(store, 'components', 'line,kind,component\na,card,C1\nb,cable,K1\n');
  return store;
}

const PLANNED = `select line, (start_ms - ${T}) // ${MINUTE} as at, planned_ms // ${MINUTE} as planned,
  unplanned_ms // ${MINUTE} as unplanned from planned_interruptions order by line, start_ms`;

describe('planned interruptions', () => {
  it('start in the window, 5 minutes wider on both sides, its end excluded', async () => {
    const store = await twoLines();
    await bring(store, 'works', `${WORKS}W1,${T},${T + HOUR},planned,card,C1\n`);
    expect(await rows(store, PLANNED)).toEqual([
      { line: 'a', at: -5, planned: 6, unplanned: 0 },
      { line: 'a', at: 30, planned: 35, unplanned: 25 },
      { line: 'a', at: 64, planned: 0, unplanned: 0 },
    ]);
    expect(
      await rows(
        store,
        'select * exclude (notified_department_ms, notified_customer_ms) from works',
      ),
    ).toEqual([
      {
        work: 'W1',
        status: 'planned',
        start_ms: T,
        end_ms: T + HOUR,
        window_from_ms: T - 5 * MINUTE,
        window_until_ms: T + HOUR + 5 * MINUTE,
        components: 1,
        lines: 1,
      },
    ]);
    expect(await rows(store, 'select * from work_effects')).toEqual([
      { work: 'W1', interruptions: 3, lines: 1, overrun_lines: 1, overrun_ms: 25 * MINUTE },
    ]);
    store.close();
  });

  it('follow works that overlap, move and are cancelled', async () => {
    const store = await twoLines();
    const first = `W1,${T},${T + HOUR},done,card,C1\n`;
    // The second begins in the window of the first: both are one for the lines of both.
    await bring(store, 'works', `${WORKS}${first}W2,${T + HOUR},${T + 2 * HOUR},done,line,a\n`);
    expect(await rows(store, PLANNED)).toEqual([
      { line: 'a', at: -5, planned: 6, unplanned: 0 },
      { line: 'a', at: 30, planned: 60, unplanned: 0 },
      { line: 'a', at: 64, planned: 0, unplanned: 0 },
      { line: 'a', at: 65, planned: 1, unplanned: 0 },
    ]);
    const before = await rows(store, 'select * from planned_mark order by all');
    await bring(store, 'works', `${WORKS}W2,${T + HOUR},${T + 2 * HOUR},cancelled,line,a\n`);
    expect((await rows(store, PLANNED)).map(({ at, planned }) => [at, planned])).toEqual([
      [-5, 6],
      [30, 35],
      [64, 0],
    ]);
    await bring(store, 'works', `${WORKS}W2,${T + HOUR},${T + 2 * HOUR},done,line,a\n`);
    expect(await rows(store, 'select * from planned_mark order by all')).toEqual(before);
    // Moved to another component and a later time: a has one window less, b one more.
    await bring(store, 'works', `${WORKS}W2,${T + 20 * MINUTE},${T + HOUR},running,cable,K1\n`);
    expect(await rows(store, PLANNED)).toEqual([
      { line: 'a', at: -5, planned: 6, unplanned: 0 },
      { line: 'a', at: 30, planned: 35, unplanned: 25 },
      { line: 'a', at: 64, planned: 0, unplanned: 0 },
      { line: 'b', at: 20, planned: 45, unplanned: 115 },
    ]);
    store.close();
  });

  it('go by the components that a line had then', async () => {
    const store = await twoLines();
    const moved = `a,card,C1,,${T + HOUR}\na,card,C2,${T + HOUR},\nb,cable,K1,,\n`;
    await bring(store, 'components', `line,kind,component,valid_from,valid_to\n${moved}`);
    await bring(store, 'works', `${WORKS}W1,${T},${T + HOUR},done,card,C2\n`);
    // The window reaches 5 minutes into the time of C2, so the line is one of the work's.
    expect(await rows(store, PLANNED)).toHaveLength(3);
    await bring(store, 'works', `${WORKS}W1,${T - HOUR},${T + 54 * MINUTE},done,card,C2\n`);
    expect(await rows(store, PLANNED)).toEqual([]);
    store.close();
  });

  it('count an international circuit once a work and calendar month of the zone', async () => {
    const store = await twoLines();
    await bring(store, 'lines', 'line,international,customer\na,true,Bank\nb,false,Bank\n');
    // T is 2006-11-30 23:00 in Shanghai: the second work starts in December there.
    const works = `W1,${T - HOUR},${T - 30 * MINUTE},done,card,C1\nW2,${T + HOUR},${T + 2 * HOUR},planned,card,C1\n`;
    await bring(
      store,
      'works',
      `${WORKS}${works}W3,${T},${T + HOUR},done,card,C1\nW4,${T},${T + HOUR},done,cable,K1\n`,
    );
    expect(await rows(store, 'select * from work_hits order by month')).toEqual([
      {
        line: 'a',
        customer: 'Bank',
        branch: null,
        month: '2006-11',
        planned: 2,
        actual: 1,
        works: 'W1, W3',
      },
      {
        line: 'a',
        customer: 'Bank',
        branch: null,
        month: '2006-12',
        planned: 1,
        actual: 1,
        works: 'W2',
      },
    ]);
    store.close();
  });
});

const later = (text: string): string => new Date(Date.parse(text) + 2 * HOUR).toISOString();

/** Records of a file as the twin reads them: cells by name, no quotes in them. */
function cellsOf(file: string): Record<string, string>[] {
  const [header, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const names = header!.split(',');
  return lines.map((line) =>
    Object.fromEntries(line.split(',').map((cell, i) => [names[i]!, cell])),
  );
}

/** The planned interruptions by the files: every work for every interruption. */
function twin(
  works: readonly Record<string, string>[],
  components: readonly Record<string, string>[],
  interruptions: readonly { line: string; n: number; start_ms: number }[],
): string[] {
  const onComponent = new Map<string, Set<string>>();
  for (const { line, kind, component } of components) {
    const name = `${kind} ${component}`;
    onComponent.set(name, (onComponent.get(name) ?? new Set()).add(line!));
  }
  const windows = works
    .filter(({ status }) => status !== 'cancelled')
    .map(({ start, end, kind, component }) => ({
      lines: onComponent.get(`${kind} ${component}`) ?? new Set<string>(),
      from: Date.parse(start!) - 5 * MINUTE,
      until: Date.parse(end!) + 5 * MINUTE,
    }));
  return interruptions
    .flatMap(({ line, n, start_ms: start }) => {
      let own = windows.filter((window) => window.lines.has(line));
      let until = start;
      for (;;) {
        const reached = own.filter(({ from, until: end }) =>
          until === start ? from <= start && start < end : from <= until && end > until,
        );
        if (reached.length === 0) break;
        until = Math.max(...reached.map((window) => window.until));
        own = own.filter((window) => window.until > until);
      }
      return until === start ? [] : [`${line} ${n} ${until}`];
    })
    .toSorted();
}

describe('a month of the simulated network', () => {
  it(
    'marks what the twin marks, loaded before and changed afterwards',
    { timeout: 120_000 },
    async () => {
      const out = join(temporaryFolder(), 'network');
      const period = { fromMs: Date.UTC(2006, 10, 1) - 8 * HOUR, months: 1 };
      await simulate({ out, seed: 3, lines: 3_000, ...period });
      const storeFile = join(out, 'a.duckdb');
      const files = recordFiles(
        ['components.csv', 'works.csv', 'lines.csv'].map((name) => join(out, name)),
        null,
      );
      const records = await readFiles(files, ZONE);
      expect(records.flatMap(({ bad }) => bad)).toEqual([]);
      const base = { files: [join(out, 'events.ndjson')], sort: false, starts: false, zone: [] };
      await replay({ ...base, rules: DEFAULT_RULES, storeFile, records });
      const store = await openStore(storeFile);
      const works = cellsOf(join(out, 'works.csv'));
      const components = cellsOf(join(out, 'components.csv'));
      const interruptions = await selectRows<{ line: string; n: number; start_ms: number }>(
        store.writer,
        'select line, n, start_ms from interruptions',
      );
      const marked = async (): Promise<string[]> =>
        (await rows(store, 'select line, n, planned_until_ms as until from planned_interruptions'))
          .map(({ line, n, until }) => `${line} ${n} ${until}`)
          .toSorted();
      const wanted = twin(works, components, interruptions);
      expect(wanted.length).toBeGreaterThan(20);
      expect(await marked()).toEqual(wanted);
      // Every third work is cancelled, every fifth runs two hours later.
      const changed = works.map((work, i) => {
        const number = Number(work['work']!.slice(-4));
        if (number % 3 === 0) return { ...work, status: 'cancelled' };
        return number % 5 === 0 && i >= 0
          ? { ...work, start: later(work['start']!), end: later(work['end']!) }
          : work;
      });
      const names = Object.keys(works[0]!);
      const body = changed.map((work) =>
        names.map((name) => work[name as keyof typeof work]).join(','),
      );
      await bring(store, 'works', `${names.join(',')}\n${body.join('\n')}\n`);
      const next = twin(changed, components, interruptions);
      expect(next).not.toEqual(wanted);
      expect(await marked()).toEqual(next);
      store.close();
    },
  );
});
