// Causes of a running service for those who look on: the API's provisional list, the stream's event
// `causes`, and the findings topic, where a cause is published again as it grows and once more when it
// is final, or withdrawn when what is known by then gives another.

import type { LiveCauses } from './api/cause-contract.js';
import { causeItem } from './api/cause-items.js';
import type { ProvisionalCauses } from './api/deps.js';
import type { CauseFinding, PublishedCause } from './cause/finding.js';
import type { CauseNews } from './pipeline/cause-keeper.js';

/** A final cause is told beside the store for so long: until it is committed, ms. */
const LINGER_MS = 10_000;

/** Publishes causes as they stand. */
export type CausePublisher = (findings: readonly PublishedCause[]) => void;

/** Holds what was last found. */
export class CauseFeed {
  publish: CausePublisher | null = null;
  private news: CauseNews = { provisional: [], final: [] };
  private lingering: { readonly untilMs: number; readonly causes: CauseNews['final'] }[] = [];
  private readonly published = new Map<string, string>();
  private readonly listeners = new Set<(causes: LiveCauses) => void>();
  private told = '';

  /** Calls the listener when causes have changed; returns how to stop that. */
  onCauses(listener: (causes: LiveCauses) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Takes what was found. */
  take(news: CauseNews): void {
    this.news = news;
    const nowMs = performance.now();
    this.lingering = this.lingering.filter(({ untilMs }) => untilMs > nowMs);
    if (news.final.length > 0) {
      this.lingering.push({ untilMs: nowMs + LINGER_MS, causes: news.final });
    }
    const live = this.live();
    const text = JSON.stringify(live);
    if (text === this.told) return;
    this.told = text;
    this.publishChanges();
    for (const listener of this.listeners) listener(live);
  }

  /** What is found and may still change, or is not yet committed. */
  provisional(): ProvisionalCauses['provisional'] {
    const { provisional } = this.news;
    const final = this.lingering.flatMap(({ causes }) => causes);
    return [
      ...provisional.map((cause) => ({
        item: causeItem(cause.finding, cause.isGrowing ? 'growing' : 'provisional'),
        members: cause.members,
      })),
      ...final.map(({ finding, members }) => ({ item: causeItem(finding, 'final'), members })),
    ];
  }

  private live(): LiveCauses {
    const { provisional, final } = this.news;
    return {
      provisional: provisional.map(({ finding, isGrowing }) =>
        causeItem(finding, isGrowing ? 'growing' : 'provisional'),
      ),
      final: final.map(({ finding }) => causeItem(finding, 'final')),
    };
  }

  private publishChanges(): void {
    const { provisional, final } = this.news;
    const changed: PublishedCause[] = [];
    const seen = new Set<string>();
    for (const { finding } of provisional) {
      seen.add(finding.id);
      const text = JSON.stringify(finding);
      if (this.published.get(finding.id) === text) continue;
      this.published.set(finding.id, text);
      changed.push({ ...finding, provisional: true });
    }
    for (const { finding } of final) {
      this.published.delete(finding.id);
      seen.add(finding.id);
      changed.push({ ...finding, provisional: false });
    }
    for (const [id, text] of this.published) {
      if (seen.has(id)) continue;
      this.published.delete(id);
      const finding = JSON.parse(text) as CauseFinding;
      changed.push({ ...finding, lines: 0, provisional: true, withdrawn: true });
    }
    if (changed.length > 0) this.publish?.(changed);
  }
}
