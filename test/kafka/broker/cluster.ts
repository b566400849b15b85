// A real Apache Kafka of one or three nodes on loopback, for the promises that the embedded broker
// cannot prove: offsets, transactions, crashes. Its folder goes with it. Topics are made by its admin.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KafkaNode, type NodePlace } from './node.js';
import { makeSecurity } from './security.js';
import { type Topics, openTopics } from './topics.js';

// Below the ports that systems give to outgoing connections: a node finds its own again.
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;
const STARTS = 3;

/** A running cluster. */
export interface Cluster {
  /** "127.0.0.1:PORT,..." */
  readonly brokers: string;
  /** The same where they ask for TLS and SASL; null when they do not. */
  readonly secure: { readonly brokers: string; readonly caFile: string } | null;
  readonly nodes: readonly KafkaNode[];
  readonly topics: Topics;
  /** Ends the nodes and removes their data. */
  stop(): Promise<void>;
}

/** How a cluster is started. */
export interface ClusterOptions {
  /** It listens with TLS and SASL as well. */
  readonly secured?: boolean;
}

/** Starts a cluster; it serves when this resolves. Tries other ports when some were taken. */
export async function startCluster(
  size: 1 | 3,
  { secured = false }: ClusterOptions = {},
): Promise<Cluster> {
  for (let tries = 1; ; tries++) {
    try {
      return await tryStart(size, secured);
    } catch (error) {
      const taken = String(error).includes('Address already in use');
      if (!taken || tries === STARTS) throw error;
    }
  }
}

async function tryStart(size: number, secured: boolean): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'flapline-kafka-'));
  const ports = await freePorts(3 * size);
  const security = secured ? makeSecurity(folder) : null;
  const places: NodePlace[] = Array.from({ length: size }, (_, i) => ({
    id: i + 1,
    port: ports[3 * i],
    controllerPort: ports[3 * i + 1],
    securePort: secured ? ports[3 * i + 2] : null,
  }));
  const nodes = places.map((place) => {
    const own = join(folder, String(place.id));
    mkdirSync(own);
    return new KafkaNode(place, places, own, security);
  });
  const brokers = places.map(({ port }) => `127.0.0.1:${port}`).join(',');
  const secureBrokers = places.map(({ securePort }) => `localhost:${securePort}`).join(',');
  const secure = security && { brokers: secureBrokers, caFile: security.caFile };
  const topics = openTopics(brokers, size);
  const stop = async (): Promise<void> => {
    topics.close();
    await Promise.all(nodes.map((node) => node.kill()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(nodes.map((node) => node.format()));
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { brokers, secure, nodes, topics, stop };
}

/** Different ports of loopback on which nothing listens now. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
