// `flapline serve`: the one process of the scaled form that has the store, the API and the page.

import { Command } from 'commander';
import { readSettings } from '../config/settings.js';
import { type Flags, sourcesOf, withConfig } from './common.js';
import { CORE_KEYS, coreOptions, withCore } from './core-options.js';
import { SCALE_HELP, scalePlace, withApp } from './scale-options.js';
import { liveOnce } from './service-life.js';

const KEYS = [...CORE_KEYS, 'app'] as const;

const EXAMPLES = `
Examples:
  flapline serve --kafka broker:9092 --topic alarms --data /var/lib/flapline --lines lines.csv
${SCALE_HELP}
It reads the workers' findings, not the input: how far, it keeps in the transaction that stores them.
What --help of run says of store, API and records holds here as well.`;

/** The command. `exit` takes its exit code. */
export function serveCommand(exit: (code: number) => void): Command {
  const command = new Command('serve')
    .summary('the scaled form: the store, API and page of what detect finds')
    .description('Reads what workers (flapline detect) find into the store, with API and page.');
  withCore(command);
  withApp(command);
  return withConfig(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      const sources = sourcesOf(flags);
      const settings = readSettings(KEYS, sources);
      const { app, secrets, ...place } = scalePlace(settings);
      const options = {
        ...coreOptions(settings, sources),
        app,
        kafka: { ...place, secrets },
        commitEveryMs: settings.commitEvery ?? 200,
      };
      exit(
        await liveOnce(settings.quiet ?? false, async (life) =>
          (await import('../serve.js')).startServing({ ...options, ...life }),
        ),
      );
    });
}
