// The service's own store, opened whatever state a disk has left it in. What cannot be read is put aside
// under a name with the date, never removed, and what is there in its place is taken: the file without
// its log, else the newest backup that can be read, else nothing. Kafka then gives again what it still
// holds from there on; the rest becomes a gap in the coverage, as after any loss of positions.

import { existsSync, renameSync } from 'node:fs';
import { FlaplineError } from '../config/errors.js';
import { backupsIn, restoreBackup } from './backup.js';
import { isDatabase } from './database-file.js';
import { type Store, type StoreOptions, openStore } from './store.js';

/** Opens a store; one that is damaged is put aside and rebuilt. `backups` = the folder of backups. */
export async function openOrRebuild(
  file: string,
  options: StoreOptions,
  backups: string,
  onNote: (text: string) => void,
): Promise<Store> {
  try {
    return await openStore(file, options);
  } catch (error) {
    if (!isDamage(error, file)) throw error;
    onNote((error as Error).message);
  }
  const stamp = new Date().toISOString().replaceAll(':', '-');
  const log = `${file}.wal`;
  if (existsSync(log)) {
    renameSync(log, `${log}.unreadable-${stamp}`);
    try {
      const store = await openStore(file, options);
      onNote(
        `its log was put aside as ${log}.unreadable-${stamp}; the store goes on from its last ` +
          'checkpoint, what came after it is read again where Kafka still holds it',
      );
      return store;
    } catch (error) {
      if (!isDamage(error, file)) throw error;
    }
  }
  renameSync(file, `${file}.unreadable-${stamp}`);
  onNote(`the store was put aside as ${file}.unreadable-${stamp}`);
  await restoreNewest(file, backups, onNote);
  return openStore(file, options);
}

function isDamage(error: unknown, file: string): boolean {
  if (!(error instanceof FlaplineError)) return false;
  return error.code === 'STORE_DAMAGED' || (error.code === 'STORE_LAYOUT' && !isDatabase(file));
}

async function restoreNewest(
  file: string,
  backups: string,
  onNote: (text: string) => void,
): Promise<void> {
  for (const backup of backupsIn(backups)) {
    try {
      const writtenMs = await restoreBackup(backup, file);
      onNote(
        `restored from ${backup}, written ${new Date(writtenMs).toISOString()}; what came after it ` +
          'is read again where Kafka still holds it, the rest is a gap in the coverage',
      );
      return;
    } catch (error) {
      onNote(`${(error as Error).message}; the one before it is tried`);
    }
  }
  onNote(
    `no backup in ${backups} can be used: everything that Kafka still holds is read again, the rest ` +
      'is a gap in the coverage',
  );
}
