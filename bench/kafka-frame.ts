// What the benches on a real Kafka share: the cluster and a folder, the machine's description, the result
// as the last line, its gates, and a service that reads a topic to its end.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, startCluster } from '../test/kafka/broker/cluster.js';
import { kafkaProblem } from '../test/kafka/broker/installed.js';
import { type MeasuredCommand, MeasuredService } from './kafka-service.js';
import { describeMachine, keepResult } from './machine.js';
import type { BenchOptions } from './main.js';

/** Where a bench runs. */
export interface Place {
  readonly cluster: Cluster;
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** What fails a bench: by figure, the least or the most that it may be. */
export type Gates = Readonly<Record<string, { readonly min: number } | { readonly max: number }>>;

/** What a bench measured. */
export type Figures = Readonly<Record<string, number>>;

/** Runs a bench. Throws when a gate is missed, or there is no Kafka. */
export async function onKafka(
  name: string,
  { smoke, keep, signal }: BenchOptions,
  gates: Gates,
  measure: (place: Place) => Promise<Figures>,
): Promise<void> {
  const problem = kafkaProblem();
  if (problem !== null) throw new Error(problem);
  const machine = describeMachine();
  const { cpu, cores, memoryGb, node, commit } = machine;
  print(`on ${cpu}, ${cores} cores, ${memoryGb} GB, Node ${node}, commit ${commit ?? 'unknown'}`);
  const folder = await mkdtemp(join(tmpdir(), 'flapline-bench-'));
  const cluster = await startCluster(1);
  try {
    const figures = await measure({ cluster, folder, signal });
    const rounded = Object.entries(figures).map(([key, value]) => [
      key,
      Math.round(value * 1_000) / 1_000,
    ]);
    const result = { bench: name, ...Object.fromEntries(rounded), smoke };
    if (keep) print(`kept in ${keepResult(name, machine, { result })}`);
    print(`RESULT ${JSON.stringify(result)}`);
    judge(figures, gates);
  } finally {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function judge(figures: Figures, gates: Gates): void {
  const missed = Object.entries(gates).flatMap(([name, gate]) => {
    const value = figures[name]!;
    if ('min' in gate) return value >= gate.min ? [] : [`${name} ${value} (at least ${gate.min})`];
    return value <= gate.max ? [] : [`${name} ${value} (at most ${gate.max})`];
  });
  if (missed.length > 0) throw new Error(`gates missed: ${missed.join(', ')}`);
}

/** A line of the report. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The options of a service that reads a topic into a folder. */
export function serviceArgs({ cluster }: Place, topic: string, data: string): string[] {
  return ['--kafka', cluster.brokers, '--topic', topic, '--cluster', 'c', '--data', data];
}

/** Has a service for `body`; it ends cleanly, or is killed when that throws. */
export async function withService<T>(
  args: readonly string[],
  signal: AbortSignal,
  body: (service: MeasuredService) => Promise<T>,
  command: MeasuredCommand = 'run',
): Promise<T> {
  const service = new MeasuredService(args, signal, command);
  try {
    const made = await body(service);
    await service.stop();
    return made;
  } catch (error) {
    service.kill();
    throw error;
  }
}
