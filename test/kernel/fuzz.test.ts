// A fuzz loop over the checked build: honest, damaged and mixed records, as records and as a stream.
// No trap, and every reject has a reason in words; from half of the records on all detectors, chatter,
// staleness and mergeGap are on. FLAPLINE_FUZZ sets how many records are read,
// FLAPLINE_FUZZ_SEED of which seed; the first ones are made one by one, all later ones are those
// damaged again. A failure names the records, which the same seed makes again.

import { expect, it } from 'vitest';
import * as L from '../../assembly/layout.js';
import { ALL_RULES } from '../../bench/kernel-rules.js';
import { mutate } from '../judge/bytes.js';
import { seededChoose } from '../judge/choose.js';
import { fuzzRecordAt } from '../judge/generate.js';
import { KernelRun } from './run.js';

const SEED = Number(process.env['FLAPLINE_FUZZ_SEED'] ?? 20061130);
const RECORDS = Number(process.env['FLAPLINE_FUZZ'] ?? 100_000);
const BATCH = 500;
const { detectors, chatter } = ALL_RULES;
const ALL = { detectors, chatter, staleAfterMs: 3_600_000, mergeGapMs: 1_000 };
/** Records made one by one. */
const MADE = 100_000;
/** Records for each ms are about 10; the time is bounded by their number alone. */
const TIMEOUT_MS = 60_000 + RECORDS;

it(
  `reads ${RECORDS} records without a trap`,
  async () => {
    const run = new KernelRun({
      checked: true,
      capacities: { inboxBytes: 50_000, events: 100, findings: 100, frames: 100 },
      limits: { linesMax: 3000, namesMax: 2000, alarmsMax: 5000, alarmsPerLineMax: 40 },
    });
    const reasons = new Map<string, number>();
    let bytes = 0;
    let readMs = 0;
    for (let from = 0; from < RECORDS; from += BATCH) {
      const count = Math.min(BATCH, RECORDS - from);
      if (from < RECORDS / 2 && from + BATCH >= RECORDS / 2) run.changeRules(ALL);
      const records = Array.from({ length: count }, (_, i) => recordAt(from + i));
      for (const record of records) bytes += record.length;
      const began = performance.now();
      await foldBatch(run, records, from);
      readMs += performance.now() - began;
      for (const { reason } of run.rejects) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      run.rejects.length = run.findings.length = run.spans.length = run.unknown.length = 0;
      run.takeOpen();
      run.takeChatter();
    }
    const events = run.kernel.control[L.CTL_EVENTS_APPLIED];
    const rejects = [...reasons.values()].reduce((sum, count) => sum + count, 0);
    const rate = Math.round((RECORDS / readMs) * 1000);
    console.info(
      `fuzz: ${RECORDS} records, ${bytes} bytes, ${events} events, ${rejects} rejects of ` +
        `${reasons.size} reasons, seed ${SEED}; the checked kernel read ${rate} records/s`,
    );
    expect([...reasons.keys()].filter((reason) => /^reason \d+$/.test(reason))).toEqual([]);
    expect(run.kernel.control[L.CTL_REJECTED]).toBe(rejects);
    expect(reasons.size).toBeGreaterThan(Math.min(20, RECORDS / 50));
    expect(events).toBeGreaterThan(RECORDS / 5);
  },
  TIMEOUT_MS,
);

const made: Uint8Array[] = [];

/** Record `i`: of the first MADE, or one of them damaged again. */
function recordAt(i: number): Uint8Array {
  if (i < MADE) {
    made.push(fuzzRecordAt(SEED, i));
    return made[i]!;
  }
  return mutate(made[i % MADE]!, seededChoose(Math.imul(SEED, 0x9e3779b1) ^ i));
}

/** Reads records, or every other time the same kind of bytes as one stream. */
async function foldBatch(run: KernelRun, records: Uint8Array[], from: number): Promise<void> {
  try {
    if ((from / BATCH) % 2 === 0) await run.frames(records, from);
    else await run.stream(records.flatMap((record) => [record, Buffer.from('\n')]));
    run.kernel.calls.resetDecoder();
  } catch (cause) {
    throw new Error(`fuzz: seed ${SEED}, records ${from} to ${from + records.length}`, { cause });
  }
}
