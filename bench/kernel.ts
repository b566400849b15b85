// Bench: the kernel alone, against native code that does the same (bench/native). Goals: detection
// against plain C++ -O3 of the same algorithm and data layout, and against C++ that asks for memory
// ahead; decoding and naming against simdjson On-Demand (as a document stream, its faster form here;
// -march=native made neither peer faster) and JSON.parse; what all detectors cost; bytes a line; the
// curve to 10,000,000 lines. Non-goals: equal strictness (the kernel takes what JSON.parse takes and
// nothing else, simdjson skips what is not asked for), aliases, rejections, files, the store. All
// sides take turns on one core, each warmed up; a ratio is the median of the rounds' ratios.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_RULES } from '../src/config/rules.js';
import { DEFAULT_CAPACITIES } from '../src/kernel/kernel.js';
import { bytesPerLine } from '../src/kernel/size.js';
import { type ColumnsFile, writeColumns } from './kernel-columns.js';
import { buildNative, describeNative } from './kernel-native.js';
import type { ProcessReport } from './kernel-process.js';
import {
  type Gates,
  MILLION,
  NETWORK_LINES,
  type Point,
  TEN_MILLION,
  decodeFields,
  detectFields,
  judge,
  keepAll,
} from './kernel-results.js';
import { ALL_DETECTORS, ALL_RULES, EACH_RULE } from './kernel-rules.js';
import {
  type GroupResult,
  type SideContext,
  decodeSides,
  nativeDetect,
  ourDetect,
  ourFold,
  ratio,
  takeTurns,
} from './kernel-sides.js';
import { type Machine, describeMachine, median } from './machine.js';
import type { BenchOptions } from './main.js';
import { chooseCore, runPinned } from './pinned.js';
import { lineName, writeWorkload } from './workload.js';

interface Size {
  /** Numbers of lines of the curve; the network's and a million are always among them. */
  readonly curve: readonly number[];
  readonly rounds: number;
  readonly leadBlocks: number;
  readonly timedBlocks: number;
  readonly decodeEvents: number;
  /** What each rule costs by itself is measured too. */
  readonly eachRule: boolean;
  /** Lines of the process whose memory is measured, null = not measured. */
  readonly processLines: number | null;
  readonly gates: Gates;
}

const FULL: Size = {
  curve: [1_000, 10_000, NETWORK_LINES, 100_000, MILLION, TEN_MILLION],
  rounds: 11,
  leadBlocks: 256,
  timedBlocks: 512,
  decodeEvents: 500_000,
  eachRule: true,
  processLines: MILLION,
  gates: {
    detect_vs_native_48840: 0.8,
    detect_vs_native_1m: 0.8,
    decode_vs_simdjson_map: 1.2,
    decode_vs_simdjson_open: 0.65,
    decode_vs_json_parse: 8,
    all_detectors_cost: 2,
    bytes_per_line: 128,
    process_bytes_per_line: 256,
  },
};
/** Gates well below the figures: short rounds on a busy machine. */
const SMOKE: Size = {
  curve: [1_000, NETWORK_LINES, MILLION],
  rounds: 5,
  leadBlocks: 64,
  timedBlocks: 128,
  decodeEvents: 200_000,
  eachRule: false,
  processLines: null,
  gates: {
    detect_vs_native_48840: 0.4,
    detect_vs_native_1m: 0.5,
    decode_vs_simdjson_map: 0.7,
    decode_vs_simdjson_open: 0.4,
    decode_vs_json_parse: 4,
    all_detectors_cost: 3,
    bytes_per_line: 128,
  },
};
const SEED = 20_070_101;
/** Events of both processes whose memory is compared; the lines of the small one. */
const PROCESS_EVENTS_A_LINE = 2;
const PROCESS_LINES_FEW = 1_000;

interface Bench extends SideContext {
  readonly folder: string;
  readonly size: Size;
}

