// Where the service keeps its store: the folder, the disk, and whether the store can be opened.

import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { FlaplineError, messageOf } from '../config/errors.js';
import { openReadStore } from '../store/read-store.js';
import { DEFAULT_STORE_OPTIONS, STORE_FILE } from '../store/store.js';
import { type Check, fine } from './check.js';

const GIB = 2 ** 30;
const FREE_BYTES_MIN = 2 * GIB;

/** Looks at a data folder; makes and changes nothing. */
export async function checkPlace(folder: string): Promise<Check[]> {
  const disk = checkFolder(folder);
  const file = join(folder, STORE_FILE);
  return existsSync(file) ? [disk, await checkStore(file)] : [disk];
}

function checkFolder(folder: string): Check {
  const subject = 'folder';
  let place = resolve(folder);
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  try {
    accessSync(place, constants.W_OK);
  } catch {
    return {
      subject,
      state: 'fault',
      code: 'STORE_UNWRITABLE',
      text: `${folder} cannot be written`,
      advice: 'give this user write access, or name another folder with --data',
    };
  }
  const { bavail, bsize } = statfsSync(place);
  const free = bavail * bsize;
  const text = `${folder}: ${(free / GIB).toFixed(1)} GiB free`;
  if (free >= FREE_BYTES_MIN) return fine(subject, text);
  return {
    subject,
    state: 'warning',
    text,
    advice: 'free some: a full disk stops the service from reading on',
  };
}

async function checkStore(file: string): Promise<Check> {
  const subject = 'store';
  try {
    const store = await openReadStore(file, DEFAULT_STORE_OPTIONS);
    store.close();
    return fine(subject, `${file} can be read`);
  } catch (error) {
    if (!(error instanceof FlaplineError)) throw error;
    if (error.code === 'STORE_LOCKED') return fine(subject, `${file} is held by a running service`);
    if (error.code === 'STORE_OUTDATED') {
      return { subject, state: 'note', text: messageOf(error), advice: null };
    }
    return {
      subject,
      state: 'fault',
      code: error.code,
      text: messageOf(error),
      advice: 'restore a backup, or name another folder with --data',
    };
  }
}
