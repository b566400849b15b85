// A question to the API that is asked again when its answer may have changed: one request at a
// time, a gap between two, answers of an earlier connection thrown away. After a lost
// connection the panel is marked old until an answer of the new one is in.

import type { Status } from '../../../src/api/contract.js';
import { t } from './words.js';
import { current, subscribe, type Live } from './store.js';

/** A slow question rests this many times its own answering time before it is asked again. */
const REST_FACTOR = 2;
const RETRY_MS = 3000;

export interface LiveQueryOptions<Answer> {
  /** Gets the class `old` and, in its `.failure`, the reason why there is no answer. */
  panel: HTMLElement;
  /** Least time between two questions. */
  gapMs: number;
  /** Asked again after this long even without a change. */
  maxAgeMs: number;
  /** `renewed`: nothing that was answered before holds any more. */
  load: (signal: AbortSignal, renewed: boolean) => Promise<Answer>;
  apply: (answer: Answer) => void;
  /** Whether a status says that the answer may have changed. */
  changed: (status: Status) => boolean;
}

export class LiveQuery<Answer> {
  private abort = new AbortController();
  /** Of the last answer, and of the last status. */
  private generation = -1;
  private seen = -1;
  private dirty = true;
  private busy = false;
  private stopped = false;
  private notBefore = 0;
  private answeredAt = 0;
  private timer = 0;
  private readonly unsubscribe: () => void;

  /** Asks as soon as the stream stands. */
  constructor(private readonly options: LiveQueryOptions<Answer>) {
    this.unsubscribe = subscribe((live) => this.onLive(live));
    this.schedule();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.unsubscribe();
    this.abort.abort();
  }

  /** Asks again now: what it shows has just been changed. */
  again(): void {
    this.dirty = true;
    this.notBefore = 0;
    this.schedule();
  }

  private say(text: string): void {
    const place = this.options.panel.querySelector('.failure');
    if (place !== null) place.textContent = text;
  }

  private async ask(): Promise<void> {
    const { signal } = this.abort;
    const { generation } = current();
    const startedAt = performance.now();
    this.busy = true;
    this.dirty = false;
    try {
      const answer = await this.options.load(signal, generation !== this.generation);
      if (signal.aborted) return;
      this.generation = generation;
      this.answeredAt = performance.now();
      const rest = (this.answeredAt - startedAt) * REST_FACTOR;
      this.notBefore = this.answeredAt + Math.max(this.options.gapMs, rest);
      this.options.panel.classList.remove('old');
      this.say('');
      this.options.apply(answer);
    } catch (error) {
      if (signal.aborted) return;
      this.dirty = true;
      this.notBefore = performance.now() + RETRY_MS;
      this.say(t('failed', { message: error instanceof Error ? error.message : String(error) }));
    } finally {
      if (!signal.aborted) {
        this.busy = false;
        this.schedule();
      }
    }
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.stopped || this.busy || current().connection !== 'open') return;
    const now = performance.now();
    const due = this.dirty ? this.notBefore : this.answeredAt + this.options.maxAgeMs;
    if (due > now) this.timer = window.setTimeout(() => this.schedule(), due - now);
    else void this.ask();
  }

  private onLive(live: Live): void {
    const renewed = live.generation !== this.generation;
    if (live.connection !== 'open' || renewed) {
      this.options.panel.classList.toggle('old', this.generation >= 0);
    }
    if (live.connection !== 'open') {
      this.abort.abort();
      this.abort = new AbortController();
      this.busy = false;
      return;
    }
    if (live.generation !== this.seen) {
      // What is under way was asked before: it would be old when it comes.
      this.abort.abort();
      this.abort = new AbortController();
      this.busy = false;
      this.notBefore = 0;
    }
    this.seen = live.generation;
    if (renewed && !this.busy) this.dirty = true;
    if (live.status !== null && this.options.changed(live.status)) this.dirty = true;
    this.schedule();
  }
}
