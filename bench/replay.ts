// Bench: history from a file to findings in a checkpointed store, against DuckDB doing it in SQL.
// Goals: the throughput of the real `replay` (read, decode, name, judge, append, commit, checkpoint)
// beside what a user would pick instead, on equal results; and the time a year of the network takes.
// Non-goals: the kernel alone, Kafka, named alarms, late events and ties (the peer has none of them),
// more than one core. Both sides run by turns in fresh processes on one core; the median counts.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Machine, describeMachine, keepResult, median } from './machine.js';
import type { BenchOptions } from './main.js';
import { type Core, chooseCore, runPinned } from './pinned.js';
import type { PeerReport } from './replay-duckdb.js';
import { type Outcome, ourOutcome, peerOutcome, strayEpisodes } from './replay-outcome.js';
import type { OursReport } from './replay-ours.js';
import { writeMonths } from './replay-year.js';
import { type Workload, writeWorkload } from './workload.js';

interface Size {
  readonly events: number;
  readonly lines: number;
  readonly rounds: number;
  readonly months: number;
  /** ratio_vs_duckdb below this fails. */
  readonly ratioMin: number;
}

const FULL: Size = { events: 5_000_000, lines: 48_840, rounds: 5, months: 12, ratioMin: 2 };
/**
 * The full size's 102 events a line, on 0.3 of it: large enough that opening the store and compiling
 * the kernel (0.2 s, paid once) do not decide, and a gate that noise does not miss.
 */
const SMOKE: Size = { events: 1_500_000, lines: 14_652, rounds: 3, months: 1, ratioMin: 0.8 };
const SEED = 20_070_101;

interface Round {
  readonly ours_s: number;
  readonly ours_cpu_s: number;
  readonly duckdb_s: number;
  readonly duckdb_cpu_s: number;
}

interface Comparison {
  readonly rounds: readonly Round[];
  /** Medians: theirs / ours, by the clock and by the time of the core. */
  readonly ratio: number;
  readonly cpuRatio: number;
  readonly hash: string;
}

interface Bench {
  readonly folder: string;
  readonly core: Core;
  readonly size: Size;
  readonly signal: AbortSignal;
}

