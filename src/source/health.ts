// Whether a broker answers, and what was said last when none did. librdkafka reconnects by itself; what
// it reports is kept here. Only an answer to a question makes `connected` true again: records may still
// come out of our own queue long after the last broker went away.

import type { KafkaConsumer } from 'node-rdkafka';

import { faultText, logDetail } from './client.js';

/** librdkafka's words for "no broker left"; node-rdkafka gives this event no code of its own. */
const ALL_DOWN = 'all broker connections are down';

/** The connection of one consumer. */
export class Health {
  /** some broker answers */
  connected = true;
  /** the last error since all was well */
  lastError: string | null = null;
  #detail: string | null = null;

  /** @param onDown called when the last broker went away, possibly again and again */
  constructor(consumer: KafkaConsumer, onDown: () => void) {
    consumer.on('event.log', (data: unknown) => {
      this.#detail = logDetail(data) ?? this.#detail;
    });
    consumer.on('event.error', (fault) => {
      const text = faultText(fault);
      this.lastError = this.#detail === null ? text : `${text} (${this.#detail})`;
      if (!text.toLowerCase().includes(ALL_DOWN)) return;
      if (this.connected) onDown();
      this.connected = false;
    });
  }

  /** A broker answered; `well` when nothing else is wrong either. */
  answered(well: boolean): void {
    this.connected = true;
    if (!well) return;
    this.lastError = null;
    this.#detail = null;
  }
}
