// Backups and damage: a backup restored equals its store; a damaged store, log or backup is put aside and
// rebuilt, and what the log still holds is read again, so that every view ends as if nothing had
// happened.

import {
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backupsIn, restoreBackup, writeBackup } from '../../src/store/backup.js';
import { NightlyBackup } from '../../src/store/nightly.js';
import { openOrRebuild } from '../../src/store/rebuild.js';
import { selectRows } from '../../src/store/sql.js';
import { DEFAULT_STORE_OPTIONS, openStore } from '../../src/store/store.js';
import { runProgram } from '../../src/cli/program.js';
import { temporaryFolder, usesServices, viewsOf } from './service-fixture.js';

usesServices();

const ROWS = 60_000;

/** A data folder whose store has rows in its file and, when `wal`, as many transactions in its log. */
async function damageable(wal: boolean): Promise<{ folder: string; file: string }> {
  const folder = temporaryFolder();
  const made = join(temporaryFolder(), 'flapline.duckdb');
  const store = await openStore(made);
  const { writer } = store;
  await writer.run(`insert into log_partition values (1, 'c', 't', 0)`);
  await writer.run(`insert into line values (1, 'GZ-DDN-0001')`);
  await writer.run(
    `insert into progress values (1, 0, 7, null, null, 0, 900000000, 600000, 0, 0, 0, 0)`,
  );
  await writer.run(
    `insert into interruption_row select 1, 1, i, i * 1000, i * 1000 + 500, null, null, null, null
     from range(${ROWS}) t(i)`,
  );
  await writer.run('checkpoint');
  for (let i = wal ? 0 : 20; i < 20; i++) {
    await writer.run(
      `insert into interruption_row select 1, 1, ${ROWS} + ${i}, 1, 2, null, null, null, null
       from range(500)`,
    );
  }
  const file = join(folder, 'flapline.duckdb');
  copyFileSync(made, file);
  if (wal) copyFileSync(`${made}.wal`, `${file}.wal`);
  store.close();
  return { folder, file };
}

async function rebuilt(folder: string): Promise<{ rows: number; notes: string[] }> {
  const notes: string[] = [];
  const file = join(folder, 'flapline.duckdb');
  const store = await openOrRebuild(file, DEFAULT_STORE_OPTIONS, join(folder, 'backups'), (text) =>
    notes.push(text),
  );
  const [row] = await selectRows<{ rows: number }>(
    store.writer,
    'select count(*) as rows from interruption_row',
  );
  store.close();
  return { rows: row.rows, notes };
}

async function backUp(folder: string): Promise<string> {
  const store = await openStore(join(folder, 'flapline.duckdb'));
  const connection = await store.instance.connect();
  const backup = await writeBackup(connection, join(folder, 'backups'), Date.now());
  connection.closeSync();
  store.close();
  return backup;
}

describe('findings that wait to be published', () => {
  it('are in a backup and come back with it', async () => {
    const { folder, file } = await damageable(false);
    const store = await openStore(file);
    await store.writer.run(`insert into finding_out values (7, 'GZ-DDN-0001', '{}')`);
    const backup = await writeBackup(store.writer, join(folder, 'backups'), Date.now());
    store.close();
    const again = join(temporaryFolder(), 'flapline.duckdb');
    await restoreBackup(backup, again);
    const restored = await openStore(again);
    const rows = await selectRows<{ seq: number; key: string; value: string }>(
      restored.writer,
      'select seq, key, value from finding_out',
    );
    restored.close();
    expect(rows).toEqual([{ seq: 7, key: 'GZ-DDN-0001', value: '{}' }]);
  });
});

describe('a backup that is being written', () => {
  it('lets the database go when that is opened again', async () => {
    const { folder, file } = await damageable(false);
    const store = await openStore(file);
    const notes: string[] = [];
    const onNote = (text: string): void => void notes.push(text);
    const nightly = new NightlyBackup(store, {
      folder: join(folder, 'backups'),
      hour: 3,
      keep: 1,
      onNote,
    });
    store.beforeReopen = () => nightly.letGo();
    const writing = nightly.look(Date.now() + 2 * 86_400_000);
    await store.reopen();
    await writing;
    expect(notes).toHaveLength(1);
    const [row] = await selectRows<{ rows: number }>(
      store.writer,
      'select count(*) as rows from interruption_row',
    );
    store.close();
    expect(row!.rows).toBe(ROWS);
  });
});

