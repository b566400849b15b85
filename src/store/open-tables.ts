// The open state of lines: one row a (line, partition), replaced when the line changes, and beside it
// the open episodes of the detectors other than the primary one. Changed lines are staged as columns;
// one update and one insert make them the tables' rows.

import * as L from '../../assembly/layout.js';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Kernel } from '../kernel/kernel.js';
import { type ColumnKind, type ColumnSource, TableAppender } from './chunks.js';

/** When a column of a staged row means something; where it does not, it becomes null. */
const MEANING = {
  always: (column: string): string => column,
  /** -1 = none. */
  known: (column: string): string => `nullif(${column}, -1)`,
  down: (column: string): string => `if(down, ${column}, null)`,
  waits: (column: string): string => `if(down and ended_ms >= 0, ${column}, null)`,
  ages: (column: string): string => `if(down and raised_ms >= 0, ${column}, null)`,
  flapping: (column: string): string => `if(flapping, ${column}, null)`,
} as const;

type Column = readonly [string, ColumnKind, number, keyof typeof MEANING];

/** Columns of open_state behind its key: name, kind, where the kernel has it, when it means something. */
const COLUMNS: readonly Column[] = [
  ['down', 'boolean', L.OPEN_DOWN, 'always'],
  ['unknown', 'boolean', L.OPEN_UNKNOWN, 'always'],
  ['n', 'integer', L.OPEN_N, 'always'],
  ['effective_ms', 'bigint', L.OPEN_EFFECTIVE, 'always'],
  ['transition_ms', 'bigint', L.OPEN_TRANSITION, 'known'],
  ['start_ms', 'bigint', L.OPEN_START, 'down'],
  ['previous_outage_end_ms', 'bigint', L.OPEN_OUTAGE_END, 'known'],
  ['cause_id', 'integer', L.OPEN_CAUSE, 'down'],
  ['alarm_id', 'integer', L.OPEN_ALARM, 'down'],
  ['first_offset', 'bigint', L.OPEN_FIRST, 'down'],
  ['episode_rule_id', 'integer', L.OPEN_RULE, 'flapping'],
  ['episode_at_ms', 'bigint', L.OPEN_AT, 'flapping'],
  ['episode_since_ms', 'bigint', L.OPEN_SINCE, 'flapping'],
  ['episode_interruptions', 'integer', L.OPEN_COUNT, 'flapping'],
  ['outage_after_ms', 'bigint', L.OPEN_OUTAGE_AFTER, 'down'],
  ['repeat_ms', 'bigint', L.OPEN_REPEAT, 'down'],
  ['correction_ms', 'bigint', L.OPEN_CORRECTION, 'down'],
  ['ended_ms', 'bigint', L.OPEN_ENDED, 'waits'],
  ['last_offset', 'bigint', L.OPEN_LAST, 'waits'],
  ['merge_ms', 'bigint', L.OPEN_MERGE, 'waits'],
  ['raised_ms', 'bigint', L.OPEN_RAISED, 'ages'],
  ['stale_after_ms', 'bigint', L.OPEN_STALE_AFTER, 'ages'],
  ['uncertain', 'boolean', L.OPEN_UNCERTAIN, 'down'],
  ['episode_ends_ms', 'bigint', L.OPEN_ENDS, 'flapping'],
];
const STAGED_ONLY: Column = ['flapping', 'boolean', L.OPEN_EPISODE, 'always'];
const NAMES = COLUMNS.map(([name]) => name);

/** Columns of open_episode behind its key. */
const EPISODE_COLUMNS: readonly (readonly [string, ColumnKind, number])[] = [
  ['rule_id', 'integer', L.OPEN_EPISODE_RULE],
  ['at_ms', 'bigint', L.OPEN_EPISODE_AT],
  ['since_ms', 'bigint', L.OPEN_EPISODE_SINCE],
  ['ends_ms', 'bigint', L.OPEN_EPISODE_ENDS],
  ['interruptions', 'integer', L.OPEN_EPISODE_COUNT],
  ['form', 'integer', L.OPEN_EPISODE_FORM],
];

const KEY = 'line_id integer, partition_id integer';
const SAME = 'o.line_id = s.line_id and o.partition_id = s.partition_id';
const STAGED = `select line_id, partition_id,
  ${COLUMNS.map(([name, , , when]) => `${MEANING[when](name)} as ${name}`).join(', ')}
  from open_stage`;
