// A notifier over a store file as a process of its own, for the test that kills it: file and address of a
// webhook as arguments; one pass, then it ends.

import { Notifier } from '../../src/notify/notifier.js';
import { webhookChannel } from '../../src/notify/webhook.js';
import { openStore } from '../../src/store/store.js';
import { T } from './store-fixture.js';

const [file, url] = process.argv.slice(2);
const store = await openStore(file!);
const notifier = new Notifier({
  read: (query) => query(store.writer),
  write: (statements) => statements(store.writer),
  readAt: () => ({ at: { atMs: T } }),
  now: () => T,
  channels: [webhookChannel({ name: 'hook', url: url!, form: 'cloudevents', secret: null })],
  digestEveryMs: 900_000,
  note: (text) => void process.stderr.write(`${text}\n`),
});
await notifier.pass();
await notifier.stop();
store.close();
