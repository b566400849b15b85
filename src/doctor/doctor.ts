// doctor: looks at everything a service depends on before it is started, or while it runs, and changes
// nothing. What cannot be looked at because something before it failed is left out.

import { messageOf, FlaplineError } from '../config/errors.js';
import type { Rules } from '../config/rules.js';
import type { CompiledMapping } from '../mapping/compiled.js';
import { PRESETS, readFormat } from '../mapping/format.js';
import { Decoder, type DecoderOptions } from '../pipeline/decoder.js';
import { codecProblem, openLog, type KafkaLog, type Settings } from '../source/kafka.js';
import { byPartition, type LogRecord } from '../source/log.js';
import { type Check, fine } from './check.js';
import { checkClocks, type ClockReading } from './clocks.js';
import { checkPlace } from './place.js';
import {
  checkFormat,
  checkKeys,
  checkSizes,
  type FormatTrial,
  type SampledPartition,
} from './sample.js';
import { checkKept, checkLayout, type PartitionSpan } from './topic.js';

/** What is looked at. */
export interface DoctorOptions {
  /** null: no cluster is looked at. */
  readonly kafka: {
    readonly brokers: string;
    readonly topic: string;
    readonly settings: Settings;
    readonly startTimeoutMs: number;
  } | null;
  readonly dataFolder: string;
  /** As --format has it. */
  readonly format: string;
  readonly rules: Rules;
  readonly decoder: DecoderOptions;
  readonly objectBytesMax: number;
  /** Newest records looked at, of all partitions together. */
  readonly records: number;
}

const SAMPLE_TIMEOUT_MS = 15_000;
const CONSUME_TIMEOUT_MS = 200;
const FIRST_TIMEOUT_MS = 5_000;

/** All checks, in the order in which they were made. */
export async function examine(options: DoctorOptions): Promise<Check[]> {
  const checks = await checkPlace(options.dataFolder);
  checks.push(codecs());
  const { kafka } = options;
  if (kafka === null) return checks;
  let log: KafkaLog;
  try {
    log = await openLog(kafka);
  } catch (error) {
    return [...checks, failed('cluster', error)];
  }
  try {
    checks.push(fine('cluster', `${kafka.brokers} answers, topic ${kafka.topic} is there`));
    await examineTopic(log, options, checks);
  } catch (error) {
    checks.push(failed('reading', error));
  } finally {
    await log.close();
  }
  return checks;
}

async function examineTopic(log: KafkaLog, options: DoctorOptions, checks: Check[]): Promise<void> {
  const layout = await log.layout();
  checks.push(checkLayout(layout));
  const spans: PartitionSpan[] = [];
  for (const { partition, hasLeader } of layout.partitions) {
    if (!hasLeader) continue;
    const { low, high } = await log.watermarks(partition);
    const first =
      low > 0 && high > low ? await log.readOne(partition, low, FIRST_TIMEOUT_MS) : null;
    spans.push({ partition, low, high, firstMs: positive(first?.timestamp) });
  }
  const records = await newest(log, spans, options.records);
  const { partitionErrors, lastError } = log.problems;
  const problem = [...partitionErrors.values()][0] ?? (records.length === 0 ? lastError : null);
  if (problem !== null && problem !== undefined) {
    const advice = 'grant the rights Read and Describe on the topic, or see to the broker';
    const code = 'BROKER_UNAVAILABLE';
    checks.push({ subject: 'reading', state: 'fault', code, text: problem, advice });
  }
  checks.push(checkKept(spans, Date.now()));
  if (records.length > 0) checks.push(...(await examineRecords(records, spans.length, options)));
}

async function examineRecords(
  records: readonly LogRecord[],
  partitions: number,
  options: DoctorOptions,
): Promise<Check[]> {
  const sample = await decoded(records, options.decoder);
  const isClean = sample.every(
    ({ decoded: { rejects, events } }) => !rejects.length && events.length,
  );
  const others = isClean ? [] : await trials(records, options);
  return [
    checkFormat(options.format, sample, others),
    checkKeys(sample, partitions),
    checkSizes(sample, options.objectBytesMax),
    checkClocks(readings(sample), options.rules.maxSkewMs),
  ];
}

/** The newest records of every partition, about as many of each. */
async function newest(
  log: KafkaLog,
  spans: readonly PartitionSpan[],
  count: number,
): Promise<LogRecord[]> {
  const each = Math.max(1, Math.ceil(count / Math.max(1, spans.length)));
  const filled = spans.filter(({ low, high }) => high > low);
  await log.assign(
    filled.map(({ partition, low, high }) => ({ partition, offset: Math.max(low, high - each) })),
  );
  const records: LogRecord[] = [];
  const endMs = performance.now() + SAMPLE_TIMEOUT_MS;
  const isRead = (): boolean =>
    filled.every(({ partition, high }) => (log.positions().get(partition) ?? 0) >= high);
  while (!isRead() && performance.now() < endMs && records.length < 2 * count) {
    records.push(...(await log.consume(count, CONSUME_TIMEOUT_MS)));
  }
  return records;
}

async function decoded(
  records: readonly LogRecord[],
  options: DecoderOptions,
): Promise<SampledPartition[]> {
  const decoder = new Decoder(options);
  const sample: SampledPartition[] = [];
  for (const [partition, own] of byPartition(records)) {
    sample.push({ partition, records: own, decoded: await decoder.decode(own) });
  }
  return sample;
}

/** How every other format that is shipped reads the records. */
async function trials(
  records: readonly LogRecord[],
  { format, decoder }: DoctorOptions,
): Promise<FormatTrial[]> {
  const found: FormatTrial[] = [];
  for (const other of ['native', ...PRESETS].filter((name) => name !== format)) {
    const mapping: CompiledMapping = readFormat(other, false);
    const sample = await decoded(records, { ...decoder, mapping });
    found.push({
      format: other,
      events: sample.reduce((sum, each) => sum + each.decoded.events.length, 0),
      rejected: sample.reduce((sum, each) => sum + each.decoded.rejects.length, 0),
    });
  }
  return found;
}

/** The clock of each event, counted under its alarmed object, or its line. */
function readings(sample: readonly SampledPartition[]): ClockReading[] {
  return sample.flatMap(({ records, decoded: { events } }) => {
    const stamps = new Map(records.map(({ offset, timestamp }) => [offset, timestamp]));
    return events.flatMap(({ offset, state, timeMs, key, line }) => {
      const stampMs = stamps.get(offset) ?? -1;
      if (state === null || stampMs < 0) return [];
      return [{ source: key ?? line, aheadMs: timeMs - stampMs }];
    });
  });
}

function codecs(): Check {
  const problem = codecProblem();
  if (problem === null) return fine('codecs', 'gzip, snappy, lz4 and zstd can be read');
  return { subject: 'codecs', state: 'note', text: problem, advice: null };
}

function failed(subject: string, error: unknown): Check {
  if (!(error instanceof FlaplineError)) throw error;
  return { subject, state: 'fault', code: error.code, text: messageOf(error), advice: null };
}

function positive(ms: number | undefined): number | null {
  return ms !== undefined && ms >= 0 ? ms : null;
}
