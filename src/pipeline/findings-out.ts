// Findings on their way to a topic (SPEC section 3, one JSON object a record, keyed by line): written
// into the store with the transaction that stores them, published once it is committed, and removed
// once they are acknowledged. So none is missing and none comes from a transaction that was undone; a
// crash between acknowledgement and removal publishes some again, with the same ids.

import { setTimeout as delay } from 'node:timers/promises';
import type { PublishedCause } from '../cause/finding.js';
import { messageOf } from '../config/errors.js';
import type { Kernel } from '../kernel/kernel.js';
import type { LineProducer } from '../source/producer.js';
import type { FindingsOutlet } from '../store/collector.js';
import type { StoreWriter } from '../store/commit.js';
import type { Readers } from '../store/readers.js';
import type { RuleBook } from '../store/rule-book.js';
import { selectRows } from '../store/sql.js';
import { type Finding, type FindingsView, findingsOf } from './findings.js';

/** Findings read from the store, published and acknowledged together. */
const BATCH_ROWS = 5_000;
const ACKNOWLEDGE_TIMEOUT_MS = 30_000;

interface Waiting {
  readonly seq: number;
  readonly key: string;
  readonly value: string;
}

/** The name of a finding that is the same whenever it is published. */
export function findingId(finding: Finding, partition: number): string {
  const { kind, line, detector, n, start, at } = finding;
  const which = kind === 'interruption' ? n : (start ?? at);
  return [kind, partition, ...(detector === undefined ? [] : [detector]), which, line].join(':');
}

/** Collects findings and publishes them. */
export class FindingsOut implements FindingsOutlet {
  private readonly parts: FindingsParts;
  private readonly view: FindingsView;
  private collected: Waiting[] = [];
  private seq: number;
  private publishing: Promise<void> | null = null;
  /** A failure was told, and nothing has been published since. */
  private told = false;
  /** Up to here they are acknowledged. */
  private acknowledged = 0;
  /** Published and acknowledged since the start. */
  published = 0;

  private constructor(parts: FindingsParts, seq: number) {
    this.parts = parts;
    this.view = { ruleOf: (ruleId) => parts.book.ruleOf(ruleId) };
    this.seq = seq;
  }

  /** Goes on behind the findings that wait in the store. */
  static async open(parts: FindingsParts): Promise<FindingsOut> {
    const connection = parts.writer.store.writer;
    const [row] = await selectRows<{ seq: number }>(
      connection,
      'select coalesce(max(seq), 0) as seq from finding_out',
    );
    return new FindingsOut(parts, row!.seq);
  }

  /** Takes the findings that wait in a kernel's tables, before their lines get the store's ids. */
  take(kernel: Kernel, partition: number): void {
    for (const finding of findingsOf(kernel, this.view)) {
      if (finding.kind === 'interruption-start') continue;
      const value = JSON.stringify({ ...finding, id: findingId(finding, partition), partition });
      this.collected.push({ seq: ++this.seq, key: finding.line, value });
    }
  }

  /** Has causes published after the next commit, keyed by their ids. */
  announce(causes: readonly PublishedCause[]): void {
    for (const cause of causes) {
      this.collected.push({ seq: ++this.seq, key: cause.id, value: JSON.stringify(cause) });
    }
    // Without findings of lines there would be no commit.
    this.parts.writer.order(async () => undefined);
  }

  /** Puts what was collected into the next transaction; call it right before a seal. */
  seal(): void {
    const rows = this.collected;
    if (rows.length === 0) return;
    this.collected = [];
    this.parts.writer.order((connection) =>
      selectRows(
        connection,
        `insert into finding_out
           select unnest($seqs), unnest($keys), unnest($values)`,
        {
          seqs: rows.map(({ seq }) => seq),
          keys: rows.map(({ key }) => key),
          values: rows.map(({ value }) => value),
        },
      ),
    );
  }

  /** Publishes what is committed; returns at once. */
  publish(): void {
    this.publishing ??= this.publishAll().finally(() => {
      this.publishing = null;
    });
  }

  /** Publishes what is left, for `patienceMs` at most; true when nothing waits any more. */
  async end(patienceMs: number): Promise<boolean> {
    this.publish();
    return Promise.race([
      this.publishing!.then(() => !this.told),
      delay(patienceMs, false, { ref: false }),
    ]);
  }

  private async publishAll(): Promise<void> {
    try {
      for (;;) {
        const rows = await this.parts.readers.read((connection) =>
          selectRows<Waiting & Record<string, string | number>>(
            connection,
            `select seq, key, value from finding_out where seq > $after order by seq
               limit ${BATCH_ROWS}`,
            { after: this.acknowledged },
          ),
        );
        if (rows.length === 0) return;
        await this.publishRows(rows);
        this.told = false;
      }
    } catch (error) {
      if (!this.told) this.parts.onNote(`findings wait in the store: ${messageOf(error)}`);
      this.told = true;
    }
  }

  private async publishRows(rows: readonly Waiting[]): Promise<void> {
    const { producer } = this.parts;
    const failedBefore = producer.counts.failed;
    for (const { key, value } of rows) await producer.produce(key, Buffer.from(value));
    await producer.flush(ACKNOWLEDGE_TIMEOUT_MS);
    if (producer.counts.failed > failedBefore)
      throw new Error(producer.counts.lastError ?? 'failed');
    const { seq } = rows.at(-1)!;
    this.acknowledged = seq;
    this.published += rows.length;
    this.parts.writer.order((connection) =>
      connection.run('delete from finding_out where seq <= $1', [BigInt(seq)]),
    );
  }
}

/** What publishing needs. */
export interface FindingsParts {
  readonly writer: StoreWriter;
  readonly readers: Readers;
  readonly producer: LineProducer;
  readonly book: RuleBook;
  readonly onNote: (text: string) => void;
}
