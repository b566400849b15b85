// The live heat map of groups (branch and product), kept beside the store and fed by its commits: what
// it shows is committed. It holds six bytes a line and 16 KiB a group, no names of lines. Each
// interruption start counts once, each flapping line once a bucket.

import type { DuckDBConnection } from '@duckdb/node-api';
import { addOverlap, bucketMs, knownMs, readCoverage, shares } from './coverage.js';
import type { HeatWindow, LineGap, PartitionCover } from './coverage.js';
import { START_FACTS, episodeFacts } from './facts.js';
import { readGroups, type Group } from './heat-groups.js';
import { emptyCells, type HeatCells } from './heat-query.js';
import { HeatRing, bucketOf } from './heat-ring.js';
import { QUERY_SETTINGS, latestReadingMs, type GroupFilter } from './queries.js';
import { readingClause } from './reading.js';
import { streamIntegers } from './sql.js';

/** How long the model remembers. */
export const HEAT_KEPT_MS = 7 * 86_400_000;

/** A row of the heat map; the arrays hold one value a bucket. */
export interface HeatRow extends HeatCells {
  readonly name: string;
  readonly lines: number;
  readonly coverage: number[];
}

type LineIds = Int32Array | Uint32Array;
/** A start (untilMs null) or an episode of a line that the model does not know yet. */
type Parked = readonly [lineId: number, ms: number, untilMs: number | null];

/** So many of those wait for the next refresh before the model is full. */
const PARKED_MAX = 1_000_000;

/** Made by HeatModel.load; then fed by addStarts, addFlapping and refresh. */
export class HeatModel {
  readonly #groups: Group[];
  readonly #ring: HeatRing;
  readonly #parkedMax: number;
  /** By line id: its group, and the last bucket in which it was counted as flapping. */
  #groupOf = new Uint16Array(65_536);
  #countedTo = new Int32Array(65_536);
  #linesKnown = 0;
  #loadedFromMs = 0;
  #parked: Parked[] = [];
  #refreshing: Promise<void> | null = null;
  #covers: readonly PartitionCover[] = [];
  #lineGaps: readonly LineGap[] = [];

  private constructor(groups: Group[], parkedMax: number) {
    this.#groups = groups;
    this.#parkedMax = parkedMax;
    this.#ring = new HeatRing(groups.length);
  }

  /**
   * A model of what the store holds of the last seven days, read at its latest time. After records or
   * history were loaded past it, load another. It is full when `parkedMax` starts and episodes of lines
   * that the store did not have wait for a refresh.
   */
  static async load(
    connection: DuckDBConnection,
    parkedMax: number = PARKED_MAX,
  ): Promise<HeatModel> {
    const model = new HeatModel(await readGroups(connection), parkedMax);
    const newestMs = (await latestReadingMs(connection)) ?? 0;
    model.#loadedFromMs = Math.max(0, newestMs - HEAT_KEPT_MS);
    await model.refresh(connection);
    await model.#backfill(connection);
    return model;
  }

