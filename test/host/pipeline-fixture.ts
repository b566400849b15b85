// A folder's store with a pipeline on it, without a service around: partitions are fed by hand.

import { join } from 'node:path';
import { DEFAULT_LIMITS } from '../../src/config/limits.js';
import { DEFAULT_RULES, type Rules } from '../../src/config/rules.js';
import { DEFAULT_CAPACITIES, type Capacities } from '../../src/kernel/kernel.js';
import type { PartitionRun } from '../../src/pipeline/partition.js';
import { Pipeline } from '../../src/pipeline/pipeline.js';
import { Directory } from '../../src/store/directory.js';
import { type Store, openStore } from '../../src/store/store.js';

/** How a pipeline is opened; each has a default. */
export interface PipingOptions {
  readonly rules?: Rules;
  readonly capacities?: Partial<Capacities>;
  readonly onNote?: (text: string) => void;
}

/** An open store, its pipeline and the pipeline's only partition. */
export interface Piping {
  readonly store: Store;
  readonly pipeline: Pipeline;
  readonly run: PartitionRun;
  /** Ends both, without a commit. */
  close(): Promise<void>;
}

/** Opens a folder's store, new or not, with a pipeline of one partition. */
export async function openPiping(folder: string, options: PipingOptions = {}): Promise<Piping> {
  const { rules = DEFAULT_RULES, capacities = {}, onNote = () => undefined } = options;
  const store = await openStore(join(folder, 'flapline.duckdb'));
  const directory = new Directory();
  await directory.load(store.writer);
  const pipeline = await Pipeline.open(store, directory, {
    rules,
    snapshotFolder: join(folder, 'snapshots'),
    snapshotEveryMs: 3_600_000,
    onNote,
    kernelOptions: {
      capacities: { ...DEFAULT_CAPACITIES, ...capacities },
      limits: DEFAULT_LIMITS,
      emitStarts: true,
      zone: [],
    },
  });
  const run = await pipeline.addPartition({ cluster: 'c', topic: 't', partition: 0 });
  const close = async (): Promise<void> => {
    await pipeline.close();
    store.close();
  };
  return { store, pipeline, run, close };
}
