// The newest records of a topic, and what they say of format, keys and sizes.

import type { Decoded } from '../pipeline/decoder.js';
import type { LogFrame } from '../pipeline/fold.js';
import { type Check, fine, shareWords } from './check.js';

/** Records of one partition with what the decoder made of them. */
export interface SampledPartition {
  readonly partition: number;
  readonly records: readonly LogFrame[];
  readonly decoded: Decoded;
}

/** How another format reads the same records. */
export interface FormatTrial {
  readonly format: string;
  readonly events: number;
  readonly rejected: number;
}

const REASONS_SHOWN_MAX = 3;
const SAMPLE_CHARACTERS_MAX = 80;
const LINES_SHOWN_MAX = 3;

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Whether the format fits; `others` = how the presets read the same records. */
export function checkFormat(
  format: string,
  sample: readonly SampledPartition[],
  others: readonly FormatTrial[],
): Check {
  const subject = 'format';
  const events = sum(sample.map(({ decoded }) => decoded.events.length));
  const rejects = sample.flatMap(({ decoded }) => decoded.rejects);
  const records = sum(sample.map((each) => each.records.length));
  const text = `${format}: ${events} events in the newest ${records} records`;
  if (rejects.length === 0 && events > 0) return fine(subject, text);
  const better = others
    .filter((other) => other.events - other.rejected > events - rejects.length)
    .toSorted((a, b) => b.events - b.rejected - (a.events - a.rejected))[0];
  const advice = better
    ? `--format ${better.format} reads ${better.events} events of them, ${better.rejected} rejected`
    : 'write a mapping file for these messages (README, Other formats), or mend the source';
  if (rejects.length === 0) {
    return { subject, state: 'warning', text: `${text}; all were skipped by the mapping`, advice };
  }
  return {
    subject,
    state: events > rejects.length ? 'warning' : 'fault',
    code: 'BAD_DATA',
    text: `${text}; ${rejects.length} objects rejected: ${reasonWords(rejects)}`,
    advice,
  };
}

function reasonWords(rejects: Decoded['rejects']): string {
  const byReason = new Map<string, { times: number; place: string; sample: string }>();
  for (const { reason, place, position, sample } of rejects) {
    const known = byReason.get(reason);
    if (known) known.times++;
    else byReason.set(reason, { times: 1, place: `offset ${position}, ${place}`, sample });
  }
  const rows = [...byReason].toSorted((a, b) => b[1].times - a[1].times);
  const shown = rows.slice(0, REASONS_SHOWN_MAX).map(([reason, { times, place, sample }]) => {
    const cut = sample.slice(0, SAMPLE_CHARACTERS_MAX);
    return `${times} × ${reason} (${place}${cut === '' ? '' : `: ${cut}`})`;
  });
  return shown.join('; ') + (rows.length > shown.length ? '; …' : '');
}

/** Whether every line keeps to one of the topic's partitions, in the order in which it was sent. */
export function checkKeys(sample: readonly SampledPartition[], partitions: number): Check {
  const subject = 'keys';
  const records = sample.flatMap((each) => each.records);
  const places = new Map<string, Set<number>>();
  for (const { partition, decoded } of sample) {
    for (const { line } of decoded.events) {
      places.set(line, (places.get(line) ?? new Set()).add(partition));
    }
  }
  const spread = [...places].filter(([, found]) => found.size > 1);
  const advice =
    'have producers key their records by line, or put `flapline rekey` before the service';
  if (spread.length > 0) {
    const shown = spread.slice(0, LINES_SHOWN_MAX).map(([line]) => line);
    return {
      subject,
      state: 'warning',
      text:
        `${shareWords(spread.length, places.size)} lines lie on several partitions ` +
        `(${shown.join(', ')}${spread.length > shown.length ? ', …' : ''}): each is judged apart`,
      advice,
    };
  }
  const bare = records.filter(({ key }) => key === null || key.length === 0).length;
  if (bare === 0 || partitions === 1) {
    return fine(subject, `${places.size} lines, each on one partition`);
  }
  return {
    subject,
    state: 'warning',
    text: `${shareWords(bare, records.length)} records have no key: their lines go anywhere`,
    advice,
  };
}

/** Whether records fit the inbox. */
export function checkSizes(sample: readonly SampledPartition[], objectBytesMax: number): Check {
  const subject = 'sizes';
  const sizes = sample.flatMap((each) => each.records.map(({ value }) => value?.length ?? 0));
  const largest = Math.max(0, ...sizes);
  const events = sum(sample.map(({ decoded }) => decoded.events.length));
  const perRecord = sizes.length === 0 ? 0 : events / sizes.length;
  const text = `largest record ${largest} bytes, ${perRecord.toFixed(1)} events a record`;
  if (largest < objectBytesMax) return fine(subject, text);
  return {
    subject,
    state: 'warning',
    text: `${text}: too large for the inbox of ${objectBytesMax}`,
    advice: 'raise objectBytesMax, or send smaller records: larger ones are rejected',
  };
}
