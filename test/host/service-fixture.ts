// What the tests of the service share: services that are stopped, folders that are removed, waiting
// on conditions with a deadline, and the documented views of a data folder as texts to be compared.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach } from 'vitest';
import type { Status } from '../../src/api/contract.js';
import { type Service, type ServiceOptions, startService } from '../../src/app.js';
import { DEFAULT_RULES } from '../../src/config/rules.js';
import { openStore } from '../../src/store/store.js';
import { type Cell, selectRows } from '../../src/store/sql.js';
import { VIEW_DOCS } from '../../src/store/view-docs.js';

/** How long a condition may take on a slow machine. */
export const DEADLINE_MS = 60_000;

const LOOK_MS = 20;

const folders: string[] = [];
const services: Service[] = [];

/** Stops services and removes folders after each test of a file. */
export function usesServices(): void {
  afterEach(async () => {
    for (const service of services.splice(0)) await service.stop();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });
}

/** A folder of its own for a test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flapline-test-'));
  folders.push(folder);
  return folder;
}

/** What a service said, and what ended it. */
export interface Said {
  readonly notes: string[];
  readonly failures: unknown[];
}

/** Options of a small demo on a port of the system's choice, some replaced. */
export function serviceOptions(
  dataFolder: string,
  replaced: Partial<ServiceOptions> = {},
  said: Said = { notes: [], failures: [] },
): ServiceOptions {
  return {
    dataFolder,
    host: '127.0.0.1',
    port: 0,
    tokens: null,
    insecure: false,
    rules: DEFAULT_RULES,
    zone: [],
    timeZone: 'Asia/Shanghai',
    kafka: null,
    demo: { seed: 1, lines: 500, historyDays: 2 },
    recordFiles: [],
    recordsFolder: null,
    startTimeoutMs: 10_000,
    idleMs: 10_000,
    commitEveryMs: 50,
    snapshotEveryMs: 60_000,
    onNote: (text) => said.notes.push(text),
    onFailure: (error) => said.failures.push(error),
    ...replaced,
  };
}

/** Starts a service that is stopped after the test at the latest. */
export async function start(options: ServiceOptions): Promise<Service> {
  const service = await startService(options);
  services.push(service);
  return service;
}

/** Asks the API; the body of an answer that must be 200. */
export async function ask<T>(service: Pick<Service, 'address'>, path: string): Promise<T> {
  const answer = await fetch(`${service.address}api/${path}`);
  const body = await answer.text();
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${body}`);
  return JSON.parse(body) as T;
}

/** Waits until something is there; fails after DEADLINE_MS, saying what it waited for. */
export async function until<T>(
  what: string,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
): Promise<T> {
  const end = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited ${DEADLINE_MS} ms in vain: ${what}`);
    await delay(LOOK_MS);
  }
}

/** Waits until the partitions are read up to these positions at least. */
export function untilRead(
  service: Pick<Service, 'address'>,
  positions: ReadonlyMap<number, number>,
): Promise<Status> {
  return until(`read to ${JSON.stringify([...positions])}`, async () => {
    const status = await ask<Status>(service, 'status');
    return isRead(status, positions) && status;
  });
}

/** Whether the partitions are read up to these positions at least. */
export function isRead(status: Status, positions: ReadonlyMap<number, number>): boolean {
  const found = new Map(status.partitions.map((p) => [p.partition, p.position]));
  return [...positions].every(([partition, position]) => (found.get(partition) ?? 0) >= position);
}

/** Rows of a query on the store of a data folder that no service holds. */
export async function rowsOf<Row extends Record<keyof Row, Cell>>(
  dataFolder: string,
  statement: string,
): Promise<Row[]> {
  const store = await openStore(join(dataFolder, 'flapline.duckdb'));
  try {
    return await selectRows<Row>(store.writer, statement);
  } finally {
    store.close();
  }
}

/** Every documented view of a data folder, sorted, without what tells when it was recorded. */
export async function viewsOf(dataFolder: string): Promise<Record<string, string[]>> {
  const views: Record<string, string[]> = {};
  for (const [name, { columns }] of Object.entries(VIEW_DOCS)) {
    const compared = Object.keys(columns).filter((column) => !column.endsWith('_recorded_at'));
    const rows = await rowsOf(dataFolder, `select ${compared.join(', ')} from ${name}`);
    views[name] = rows.map((row) => JSON.stringify(row)).toSorted();
  }
  return views;
}