/** Runs the bench. Throws when outputs differ, or a gate is missed. */
export async function runKernelBench({ smoke, keep, signal }: BenchOptions): Promise<void> {
  const size = smoke ? SMOKE : FULL;
  const machine = describeMachine();
  const core = chooseCore();
  printMachine(machine, core);
  const folder = await mkdtemp(join(tmpdir(), 'flapline-bench-'));
  try {
    const bench: Bench = { folder, core, size, signal, native: buildNative(folder) };
    print(`native side: ${describeNative()}`);
    const decode = await compareDecoding(bench);
    const points: Point[] = [];
    for (const lines of size.curve) points.push(await measurePoint(bench, lines));
    const costs = await costOfRules(bench);
    const result = {
      bench: 'kernel',
      ...detectFields(points),
      ...decodeFields(decode),
      ...costs,
      bytes_per_line: kernelBytesPerLine(bench),
      process_bytes_per_line: await processBytesPerLine(bench),
      hash_detect: points.find((point) => point.lines === NETWORK_LINES)!.detect.hash,
      hash_decode: decode.hash,
      smoke,
    };
    if (keep) print(keepAll(machine, { result, pinned: core !== null, decode, points }));
    print(`RESULT ${JSON.stringify(result)}`);
    judge(result, size.gates);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function printMachine({ cpu, cores, memoryGb, node, commit }: Machine, core: number | null): void {
  print(`on ${cpu}, ${cores} cores, ${memoryGb} GB, Node ${node}, commit ${commit ?? 'unknown'}`);
  print(core === null ? 'taskset is missing: NOT pinned to a core' : `pinned to core ${core}`);
}

function printGroup(what: string, result: GroupResult): void {
  const sides = result.rates.map(({ name, nsPerEvent }, i) => {
    const ns = median(nsPerEvent).toFixed(1);
    return `${name} ${ns} ns${i === 0 ? '' : ` (${ratio(result, i).toFixed(2)})`}`;
  });
  print(`${what}, an event: ${sides.join(', ')}; hash ${result.hash} on all sides`);
}

async function compareDecoding(bench: Bench): Promise<GroupResult> {
  const file = join(bench.folder, 'events.ndjson');
  const { bytes } = writeWorkload(file, bench.size.decodeEvents, NETWORK_LINES, SEED);
  const plans = decodeSides(bench.native, file, NETWORK_LINES);
  const result = await takeTurns(bench, plans, bench.size.rounds);
  await rm(file);
  printGroup(
    `decoding and naming ${bench.size.decodeEvents} events of ` +
      `${(bytes / bench.size.decodeEvents).toFixed(0)} bytes`,
    result,
  );
  return result;
}

async function withColumns<T>(
  { folder, size }: Bench,
  lines: number,
  body: (columns: ColumnsFile) => Promise<T>,
): Promise<T> {
  const file = join(folder, `columns-${lines}`);
  const { rounds, leadBlocks, timedBlocks } = size;
  const columns = writeColumns(file, { lines, rounds, leadBlocks, timedBlocks }, SEED);
  try {
    return await body(columns);
  } finally {
    await rm(file);
  }
}

async function measurePoint(bench: Bench, lines: number): Promise<Point> {
  return withColumns(bench, lines, async (columns) => {
    const plans = [
      ourDetect(columns),
      nativeDetect(bench.native, columns, 'none'),
      nativeDetect(bench.native, columns, 'touch'),
      nativeDetect(bench.native, columns, 'prefetch'),
    ];
    const detect = await takeTurns(bench, plans, bench.size.rounds);
    printGroup(`detection, ${lines} lines`, detect);
    const plan = ourFold('kernel', columns, DEFAULT_RULES);
    const fold = await takeTurns(bench, [plan], bench.size.rounds);
    if (fold.hash === '') throw new Error('the whole kernel gave no hash');
    printGroup(`text to findings, ${lines} lines`, fold);
    return { lines, detect, fold };
  });
}

/** The whole kernel with every detector on, and with every rule, in the cost of the default rules. */
async function costOfRules(bench: Bench) {
  return withColumns(bench, NETWORK_LINES, async (columns) => {
    const plans = [
      ourFold('default rules', columns, DEFAULT_RULES),
      ourFold('all detectors', columns, ALL_DETECTORS),
      ourFold('all rules', columns, ALL_RULES),
    ];
    const result = await takeTurns(bench, plans, bench.size.rounds, true);
    if (bench.size.eachRule) await costOfEachRule(bench, columns);
    const costs = { all_detectors_cost: ratio(result, 1), all_rules_cost: ratio(result, 2) };
    print(
      `text to findings, in the cost of the default rules: all detectors ` +
        `${costs.all_detectors_cost}, chatter and a second window besides ${costs.all_rules_cost}`,
    );
    return costs;
  });
}

/** Each rule by itself, in turns with the default rules. */
async function costOfEachRule(bench: Bench, columns: ColumnsFile): Promise<void> {
  for (const [name, rules] of EACH_RULE) {
    const plans = [ourFold('default rules', columns, DEFAULT_RULES), ourFold(name, columns, rules)];
    const result = await takeTurns(bench, plans, bench.size.rounds, true);
    print(`text to findings, in the cost of the default rules: ${name} ${ratio(result, 1)}`);
  }
}

/** Bytes a line in the kernel, all but its name's, by the formula: the most of any size. */
function kernelBytesPerLine({ size }: Bench): number {
  const bytes = size.curve.map((lines) =>
    bytesPerLine({ ...DEFAULT_CAPACITIES, lines }, DEFAULT_RULES),
  );
  const most = Math.round(Math.max(...bytes) * 100) / 100;
  print(`memory: at most ${most} bytes a line in a kernel of any of these sizes, beside its name`);
  return most;
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

/** Bytes a line of the whole process of `run` beside its name, as measured. */
async function processBytesPerLine({ core, size, signal }: Bench): Promise<number | null> {
  const lines = size.processLines;
  if (lines === null) return null;
  const events = lines * PROCESS_EVENTS_A_LINE;
  const measure = (count: number) =>
    runPinned<ProcessReport>(core, './kernel-process.js', [`${count}`, `${events}`], signal);
  const many = await measure(lines);
  const few = await measure(PROCESS_LINES_FEW);
  const added = (many.residentBytes - few.residentBytes) / (lines - PROCESS_LINES_FEW);
  const beside = Math.round(added - lineName(0).length);
  print(
    `memory: ${beside} bytes a line beside its name in the process of run with ${lines} lines ` +
      `(${mib(many.residentBytes)}, at most ${mib(many.peakBytes)}; with ${PROCESS_LINES_FEW} ` +
      `lines and as many events ${mib(few.residentBytes)})`,
  );
  return beside;
}