const UPDATE = `update open_state o set ${NAMES.map((name) => `${name} = s.${name}`).join(', ')}
  from (${STAGED}) s where ${SAME}`;
const INSERT = `insert into open_state (line_id, partition_id, ${NAMES.join(', ')})
  select s.* from (${STAGED}) s anti join open_state o on ${SAME}`;
const DELETE_EPISODES = `delete from open_episode o using open_stage s where ${SAME}`;

function tableText(
  name: string,
  columns: readonly (readonly [string, ColumnKind, ...unknown[]])[],
) {
  const typed = columns.map(([column, kind]) => `${column} ${kind}`);
  return `create temp table ${name} (${KEY}, ${typed.join(', ')})`;
}

function kindsOf(columns: readonly (readonly [string, ColumnKind, ...unknown[]])[]): ColumnKind[] {
  return ['integer', 'integer', ...columns.map(([, kind]) => kind)];
}

/** Told of the rows of open state that `takeChanged` wrote. */
export type OnOpenRows = (kernel: Kernel, rows: number) => void;

/** Stages changed lines and writes them, on the connection's current transaction. */
export class OpenTables {
  private readonly connection: DuckDBConnection;
  private readonly lines: TableAppender;
  private readonly episodes: TableAppender;
  /** open_episode, its stage: whether there are rows. */
  private hasEpisodes: boolean;
  private stagedEpisodes = false;
  private staged = 0;

  private constructor(
    connection: DuckDBConnection,
    lines: TableAppender,
    episodes: TableAppender,
    hasEpisodes: boolean,
  ) {
    this.connection = connection;
    this.lines = lines;
    this.episodes = episodes;
    this.hasEpisodes = hasEpisodes;
  }

  static async open(connection: DuckDBConnection): Promise<OpenTables> {
    const columns = [...COLUMNS, STAGED_ONLY];
    await connection.run(tableText('open_stage', columns));
    await connection.run(tableText('open_episode_stage', EPISODE_COLUMNS));
    const found = await connection.runAndReadAll('select 1 from open_episode limit 1');
    return new OpenTables(
      connection,
      await TableAppender.open(connection, 'open_stage', kindsOf(columns), true),
      await TableAppender.open(connection, 'open_episode_stage', kindsOf(EPISODE_COLUMNS), true),
      found.currentRowCount > 0,
    );
  }

  /** Stages the changed lines of a kernel. The rows of its tables of findings must have been taken. */
  stage(kernel: Kernel, partitionId: number, onRows: OnOpenRows | undefined): void {
    const memory = kernel.bytes.buffer as ArrayBuffer;
    const key = (line: number): ColumnSource[] => [{ at: line }, { constant: partitionId }];
    const lines = [
      ...key(kernel.openColumn(L.OPEN_LINE)),
      ...[...COLUMNS, STAGED_ONLY].map(([, , column]) => ({ at: kernel.openColumn(column) })),
    ];
    const episode = (column: number): number =>
      kernel.region(L.REGION_OPEN_EPISODES) + L.OPEN_CAPACITY * column;
    const episodes = [
      ...key(episode(L.OPEN_EPISODE_LINE)),
      ...EPISODE_COLUMNS.map(([, , column]) => ({ at: episode(column) })),
    ];
    for (;;) {
      const count = kernel.calls.takeChanged();
      if (count === 0) return;
      this.lines.append(memory, count, lines);
      onRows?.(kernel, count);
      this.staged += count;
      const open = kernel.control[L.CTL_OPEN_EPISODES]!;
      if (open === 0) continue;
      this.episodes.append(memory, open, episodes);
      this.stagedEpisodes = true;
    }
  }

  /** Writes what was staged in the place of what was known of the same lines. */
  async write(): Promise<void> {
    if (this.staged === 0) return;
    const { connection } = this;
    this.lines.flush();
    await connection.run(UPDATE);
    await connection.run(INSERT);
    if (this.hasEpisodes) await connection.run(DELETE_EPISODES);
    if (this.stagedEpisodes) {
      this.episodes.flush();
      await connection.run('insert into open_episode select * from open_episode_stage');
      await connection.run('delete from open_episode_stage');
      this.hasEpisodes = true;
    }
    await connection.run('delete from open_stage');
    this.staged = 0;
    this.stagedEpisodes = false;
  }

  /** Forgets what was not flushed, and lets go of the tables. */
  close(): void {
    for (const table of [this.lines, this.episodes]) {
      table.clear();
      table.close();
    }
  }
}
