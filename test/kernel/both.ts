// A kernel and the naive twin side by side: both see the same, and whatever is asked of them they must
// answer alike.

import { expect } from 'vitest';
import type { Finding } from '../../src/pipeline/findings.js';
import { Model, type ModelEvent, type Rules } from '../model.js';
import type { Chatter } from '../model-alarms.js';
import { expectSameChatter } from './judged.js';
import { KernelRun } from './run.js';

/** An event of line L. */
export type Short = [time: number, state: 'down' | 'up', alarm?: string, cause?: string];

function eventOf([time, state, alarm, cause]: Short): ModelEvent {
  return { line: 'L', time, state, alarm, cause };
}

/** A kernel and a model that have seen the same. */
export class Both {
  readonly model: Model;
  readonly run: KernelRun;

  constructor(checked: boolean, rules: Partial<Rules>, aliases: [string, string][] = []) {
    this.model = new Model(rules, aliases);
    this.run = new KernelRun({ checked, rules, aliases });
  }

  /** Applies events, each at position 0 of a batch of its own. */
  async apply(...events: (Short | ModelEvent)[]): Promise<void> {
    for (const each of events) {
      const event = Array.isArray(each) ? eventOf(each) : each;
      this.model.apply(event);
      await this.run.columns([{ kind: 'event', event }]);
    }
  }

  /** An alias ends, at position 77 of the log. */
  async endAlias(key: string, line: string): Promise<void> {
    this.model.endAlias(key, line);
    await this.run.endAlias(key, line, 77);
  }

  /** Some rules are other ones from here on. */
  changeRules(rules: Partial<Rules>): void {
    this.model.changeRules(rules);
    this.run.changeRules({ ...this.model.rules });
  }

  /** What both have found so far. */
  get findings(): readonly Finding[] {
    expect(this.run.findings).toEqual(this.model.findings);
    return this.run.findings;
  }

  /** The chatter of an alarm of line L, as both have it. */
  chatter(alarm: string, key = 'L'): Chatter | undefined {
    this.run.takeOpen();
    this.run.takeChatter();
    expectSameChatter(this.run.chatter, this.model);
    return this.run.chatter.get(JSON.stringify(['L', key, alarm]));
  }

  /** What both read at c. */
  async read(c: number): Promise<readonly Finding[]> {
    const before = this.run.findings.length;
    await this.run.read(c);
    const read = this.run.findings.splice(before);
    expect(read).toEqual(this.model.read(c));
    return read;
  }
}
