// Loading a live heat map: the whole window at first, when it moves on by a bucket and after a
// lost connection; between, only the columns from the first bucket that changed.

import type { Heat, Status } from '../../../src/api/contract.js';
import { BUCKET_MS, getHeat, type HeatFilter } from '../shell/api.js';
import type { QueryParts } from '../shell/address.js';
import type { Span } from '../shell/scope.js';
import { rowsQuery } from './rows.js';
import { byName, withTail } from './heat-data.js';

/**
 * Coverage and flapping of the newest buckets change as time passes: they are always part
 * of a tail.
 */
const TAIL_BUCKETS = 2;
const ROW_LIMIT = 200;
/** Components come by how bad they are, which changes: no tails of them. */
const COMPONENT_LIMIT = 40;

export const floorBucket = (ms: number): number => Math.floor(ms / BUCKET_MS) * BUCKET_MS;
export const ceilBucket = (ms: number): number => Math.ceil(ms / BUCKET_MS) * BUCKET_MS;

export class LiveHeat {
  private shown: Heat | null = null;
  private changedFrom = Number.POSITIVE_INFINITY;

  constructor(
    private readonly by: string,
    private readonly span: () => Span,
    private readonly filters: QueryParts,
    private readonly componentLimit = COMPONENT_LIMIT,
  ) {}

  changed(status: Status): boolean {
    if (status.changedFromMs !== null) {
      this.changedFrom = Math.min(this.changedFrom, status.changedFromMs);
      return true;
    }
    return this.shown !== null && this.window().to !== endOf(this.shown);
  }

  async load(signal: AbortSignal, renewed: boolean): Promise<Heat> {
    const { from, to } = this.window();
    const changedFrom = this.changedFrom;
    this.changedFrom = Number.POSITIVE_INFINITY;
    try {
      const asked = rowsQuery(this.by);
      const byComponent = asked.by === 'component';
      const limit = byComponent ? this.componentLimit : ROW_LIMIT;
      const filter: HeatFilter = { ...this.filters, ...asked, from, to, limit };
      const same = this.shown !== null && this.shown.fromMs === from && endOf(this.shown) === to;
      let next: Heat | null = null;
      if (this.shown !== null && same && !renewed && !byComponent) {
        const newest = Math.min(floorBucket(changedFrom), to - TAIL_BUCKETS * BUCKET_MS);
        const tail = await getHeat({ ...filter, from: Math.max(from, newest) }, signal);
        next = withTail(this.shown, tail);
      }
      next ??= await getHeat(filter, signal);
      if (!byComponent) next = byName(next);
      this.shown = next;
      return next;
    } catch (error) {
      this.changedFrom = Math.min(this.changedFrom, changedFrom);
      throw error;
    }
  }

  private window(): { from: number; to: number } {
    const { from, to } = this.span();
    return { from: floorBucket(from), to: ceilBucket(to) };
  }
}

function endOf(heat: Heat): number {
  return heat.fromMs + heat.buckets * heat.bucketMs;
}
