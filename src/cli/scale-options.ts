// What `detect` and `serve` share: which topic of which cluster, and the name of the application.

import type { Command } from 'commander';
import { FlaplineError } from '../config/errors.js';
import type { Settings } from '../config/settings.js';
import { setting } from './common.js';
import { topicFrom } from './topic-options.js';

const APP_DEFAULT = 'flapline';

/** What --help says of the two. */
export const SCALE_HELP = `
Beside the input there are three topics, named after --app (flapline.findings, .state, .requests), with as
many partitions as the input; none is made by flapline: a start without them says the commands. Any number
of detect, one serve, all with the same --app, --topic and --cluster: src/scale/README.md.`;

/** Adds --app. */
export function withApp(command: Command): void {
  setting(
    command,
    'app',
    '<name>',
    `names the topics, the group and the transactions (default: ${APP_DEFAULT})`,
  );
}

/** The cluster, the input, the name. Throws USAGE, BAD_CONFIG. */
export function scalePlace(settings: Settings) {
  const place = topicFrom(settings);
  if (place === null) {
    throw new FlaplineError('USAGE', 'say what is read: --kafka HOST:PORT and --topic NAME');
  }
  const { app = APP_DEFAULT, cluster = place.brokers } = settings;
  return { ...place, cluster, app };
}
