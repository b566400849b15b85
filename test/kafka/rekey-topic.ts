// A topic written again by rekey, on the embedded broker of a test file.

import { DEFAULT_LIMITS } from '../../src/config/limits.js';
import { Decoder } from '../../src/pipeline/decoder.js';
import { Rekey } from '../../src/pipeline/rekey.js';
import { aliasLines } from '../../src/pipeline/rekeyed.js';
import { openTransactions } from '../../src/source/transactions.js';
import { brokers, PATIENCE_MS, withLog } from './helpers.js';

/** Passes on all that a topic holds; the topic that is written, what was counted and said. */
export async function rekeyed(from: string, aliases = aliasLines([])) {
  const topic = `${from}-by-line`;
  const notes: string[] = [];
  const onNote = (text: string): void => void notes.push(text);
  const name = `rekey-${from}`;
  const out = await openTransactions({ brokers: brokers(), topic, name, from, onNote });
  try {
    const counts = await withLog(from, (log) => {
      const decoder = new Decoder({ limits: DEFAULT_LIMITS, zone: [] });
      const rekey = new Rekey({ log, decoder, aliases, out, onNote, onProgress: () => undefined });
      return rekey.run(AbortSignal.timeout(PATIENCE_MS), true);
    });
    return { topic, counts, notes };
  } finally {
    await out.close();
  }
}
