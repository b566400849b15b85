// `flapline backup` and `flapline restore`: a store to a folder of Parquet files, and back.

import { Command } from 'commander';
import { FlaplineError } from '../config/errors.js';
import type { Flags } from './common.js';
import { say, writeOut } from './output.js';

const STORE_LIMITS = { memory: '2GB', threads: 2 };

/** The command that writes one. */
export function backupCommand(): Command {
  return new Command('backup')
    .summary('a backup of a store as Parquet')
    .description(
      'Writes a backup of a store that no service holds: a Parquet file a table. A running service ' +
        'writes its own every night, into the folder backups of its data.',
    )
    .requiredOption('--store <file>', 'the store')
    .requiredOption('--out <folder>', 'the folder of backups; made if it is not there')
    .action((flags: Flags) => runBackup(String(flags['store']), String(flags['out'])));
}

async function runBackup(file: string, folder: string): Promise<void> {
  const { openReadStore } = await import('../store/read-store.js');
  const { writeBackup } = await import('../store/backup.js');
  const { connection, close } = await openReadStore(file, STORE_LIMITS);
  try {
    await writeOut(`${await writeBackup(connection, folder, Date.now())}\n`);
  } finally {
    close();
  }
}

/** The command that makes a store of one. */
export function restoreCommand(): Command {
  return new Command('restore')
    .summary('a store from a backup')
    .description(
      'Makes a store of a backup. A service that is started on it reads on in Kafka where the backup ' +
        'ends; what Kafka no longer holds is a gap in the coverage.',
    )
    .argument('<backup>', 'a backup, or a folder of backups: the newest of them')
    .requiredOption('--store <file>', 'the store to be made, such as DATA/flapline.duckdb')
    .action((backup: string, flags: Flags) => runRestore(backup, String(flags['store'])));
}

async function runRestore(named: string, file: string): Promise<void> {
  const { backupsIn, restoreBackup } = await import('../store/backup.js');
  const { openStore } = await import('../store/store.js');
  const backup = backupsIn(named)[0] ?? named;
  const writtenMs = await restoreBackup(backup, file);
  try {
    (await openStore(file)).close();
  } catch (error) {
    throw new FlaplineError(
      'STORE_LAYOUT',
      `store ${file} was made of ${backup} and does not open`,
      {
        cause: error,
      },
    );
  }
  say(`${file}: restored from ${backup}, written ${new Date(writtenMs).toISOString()}`);
}
