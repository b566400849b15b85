// Lives over a topic of the real cluster that meet a fault, and the run that met none, which they must
// equal.

import { expect } from 'vitest';
import { rowsOf, temporaryFolder } from '../host/service-fixture.js';
import type { Cluster } from '../kafka/broker/cluster.js';
import type { Filled } from './filled.js';
import { Life } from './life.js';
import { compareViews } from './same-views.js';

/** A life over a folder. */
export function begin(
  cluster: Cluster,
  { topic }: Filled,
  folder: string,
  more: string[] = [],
): Life {
  const kafka = ['--kafka', cluster.brokers, '--topic', topic, '--cluster', 'c'];
  return new Life([...kafka, '--data', folder, '--commit-every', '20ms', ...more]);
}

/** One life that reads all there is and ends; what it said. */
export async function readAll(cluster: Cluster, filled: Filled, folder: string): Promise<string> {
  const life = begin(cluster, filled, folder);
  await life.untilRead(filled.ends);
  await life.stop();
  return life.said;
}

/** As a run that met no fault, but that a time in which a partition could not be read is stated. */
export async function expectAsWhole(
  cluster: Cluster,
  filled: Filled,
  folder: string,
): Promise<void> {
  const whole = temporaryFolder();
  await readAll(cluster, filled, whole);
  const compared = await compareViews(folder, whole, ['coverage_gaps']);
  expect(compared.different).toEqual([]);
  expect(compared.filled).toEqual(expect.arrayContaining(['lines', 'interruptions', 'episodes']));
  const gaps = `select partition, line, reason from coverage_gaps
    where reason <> 'partition unreadable' order by all`;
  expect(await rowsOf(folder, gaps)).toEqual(await rowsOf(whole, gaps));
}
