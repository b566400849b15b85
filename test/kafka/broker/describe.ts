// Groups of tests on a real broker: started before the first test of a file, ended after the last.
// Where none can be started, each group shows as one skipped test that says why.

import { afterAll, beforeAll, describe, it } from 'vitest';
import { type Cluster, type ClusterOptions, startCluster } from './cluster.js';
import { kafkaProblem } from './installed.js';
import { hasOpenssl } from './security.js';

const START_TIMEOUT_MS = 180_000;

/** A `describe` with a cluster of `size` nodes of its own; ask for the cluster inside tests only. */
export function describeKafka(
  name: string,
  size: 1 | 3,
  body: (cluster: () => Cluster) => void,
  options: ClusterOptions = {},
) {
  const noCertificates = options.secured && !hasOpenssl() ? 'openssl is missing' : null;
  const problem = kafkaProblem() ?? noCertificates;
  if (problem !== null) {
    describe(name, () => {
      it.skip(`skipped: ${problem}`);
    });
    return;
  }
  describe(name, () => {
    let cluster: Cluster | null = null;
    beforeAll(async () => {
      cluster = await startCluster(size, options);
    }, START_TIMEOUT_MS);
    afterAll(() => cluster?.stop());
    body(() => cluster!);
  });
}