/** Runs the bench. Throws when the findings differ or the gate is missed. */
export async function runReplayBench({ smoke, keep, signal }: BenchOptions): Promise<void> {
  const size = smoke ? SMOKE : FULL;
  const machine = describeMachine();
  const core = chooseCore();
  printMachine(machine, core);
  const folder = await mkdtemp(join(tmpdir(), 'flapline-bench-'));
  try {
    const bench = { folder, core, size, signal };
    const compared = await compare(bench);
    const year = await replayYear(bench);
    const result = {
      bench: 'replay',
      events_per_s: Math.round(size.events / median(compared.rounds.map((r) => r.ours_s))),
      ratio_vs_duckdb: compared.ratio,
      cpu_ratio_vs_duckdb: compared.cpuRatio,
      year_s: year.seconds,
      year_months: size.months,
      year_events: year.events,
      events: size.events,
      hash: compared.hash,
      smoke,
    };
    if (keep) {
      const kept = { result, pinned: core !== null, rounds: compared.rounds };
      print(`kept in ${keepResult('replay', machine, kept)}`);
    }
    print(`RESULT ${JSON.stringify(result)}`);
    if (compared.ratio < size.ratioMin) {
      throw new Error(`gate missed: ratio_vs_duckdb ${compared.ratio} is below ${size.ratioMin}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function printMachine({ cpu, cores, memoryGb, node, commit }: Machine, core: Core): void {
  print(`on ${cpu}, ${cores} cores, ${memoryGb} GB, Node ${node}, commit ${commit ?? 'unknown'}`);
  print(core === null ? 'taskset is missing: NOT pinned to a core' : `pinned to core ${core}`);
}

async function compare(bench: Bench): Promise<Comparison> {
  const { folder, size } = bench;
  const file = join(folder, 'events.ndjson');
  const workload = writeWorkload(file, size.events, size.lines, SEED);
  print(
    `${workload.events} seeded events, ${workload.lines} lines, ` +
      `${(workload.bytes / 1e6).toFixed(0)} MB of NDJSON, to findings in a checkpointed DuckDB file`,
  );
  const rounds: Round[] = [];
  let hash = '';
  for (let round = 1; round <= size.rounds; round++) {
    const { outcome, ...times } = await playRound(bench, file, round, workload);
    if (hash !== '' && hash !== outcome.hash) throw new Error('the hash changed between rounds');
    hash = outcome.hash;
    rounds.push(times);
    print(
      `round ${round}: ours ${times.ours_s} s (${times.ours_cpu_s} of the core), ` +
        `DuckDB ${times.duckdb_s} s (${times.duckdb_cpu_s}), ` +
        `ratio ${(times.duckdb_s / times.ours_s).toFixed(2)}; ` +
        `${outcome.interruptions} interruptions, ${outcome.open} open; ` +
        `hash ${outcome.hash} on both sides`,
    );
  }
  await rm(file);
  const ours = median(rounds.map((round) => round.ours_s));
  const duckdb = median(rounds.map((round) => round.duckdb_s));
  const oursCpu = median(rounds.map((round) => round.ours_cpu_s));
  const duckdbCpu = median(rounds.map((round) => round.duckdb_cpu_s));
  print(`median: ours ${ours} s, DuckDB ${duckdb} s; of the core ${oursCpu} s, ${duckdbCpu} s`);
  return { rounds, ratio: rounded(duckdb / ours), cpuRatio: rounded(duckdbCpu / oursCpu), hash };
}

/** One run of each side, the first of them changing from round to round; the results compared. */
async function playRound(
  { folder, core, signal }: Bench,
  file: string,
  round: number,
  workload: Workload,
): Promise<Round & { outcome: Outcome }> {
  const store = join(folder, `ours-${round}.duckdb`);
  const database = join(folder, `peer-${round}.duckdb`);
  const runOurs = () => runPinned<OursReport>(core, './replay-ours.js', [file, store], signal);
  const runPeer = () => runPinned<PeerReport>(core, './replay-duckdb.js', [file, database], signal);
  let ours: OursReport;
  let peer: PeerReport;
  if (round % 2 === 1) {
    ours = await runOurs();
    peer = await runPeer();
  } else {
    peer = await runPeer();
    ours = await runOurs();
  }
  const outcome = await ourOutcome(store);
  const theirs = await peerOutcome(database);
  requireEqual('events', [workload.events, ours.events, peer.events]);
  requireEqual('lines', [workload.lines, ours.lines, outcome.lines, theirs.lines]);
  const { interruptions, open, hash } = theirs;
  requireEqual('interruptions', [workload.interruptions, outcome.interruptions, interruptions]);
  requireEqual('open interruptions', [outcome.open, open]);
  requireEqual('hash', [outcome.hash, hash]);
  requireEqual('late or rejected events', [0, ours.late, ours.rejected]);
  requireEqual('episodes without a start flagged by DuckDB', [
    0,
    await strayEpisodes(store, database),
  ]);
  await rm(store);
  await rm(database);
  return {
    ours_s: rounded(ours.seconds),
    ours_cpu_s: rounded(ours.cpu_s),
    duckdb_s: rounded(peer.seconds),
    duckdb_cpu_s: rounded(peer.cpu_s),
    outcome,
  };
}

/** A year of the network (at smoke size its first month), into a store. */
async function replayYear(bench: Bench): Promise<{ seconds: number; events: number }> {
  const { folder, core, size, signal } = bench;
  const file = join(folder, 'year.ndjson');
  const store = join(folder, 'year.duckdb');
  const { events, bytes } = await writeMonths(file, size.months);
  const ours = await runPinned<OursReport>(core, './replay-ours.js', [file, store], signal);
  requireEqual('events of the year', [events, ours.events]);
  requireEqual('rejected events of the year', [0, ours.rejected]);
  const { interruptions, lines } = await ourOutcome(store);
  print(
    `${size.months === 12 ? 'a year' : `${size.months} month`} of the simulated network: ` +
      `${events} events, ${(bytes / 1e6).toFixed(0)} MB, ${lines} lines, ` +
      `${interruptions} interruptions in ${ours.seconds.toFixed(2)} s`,
  );
  return { seconds: rounded(ours.seconds), events };
}

function requireEqual<Value>(what: string, values: readonly Value[]): void {
  if (values.every((value) => value === values[0])) return;
  throw new Error(`the sides differ in ${what}: ${values.join(', ')}`);
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
