// Root causes as a part of the service: the keeper that works them out, and the feed that tells them.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { LiveCauses } from './api/cause-contract.js';
import type { ProvisionalCauses } from './api/deps.js';
import type { RunCounters } from './api/metrics.js';
import { CauseFeed } from './cause-feed.js';
import { CauseKeeper, type KeeperOptions } from './pipeline/cause-keeper.js';
import type { RecordDoubts } from './cause/doubts.js';
import type { Outputs } from './outputs.js';

/** How often time passing may settle causes, ms. */
const LOOK_EVERY_MS = 500;

/** What it is opened with. */
export interface CauseServiceOptions extends Omit<KeeperOptions, 'onCauses'> {
  /** Has a statement committed. Throws SERVICE_UNAVAILABLE. */
  readonly change: (store: (connection: DuckDBConnection) => Promise<unknown>) => Promise<void>;
}

/** The causes of a service. */
export class CauseService {
  private readonly feed = new CauseFeed();
  private readonly keeper: CauseKeeper;
  private readonly change: CauseServiceOptions['change'];
  private timer: NodeJS.Timeout | null = null;

  private constructor({ change, ...keeper }: CauseServiceOptions) {
    this.change = change;
    this.keeper = new CauseKeeper({ ...keeper, onCauses: (news) => this.feed.take(news) });
  }

  /** To be opened before anything is folded. */
  static async open(options: CauseServiceOptions): Promise<CauseService> {
    const service = new CauseService(options);
    await service.keeper.open();
    return service;
  }

  /** Begins, once history is loaded; `outputs` publishes what is found. */
  begin(outputs: Outputs | null): void {
    if (outputs) this.feed.publish = (causes) => outputs.announce(causes);
    this.keeper.begin();
    this.timer = setInterval(() => this.keeper.look(), LOOK_EVERY_MS);
  }

  /** Records of components or works have changed. */
  reload(): void {
    this.keeper.reload();
  }

  /** Ends; what is found later is worked out at the next start. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.keeper.stop();
  }

  /** Calls the listener when causes have changed; returns how to stop that. */
  onCauses(listener: (causes: LiveCauses) => void): () => void {
    return this.feed.onCauses(listener);
  }

  /** Causes beside those of the store. */
  causes(): ProvisionalCauses {
    return { provisional: this.feed.provisional(), isWorking: this.keeper.isWorking };
  }

  /** What the records say against one another; null without records. */
  doubts(): RecordDoubts | null {
    return this.keeper.doubts();
  }

  /** Has feedback stored, then works with it. Throws SERVICE_UNAVAILABLE. */
  async judge(store: (connection: DuckDBConnection) => Promise<unknown>): Promise<void> {
    await this.change(store);
    this.reload();
  }

  /** For metrics. */
  get counts(): Pick<
    RunCounters,
    'causesFinal' | 'causesProvisional' | 'lastCauseDelayMs' | 'longestCauseDelayMs'
  > {
    const { finalCount, provisionalCount, lastDelayMs, longestDelayMs } = this.keeper;
    return {
      causesFinal: finalCount,
      causesProvisional: provisionalCount,
      lastCauseDelayMs: lastDelayMs,
      longestCauseDelayMs: longestDelayMs,
    };
  }
}
