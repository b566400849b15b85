// A store with one partition that lives in a test: fed step by step, stopped and started again, its views
// read at any time in the columns that the naive twin knows.

import { join } from 'node:path';
import { expect } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/config/limits.js';
import { DEFAULT_CAPACITIES, Kernel } from '../../src/kernel/kernel.js';
import type { LogFrame } from '../../src/pipeline/fold.js';
import type { PartitionRun } from '../../src/pipeline/partition.js';
import { Pipeline } from '../../src/pipeline/pipeline.js';
import { raiseToStore } from '../../src/pipeline/recover.js';
import { type ControlChange, aliasesInForce } from '../../src/store/control.js';
import { Directory } from '../../src/store/directory.js';
import { readingClause } from '../../src/store/reading.js';
import { selectRows } from '../../src/store/sql.js';
import { DEFAULT_STORE_OPTIONS, type Store, openStore } from '../../src/store/store.js';
import { viewTexts } from '../../src/store/views.js';
import type { Control } from '../judge/detectors.js';
import type { Step } from '../judge/scenario.js';
import type { Rows } from '../judge/stored.js';
import { SMALL, kernelOptions, stepText } from '../kernel/run.js';
import type { Rules } from '../model.js';
import { temporaryFolder } from './service-fixture.js';

const NAME = { cluster: 'c', topic: 't', partition: 0 };
/** The columns that the twin knows, by view. */
export const COLUMNS: Record<string, string> = {
  interruptions: `line, n, start_ms as start, end_ms as "end", class, corrected_ms as corrected, cause,
    uncertain`,
  episodes: `line, detector, rule, at_ms as "at", since_ms as since, end_ms as "end", interruptions,
    reset_by is not null as reset`,
  repeat_faults: `line, start_ms as start, previous_end_ms as "previousEnd"`,
  transients: `line, detector, at_ms as "at", interruptions, duration_ms as "durationMs"`,
  coverage_gaps: `line, from_ms as "from", until_ms as until, reason`,
  lines: `line, down, down_since_ms as "downSince", flapping, unknown, n, effective_ms as effective,
    transition_ms as transition`,
  chatter: `line, key, alarm, raises, round(chatter_index * 1e9)::bigint as "index", chatterings,
    chattered_ms as chattered, raised_ms as raised`,
};

/** Rows sorted by their text, keys in one order: a multiset. */
export function sorted(rows: readonly object[]): object[] {
  const texts = rows.map((row) =>
    JSON.stringify(Object.fromEntries(Object.entries(row).toSorted())),
  );
  return texts.toSorted().map((text) => JSON.parse(text) as object);
}

export async function viewRows(store: Store, c: number): Promise<Rows> {
  const texts = viewTexts({ reading: 'reading_at', timeZone: 'Asia/Shanghai' });
  const { clause, parameters } = readingClause({ atMs: c });
  const rows: Record<string, object[]> = {};
  for (const [name, columns] of Object.entries(COLUMNS)) {
    const text = `${clause} select ${columns} from (${texts[name]})`;
    rows[name] = await selectRows<Record<string, string>>(store.writer, text, parameters);
  }
  return rows;
}

export function expectSame(found: Rows, wanted: Rows): void {
  for (const name of Object.keys(COLUMNS)) {
    expect(sorted(found[name]), name).toEqual(sorted(wanted[name]));
  }
}

/** One partition in a store, fed step by step, that can be stopped and started again. */
export class Life {
  private readonly folder = temporaryFolder();
  private readonly frames: LogFrame[] = [];
  private rules: Rules;
  /** Classes of lines, as the records would say. */
  private readonly classes = new Map<string, string>();
  private parts: { store: Store; pipeline: Pipeline } | null = null;

  timeZone: string;

  constructor(rules: Rules, timeZone = 'Asia/Shanghai') {
    this.rules = rules;
    this.timeZone = timeZone;
  }

  get store(): Store {
    return this.parts!.store;
  }

  private get run(): PartitionRun {
    return this.parts!.pipeline.partitions.get(0)!;
  }

  async start(): Promise<void> {
    const { timeZone } = this;
    const options = { ...DEFAULT_STORE_OPTIONS, timeZone };
    const store = await openStore(join(this.folder, 'flapline.duckdb'), options);
    const directory = new Directory();
    await directory.load(store.writer);
    const { rules } = kernelOptions({ checked: true, rules: this.rules });
    const aliases = [...(await aliasesInForce(store.writer, 1)).values()];
    await store.writer.run('delete from line_row');
    for (const [line, product] of this.classes) {
      await store.writer.run('insert into line_row (line, product) values ($1, $2)', [
        line,
        product,
      ]);
    }
    const pipeline = await Pipeline.open(store, directory, {
      rules,
      aliases,
      snapshotFolder: join(this.folder, 'snapshots'),
      snapshotEveryMs: 3_600_000,
      onNote: () => undefined,
      kernelOptions: {
        capacities: { ...DEFAULT_CAPACITIES, ...SMALL },
        limits: DEFAULT_LIMITS,
        emitStarts: true,
        zone: [],
        checked: true,
      },
    });
    this.parts = { store, pipeline };
    await pipeline.addPartition(NAME);
    // What is stored already is read again, silently.
    await this.run.feed(this.frames.slice(this.run.log.position));
  }

  async stop(): Promise<void> {
    await this.parts!.pipeline.close();
    this.store.close();
  }

  async feed(steps: readonly Step[]): Promise<void> {
    const records = steps.map((step, i): LogFrame => {
      const value = Buffer.from(stepText(step));
      return { offset: this.frames.length + i, timestamp: -1, key: null, value };
    });
    this.frames.push(...records);
    await this.run.feed(records);
  }

  async commit(): Promise<void> {
    await this.parts!.pipeline.commit(null);
  }

  async snapshot(): Promise<void> {
    await this.parts!.pipeline.snapshot();
  }

  /** Puts a new kernel, raised to what the store holds, in the place of the one at hand. */
  async raise(): Promise<void> {
    const { fold } = this.run;
    fold.kernel = new Kernel(fold.kernel.options);
    await raiseToStore(this.run, this.store.writer);
    this.run.changed = true;
    await this.commit();
  }

  async control(control: Control | null): Promise<void> {
    if (control?.kind === 'grow') await this.run.fold.enlarge();
    const change = this.changeOf(control);
    if (change) await this.run.order([change]);
  }

  private changeOf(control: Control | null): ControlChange | null {
    if (control?.kind === 'reset') {
      return { kind: 'reset', line: control.line, by: 'Li', why: 'card', requestedMs: 5 };
    }
    if (control?.kind === 'add-alias' || control?.kind === 'end-alias') {
      const pair = [[control.key, control.line]] as const;
      const adds = control.kind === 'add-alias';
      return { kind: 'alias', end: adds ? [] : pair, add: adds ? pair : [] };
    }
    if (control?.kind === 'rules') {
      this.rules = control.rules;
      const known = new Set(this.rules.classes.map(({ name }) => name));
      for (const [line, name] of this.classes) if (!known.has(name)) this.classes.delete(line);
      return { kind: 'rules', rules: kernelOptions({ checked: true, rules: this.rules }).rules };
    }
    if (control?.kind !== 'class') return null;
    const index = this.rules.classes.findIndex(({ name }) => name === control.name) + 1;
    const name = index === 0 ? null : control.name;
    if (name === null) this.classes.delete(control.line);
    else this.classes.set(control.line, name);
    return { kind: 'class', index, name, lines: [control.line] };
  }
}
