// What operators change through the running service: the options that say which one, and the request.

import type { Command } from 'commander';
import { FlaplineError } from '../config/errors.js';
import { readSecret, readSettings } from '../config/settings.js';
import { type Flags, setting, sourcesOf } from './common.js';
import { addressOf, askService } from './service.js';

/** Adds the options that `askAsOperator` reads. */
export function operatorSettings(command: Command): void {
  setting(command, 'url', '<address>', 'the running service');
  setting(command, 'operatorToken', '<token>', "the service's token of operators");
  setting(command, 'operatorTokenFile', '<file>', 'a file that holds it');
}

/**
 * Posts `body` to a path of the service; the answer's JSON. Throws USAGE without --url, and as
 * askService does.
 */
export async function askAsOperator(flags: Flags, path: string, body: object): Promise<unknown> {
  const sources = sourcesOf(flags);
  const { url } = readSettings(['url'], sources);
  if (url === undefined) throw new FlaplineError('USAGE', 'name the --url of the running service');
  const token = readSecret('operatorToken', sources);
  return askService(addressOf(url, path), token, 'operator', body);
}
