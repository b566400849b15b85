// Asks the broker about every assigned partition now and then: where it begins and ends, so that lag is
// known while nothing is read, a lost position is noticed, and a broker that is back is seen. One question
// at a time: each holds one of libuv's threads while it waits. Does not keep the process alive.

import { FlaplineError, messageOf } from '../config/errors.js';
import type { Health } from './health.js';
import type { Positions } from './positions.js';
import {
  isAbsence,
  partitionsOf,
  QUESTION_TIMEOUT_MS,
  watermarksOf,
  type TopicView,
} from './questions.js';

/** How often it is looked whether a check is due, in ms. */
const WATCH_MS = 250;

/** The checks of one log, from its construction to stop(). */
export class Watch {
  readonly #view: TopicView;
  readonly #positions: Positions;
  readonly #health: Health;
  readonly #fetchAgain: (partition: number) => Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #busy = false;
  #stopped = false;

  /** @param fetchAgain starts fetching of a stalled partition again where it stands */
  constructor(
    view: TopicView,
    positions: Positions,
    health: Health,
    fetchAgain: (partition: number) => Promise<void>,
  ) {
    this.#view = view;
    this.#positions = positions;
    this.#health = health;
    this.#fetchAgain = fetchAgain;
    this.#timer = setInterval(() => void this.#check(), WATCH_MS).unref();
  }

  /** Asks nothing more; a question that is under way ends within its own time. */
  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  /** All partitions whose check is due; while no broker answers, one at a time. */
  async #check(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (const partition of this.#positions.due(performance.now())) {
      if (this.#stopped) break;
      await this.#checkOne(partition);
      if (!this.#health.connected) break;
    }
    if (this.#positions.next.size === 0 && !this.#health.connected) await this.#checkTopic();
    this.#busy = false;
  }

  async #checkOne(partition: number): Promise<void> {
    const position = this.#positions.next.get(partition);
    if (position === undefined) return;
    try {
      const { low, high } = await watermarksOf(this.#view, partition, QUESTION_TIMEOUT_MS);
      this.#positions.checked(partition, position, low, high, performance.now());
      this.#health.answered(this.#positions.errors.size === 0);
    } catch (thrown) {
      if (this.#stopped) return;
      this.#positions.unanswered(partition, this.#unanswered(thrown), performance.now());
      const { errors, next } = this.#positions;
      if (isAbsence(thrown)) this.#positions.doubtAll();
      if (!isAbsence(thrown) && errors.size === next.size) this.#health.connected = false;
    }
    if (this.#positions.stalled.has(partition)) await this.#fetchAgain(partition);
  }

  async #checkTopic(): Promise<void> {
    try {
      await partitionsOf(this.#view);
      this.#health.answered(true);
    } catch (thrown) {
      this.#unanswered(thrown);
    }
  }

  #unanswered(thrown: unknown): string {
    const fault = thrown instanceof FlaplineError && !isAbsence(thrown) ? thrown.cause : thrown;
    this.#health.lastError = messageOf(fault);
    return this.#health.lastError;
  }
}
