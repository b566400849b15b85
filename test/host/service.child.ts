// A service as a process of its own, for tests that kill it: options as JSON in the first argument,
// a line of JSON for each thing it says. SIGTERM stops it cleanly.

import { type ServiceOptions, startService } from '../../src/app.js';
import { FlaplineError, messageOf } from '../../src/config/errors.js';

const say = (what: object): void => {
  process.stdout.write(`${JSON.stringify(what)}\n`);
};
const fail = (error: unknown): void => {
  const code = error instanceof FlaplineError ? error.code : null;
  say({ failed: messageOf(error), code });
  process.exitCode = 1;
};

const options = JSON.parse(process.argv[2]) as ServiceOptions;
try {
  const service = await startService({
    ...options,
    onNote: (note) => say({ note }),
    onFailure: fail,
  });
  process.on('SIGTERM', () => {
    service.stop().then(() => say({ stopped: true }), fail);
  });
  const { address, brokers, topic } = service;
  say({ address, brokers, topic });
} catch (error) {
  fail(error);
}