describe('a backup', () => {
  it('restored, shows what its store showed', async () => {
    const { folder, file } = await damageable(true);
    const views = await viewsOf(folder);
    expect(views['interruptions']).toHaveLength(ROWS + 10_000);
    const out = join(folder, 'out');
    expect(await runProgram(['backup', '--store', file, '--out', out])).toBe(0);
    rmSync(file);
    expect(await runProgram(['restore', out, '--store', file])).toBe(0);
    expect(await viewsOf(folder)).toEqual(views);
    expect(await runProgram(['restore', out, '--store', file])).toBe(74);
    expect(await runProgram(['restore', folder, '--store', join(folder, 'b.duckdb')])).toBe(74);
  });

  it('that is cut short is refused, and leaves nothing behind', async () => {
    const { folder } = await damageable(false);
    const backup = await backUp(folder);
    truncateSync(join(backup, 'interruption_row.parquet'), 5_000);
    const file = join(folder, 'b.duckdb');
    await expect(restoreBackup(backup, file)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    expect(readdirSync(folder).toSorted()).toEqual(['backups', 'flapline.duckdb']);
  });

  it('is written once a night, so many are kept, and one that failed is tried again', async () => {
    const { folder } = await damageable(false);
    const store = await openStore(join(folder, 'flapline.duckdb'));
    const backups = join(folder, 'backups');
    const notes: string[] = [];
    // 2026-11-28 02:59 in Shanghai.
    const evening = Date.UTC(2026, 10, 27, 18, 59);
    const options = {
      folder: backups,
      hour: 3,
      keep: 2,
      onNote: (text: string) => notes.push(text),
    };
    const nightly = new NightlyBackup(store, options, evening);
    await nightly.look(evening);
    expect(backupsIn(backups)).toHaveLength(0);
    for (let night = 0; night < 3; night++) {
      await nightly.look(evening + 60_000 + night * 86_400_000);
      await nightly.look(evening + 120_000 + night * 86_400_000);
    }
    expect(backupsIn(backups).map((path) => path.slice(-18))).toEqual([
      '2026-11-29T190000Z',
      '2026-11-28T190000Z',
    ]);
    expect(notes).toHaveLength(3);
    // A service that was not there at night makes up for it.
    const late = new NightlyBackup(store, options, evening + 5 * 86_400_000);
    await late.look(evening + 5 * 86_400_000);
    expect(backupsIn(backups)).toHaveLength(2);
    expect(notes).toHaveLength(4);
    writeFileSync(join(folder, 'no-folder'), '');
    const broken = { ...options, folder: join(folder, 'no-folder', 'x') };
    const failing = new NightlyBackup(store, broken, evening);
    await failing.look(evening + 60_000);
    expect(notes.at(-1)).toContain('tried again in an hour');
    store.close();
  });
});

describe('a damaged store', () => {
  it('whose log is cut short keeps what was written before the cut', async () => {
    const { folder, file } = await damageable(true);
    truncateSync(`${file}.wal`, 150_000);
    const { rows, notes } = await rebuilt(folder);
    expect(rows).toBeGreaterThan(ROWS);
    expect(rows).toBeLessThan(ROWS + 10_000);
    expect(notes).toEqual([]);
  });

  it('whose log holds garbage goes on from its last checkpoint', async () => {
    const { folder, file } = await damageable(true);
    const log = readFileSync(`${file}.wal`);
    log[2_000] = log[2_000]! ^ 0xff;
    writeFileSync(`${file}.wal`, log);
    const { rows, notes } = await rebuilt(folder);
    expect(rows).toBe(ROWS);
    expect(notes.join('\n')).toContain('log was put aside as');
    expect(readdirSync(folder).filter((name) => name.includes('.wal.unreadable-'))).toHaveLength(1);
  });

  const damages: [string, (file: string) => void][] = [
    ['cut to half', (file) => truncateSync(file, readFileSync(file).length >> 1)],
    ['empty', (file) => truncateSync(file, 0)],
    ['of random bytes at its head', (file) => overwrite(file, 0)],
    ['of random bytes behind its head', (file) => overwrite(file, 4096)],
  ];

  it.each(damages)('that is %s is put aside and made of the newest backup', async (_, damage) => {
    const { folder, file } = await damageable(false);
    await backUp(folder);
    damage(file);
    const damaged = readFileSync(file);
    const { rows, notes } = await rebuilt(folder);
    expect(rows).toBe(ROWS);
    expect(notes.join('\n')).toContain('restored from');
    const aside = readdirSync(folder).find((name) => name.includes('.duckdb.unreadable-'));
    expect(readFileSync(join(folder, aside!)).equals(damaged)).toBe(true);
  });

  it('without a backup that can be read begins anew, and says so', async () => {
    const { folder, file } = await damageable(false);
    const backup = await backUp(folder);
    writeFileSync(join(backup, 'backup.json'), '{');
    truncateSync(file, 20_000);
    const { rows, notes } = await rebuilt(folder);
    expect(rows).toBe(0);
    expect(notes.join('\n')).toContain('can be used: everything that Kafka still holds');
    expect(existsSync(backup)).toBe(true);
  });

  it('of a newer program is not touched', async () => {
    const { folder, file } = await damageable(false);
    const store = await openStore(file);
    await store.writer.run('update meta set schema_version = 999');
    store.close();
    await expect(rebuilt(folder)).rejects.toMatchObject({ code: 'STORE_LAYOUT' });
    expect(readdirSync(folder)).toEqual(['flapline.duckdb']);
  });
});

function overwrite(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes.fill(0x5a, at, at + 8192);
  writeFileSync(file, bytes);
}
