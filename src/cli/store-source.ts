// Where lists come from: a store file that no service holds, or the service that holds it.

import type { Command } from 'commander';
import { FlaplineError } from '../config/errors.js';
import { type Sources, readSettings } from '../config/settings.js';
import { type Flags, setting } from './common.js';

/** DuckDB's limits for a command. */
export const STORE_LIMITS = { memory: '2GB', threads: 2 };

/** Adds --store, --url and the token that the service asks for. */
export function withSource(command: Command, role: 'viewer' | 'operator'): Command {
  command.option('--store <file>', 'a store that no service holds');
  setting(command, 'url', '<address>', 'a running service, asked instead of a store');
  setting(command, `${role}Token`, '<token>', `the service's token of ${role}s`);
  return setting(command, `${role}TokenFile`, '<file>', 'a file that holds it');
}

/** A store file, or the address of a service. Throws USAGE for both or neither. */
export function sourceOf(
  flags: Flags,
  sources: Sources,
): { store: string; url?: undefined } | { store?: undefined; url: string } {
  const store = flags['store'] as string | undefined;
  if (store !== undefined) {
    if (flags['url'] === undefined) return { store };
    throw new FlaplineError('USAGE', 'both --store and --url are given: give one');
  }
  const { url } = readSettings(['url'], sources);
  if (url !== undefined) return { url };
  throw new FlaplineError('USAGE', 'name a --store FILE, or the --url of a running service');
}