  /**
   * Learns lines that appeared since, the first data of partitions, and coverage gaps. Cheap when
   * there is nothing new: call it after commits that brought any of these, or once a second.
   */
  refresh(connection: DuckDBConnection): Promise<void> {
    this.#refreshing ??= this.#refresh(connection).finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #refresh(connection: DuckDBConnection): Promise<void> {
    const { partitions, lineGaps } = await readCoverage(connection, this.#loadedFromMs);
    this.#covers = partitions;
    this.#lineGaps = lineGaps;
    await streamIntegers(
      connection,
      `select l.line_id::bigint, g.i, o.partition_id::bigint,
         (r.line is not null)::bigint as recorded
       from line l left join line_record r on r.line = l.line
       left join (select unnest($branches) as branch, unnest($products) as product,
           unnest(range(len($branches))) as i) g
         on g.branch = coalesce(r.branch, '') and g.product = coalesce(r.product, '')
       left join open_state o on o.line_id = l.line_id
       where l.line_id >= $next order by l.line_id`,
      {
        branches: this.#groups.map((group) => group.branch),
        products: this.#groups.map((group) => group.product),
        next: this.#linesKnown,
      },
      (columns, count) => this.#learn(columns, count),
    );
    const parked = this.#parked;
    this.#parked = [];
    for (const [lineId, ms, untilMs] of parked) this.#add(lineId, ms, untilMs);
  }

  #learn([lineIds, groups, partitions, recorded]: readonly BigInt64Array[], count: number): void {
    for (let i = 0; i < count; i += 1) {
      const lineId = Number(lineIds[i]);
      const index = groups[i] < 0n ? this.#groups.length - 1 : Number(groups[i]);
      const group = this.#groups[index];
      const partition = Number(partitions[i]);
      if (partition >= 0) group.seen.set(partition, (group.seen.get(partition) ?? 0) + 1);
      if (lineId < this.#linesKnown) continue;
      if (recorded[i] === 0n) group.lines += 1;
      this.#reserve(lineId + 1);
      this.#groupOf[lineId] = index;
      this.#countedTo[lineId] = -1;
      this.#linesKnown = lineId + 1;
    }
  }

  #reserve(lines: number): void {
    if (lines <= this.#groupOf.length) return;
    const capacity = Math.max(lines, this.#groupOf.length * 2);
    const groupOf = new Uint16Array(capacity);
    const countedTo = new Int32Array(capacity);
    groupOf.set(this.#groupOf);
    countedTo.set(this.#countedTo);
    this.#groupOf = groupOf;
    this.#countedTo = countedTo;
  }

  async #backfill(connection: DuckDBConnection): Promise<void> {
    const from = { since: this.#loadedFromMs };
    await streamIntegers(
      connection,
      `select line_id::bigint, start_ms from (${START_FACTS}) where start_ms >= $since`,
      from,
      ([lineIds, startMs], count) =>
        this.addStarts(Int32Array.from(lineIds, Number), startMs, count),
    );
    const { clause, parameters } = readingClause('latest');
    await streamIntegers(
      connection,
      `${clause}, open as (select line_id, partition_id, episode_at_ms, episode_ends_ms
         from open_state where episode_rule_id is not null)
       select e.line_id::bigint, e.at_ms, coalesce(e.end_ms, o.episode_ends_ms) as until_ms
       from (${episodeFacts(QUERY_SETTINGS)}) e
       left join open o on o.line_id = e.line_id and o.partition_id = e.partition_id
         and o.episode_at_ms = e.at_ms
       where coalesce(e.end_ms, o.episode_ends_ms) > $since order by e.at_ms`,
      { ...parameters, ...from },
      ([lineIds, atMs, untilMs], count) =>
        this.addFlapping(Int32Array.from(lineIds, Number), atMs, untilMs, count),
    );
  }

  /** Counts interruption starts just committed: the first `count` entries of the columns. */
  addStarts(lineIds: LineIds, startMs: BigInt64Array, count: number): void {
    for (let i = 0; i < count; i += 1) this.#add(lineIds[i], Number(startMs[i]), null);
  }

  /**
   * Counts lines as flapping from atMs to untilMs. For an open episode untilMs is its last transition
   * + Q (it cannot end before, and is said again when the line changes), for an ended one its end.
   * Entries with untilMs <= atMs count nothing. Episodes of a line must come in order of time.
   */
  addFlapping(lineIds: LineIds, atMs: BigInt64Array, untilMs: BigInt64Array, count: number): void {
    for (let i = 0; i < count; i += 1) {
      if (untilMs[i] > atMs[i]) this.#add(lineIds[i], Number(atMs[i]), Number(untilMs[i]));
    }
  }

  #add(lineId: number, ms: number, untilMs: number | null): void {
    if (lineId >= this.#linesKnown) {
      this.#parked.push([lineId, ms, untilMs]);
      return;
    }
    const group = this.#groupOf[lineId];
    if (untilMs === null) {
      this.#ring.addStart(group, bucketOf(ms));
      return;
    }
    const first = Math.max(bucketOf(ms), this.#countedTo[lineId] + 1);
    const last = bucketOf(untilMs - 1);
    this.#ring.addFlapping(group, first, last);
    if (last > this.#countedTo[lineId]) this.#countedTo[lineId] = last;
  }

  /** As much waits for lines that the store does not have as may: tell no more before a refresh. */
  get isFull(): boolean {
    return this.#parked.length >= this.#parkedMax;
  }

  /** Whether the model holds the counts of the whole window. */
  holds(window: HeatWindow): boolean {
    return window.fromMs >= this.#loadedFromMs && bucketOf(window.fromMs) >= this.#ring.oldest;
  }

  /** What is known of the partitions, for coverage. */
  get covers(): readonly PartitionCover[] {
    return this.#covers;
  }

  /** The gaps of single lines, for coverage. */
  get lineGaps(): readonly LineGap[] {
    return this.#lineGaps;
  }

  /**
   * All rows of the window by name, '' last. `readings`: partition id -> reading time in ms.
   * `cells`: counts from the store for a window the model does not hold; else the model's own. `lines`:
   * how many lines a narrower filter leaves in a row; a row without any is left out.
   */
  rows(
    by: 'branch' | 'product',
    filter: GroupFilter,
    window: HeatWindow,
    readings: ReadonlyMap<number, number>,
    cells?: ReadonlyMap<string, HeatCells>,
    lines?: ReadonlyMap<string, number>,
  ): HeatRow[] {
    const chosen = new Map<string, number[]>();
    this.#groups.forEach((group, index) => {
      if (filter.branch !== undefined && group.branch !== filter.branch) return;
      if (filter.product !== undefined && group.product !== filter.product) return;
      if (group.lines === 0) return;
      const members = chosen.get(group[by]) ?? [];
      members.push(index);
      chosen.set(group[by], members);
    });
    const known = this.#known(window, readings);
    const left = [...chosen].filter(([name]) => lines === undefined || (lines.get(name) ?? 0) > 0);
    const rows = left.map(([name, members]): HeatRow => {
      const counts = cells === undefined ? this.#counts(members, window) : cells.get(name);
      const { starts, flapping } = counts ?? emptyCells(window.buckets);
      return {
        name,
        lines:
          lines?.get(name) ?? members.reduce((sum, index) => sum + this.#groups[index].lines, 0),
        starts,
        flapping,
        coverage: this.#coverage(members, window, known),
      };
    });
    return rows.toSorted(byName);
  }

  /** The share of known time of all lines, one a bucket. */
  coverage(window: HeatWindow, readings: ReadonlyMap<number, number>): number[] {
    const all = this.#groups.map((_, index) => index);
    return this.#coverage(all, window, this.#known(window, readings));
  }

  #counts(members: readonly number[], window: HeatWindow): HeatCells {
    const cells = emptyCells(window.buckets);
    const first = bucketOf(window.fromMs);
    for (const group of members) this.#ring.addTo(group, first, cells.starts, cells.flapping);
    return cells;
  }

  /** Known milliseconds by partition id, and under -1 their mean: lines never seen could be on any. */
  #known(
    window: HeatWindow,
    readings: ReadonlyMap<number, number>,
  ): ReadonlyMap<number, Float64Array> {
    const known = new Map<number, Float64Array>();
    const mean = new Float64Array(window.buckets);
    for (const cover of this.#covers) {
      const ms = knownMs(cover, readings.get(cover.partitionId), window);
      known.set(cover.partitionId, ms);
      for (let b = 0; b < window.buckets; b += 1) mean[b] += ms[b] / this.#covers.length;
    }
    return known.set(-1, mean);
  }

  #coverage(
    members: readonly number[],
    window: HeatWindow,
    known: ReadonlyMap<number, Float64Array>,
  ): number[] {
    const ms = new Float64Array(window.buckets);
    let weight = 0;
    const weigh = (partition: number, lines: number): void => {
      const of = known.get(partition);
      if (lines <= 0) return;
      weight += lines;
      if (of !== undefined) for (let b = 0; b < window.buckets; b += 1) ms[b] += of[b] * lines;
    };
    for (const index of members) {
      const group = this.#groups[index];
      let seen = 0;
      for (const [partition, lines] of group.seen) {
        weigh(partition, lines);
        seen += lines;
      }
      weigh(-1, group.lines - seen);
    }
    const inside = new Set(members);
    for (const gap of this.#lineGaps) {
      if (gap.lineId < this.#linesKnown && inside.has(this.#groupOf[gap.lineId])) {
        addOverlap(ms, window, gap.fromMs, gap.untilMs, -1);
      }
    }
    return shares(ms, bucketMs(window), weight);
  }
}

function byName(a: HeatRow, b: HeatRow): number {
  if (a.name === b.name) return 0;
  if (a.name === '' || b.name === '') return a.name === '' ? 1 : -1;
  return a.name < b.name ? -1 : 1;
}
