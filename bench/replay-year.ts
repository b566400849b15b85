// The events of the network of SPEC section 1 over some months, as the simulator draws them, in an
// NDJSON file: about a million a month.

import { AlarmStream, buildNetwork, prepareEventBytes, writeEvent } from '../src/simulate/index.js';
import { FileSink } from '../src/simulate/sink.js';

const SEED = 2007;
/** 2006-01-01 in Asia/Shanghai, where the network's months are cut. */
const YEAR = 2006;
const SHANGHAI_MS = 8 * 3_600_000;
const SLICE_MS = 3_600_000;

/** Writes the first `months` months of a year; returns the events and bytes written. */
export async function writeMonths(
  file: string,
  months: number,
): Promise<{ events: number; bytes: number }> {
  const network = buildNetwork({ seed: SEED });
  const bytes = prepareEventBytes(network.lineNames);
  const fromMs = Date.UTC(YEAR, 0, 1) - SHANGHAI_MS;
  const toMs = Date.UTC(YEAR, months, 1) - SHANGHAI_MS;
  const stream = new AlarmStream(network, { seed: SEED, fromMs, keepTruth: false });
  const sink = await FileSink.create(file);
  let events = 0;
  try {
    for (let atMs = fromMs + SLICE_MS; atMs <= toMs; atMs += SLICE_MS) {
      stream.nextUntil(atMs, (event) => {
        events++;
        sink.appendWith(bytes.maxBytes, (target, at) => writeEvent(target, at, event, bytes));
      });
      await sink.drain();
    }
    await sink.flush();
  } finally {
    await sink.close();
  }
  return { events, bytes: sink.bytes };
}
