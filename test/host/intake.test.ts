// Records on their way in: the watched folder (what is whole and new is read once for each state of it,
// what is wrong is told), and a kill -9 in the middle of an import, which leaves all of it or nothing.

import { fork } from 'node:child_process';
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../src/config/root.js';
import { RecordIntake } from '../../src/pipeline/record-intake.js';
import { selectRows } from '../../src/store/sql.js';
import { type Store, openStore } from '../../src/store/store.js';
import { temporaryFolder, usesServices } from './service-fixture.js';

usesServices();

describe('the watched folder', () => {
  let store: Store;
  let folder: string;
  let notes: string[];
  let reloads: string[];
  beforeEach(async () => {
    store = await openStore(':memory:');
    folder = temporaryFolder();
    notes = [];
    reloads = [];
  });
  afterEach(() => store.close());

  const intake = (of = folder): RecordIntake =>
    new RecordIntake({
      store,
      timeZone: 'Asia/Shanghai',
      folder: of,
      running: () => null,
      onLines: () => reloads.push('lines'),
      onComponents: () => reloads.push('components'),
      onNote: (text) => notes.push(text.replaceAll(folder, 'FOLDER')),
    });

  /** A file written `agoSeconds` ago. */
  function put(name: string, text: string, agoSeconds: number): void {
    const file = join(folder, name);
    writeFileSync(file, text);
    const at = Date.now() / 1000 - agoSeconds;
    utimesSync(file, at, at);
  }

  const lines = (): Promise<{ line: string; branch: string }[]> =>
    selectRows(store.writer, 'select line, branch from line_records order by line');

  it('reads a file once for each state of it, and says what changed', async () => {
    put('lines-2007.csv', 'line,branch\na,广州\nb,广州\n', 60);
    put('components.csv', 'line,kind,component\na,card,K1\n', 30);
    const one = intake();
    await one.begin([]);
    await one.look();
    expect(notes).toEqual([
      'lines of FOLDER/lines-2007.csv: 2 rows, 2 added, 0 changed, 0 ended, 0 unchanged, 0 bad',
      'components of FOLDER/components.csv: 1 rows, 1 added, 0 changed, 0 ended, 0 unchanged, 0 bad',
    ]);
    expect(reloads).toEqual(['lines', 'components']);
    put('lines-2007.csv', 'line,branch\na,深圳\nb,广州\n', 20);
    await one.look();
    expect(notes.slice(2)).toEqual([
      'lines of FOLDER/lines-2007.csv: 2 rows, 0 added, 1 changed (branch 1), 0 ended, 1 unchanged, 0 bad',
    ]);
    expect(await lines()).toEqual([
      { line: 'a', branch: '深圳' },
      { line: 'b', branch: '广州' },
    ]);
  });

  it('leaves what is still written, hidden, or of no kind', async () => {
    put('lines.csv', 'line,branch\na,广', 0);
    put('lines.csv.part', 'line,branch\na,x\n', 60);
    put('.lines.csv', 'line,branch\na,x\n', 60);
    put('notes.txt', 'line,branch\na,x\n', 60);
    const one = intake();
    await one.begin([]);
    expect([notes, await lines()]).toEqual([[], []]);
    put('lines.csv', 'line,branch\na,广州\n', 2);
    await one.look();
    expect(await lines()).toEqual([{ line: 'a', branch: '广州' }]);
  });

  it('tells what is wrong with its place, and goes on when that is mended', async () => {
    put('lines.csv', 'line,inspected_at\na,2007-01-01\n,2007-01-01\nb,soon\n', 60);
    put('works.csv', 'nothing\n1\n', 30);
    const one = intake();
    await one.begin([]);
    expect(notes[0]).toMatch(/^FOLDER\/lines\.csv, line 3: .*; left out$/);
    expect(notes[1]).toMatch(/^FOLDER\/lines\.csv, line 4: .*soon.*; left out$/);
    expect(notes[2]).toMatch(/lines\.csv: 3 rows, 1 added, .* 2 bad/);
    expect(notes[3]).toMatch(/works\.csv/);
    expect(notes).toHaveLength(4);
    await one.look();
    expect(notes).toHaveLength(4);
    put('works.csv', 'work,start,end,kind,component\nW,2007-01-02,2007-01-03,line,a\n', 20);
    await one.look();
    expect(notes[4]).toMatch(/works\.csv: 1 rows, 1 added/);
  });

  it('says that it cannot be read, and does not end for it', async () => {
    const one = intake(join(folder, 'absent'));
    await one.begin([]);
    expect(notes).toEqual([expect.stringMatching(/^folder of records FOLDER\/absent: cannot be/)]);
    rmSync(folder, { recursive: true });
  });
});

describe('an import that is killed', () => {
  it('is in the store as a whole or not at all', async () => {
    const file = join(temporaryFolder(), 'store.duckdb');
    (await openStore(file)).close();
    for (const afterMs of [5, 30, 60, 120]) {
      const child = fork(join(ROOT, 'dist', 'test', 'host', 'import.child.js'), [file], {
        execArgv: [],
      });
      const ended = new Promise((resolve) => child.once('close', resolve));
      let said = -1;
      child.on('message', (turn) => (said = Number(turn)));
      // The first version is committed; the kill comes in one of the next.
      await new Promise((resolve) => child.once('message', resolve));
      await delay(afterMs);
      child.kill('SIGKILL');
      await ended;
      const store = await openStore(file);
      const found = await selectRows<{ branch: string; lines: number }>(
        store.writer,
        'select branch, count(*) as lines from line_records group by branch',
      );
      expect(found).toMatchObject([{ lines: 2_000 }]);
      const [pid, turn] = found[0]!.branch.split('-').map(Number);
      expect(pid).toBe(child.pid);
      // What was said to be committed is there; the next one may be.
      expect([said, said + 1]).toContain(turn);
      // What follows from the records is of the same moment.
      const members = await selectRows<{ name: string; lines: number }>(
        store.writer,
        `select g.name, count(*) as lines from line_member m join line_group g using (group_id)
         where m.by_what = 'branch' and m.to_ms > ${2 ** 52} group by g.name`,
      );
      expect(members).toEqual([{ name: found[0]!.branch, lines: 2_000 }]);
      store.close();
    }
  }, 120_000);
});
