// The page's side of the worker: one period open, one judgement at a time, and of the moves made meanwhile
// only the last.

import { hrefOf } from '../shell/address.js';
import type { Span } from '../shell/scope.js';
import type { FlapRules } from './kernel.js';
import type { Asked, Opened, Told } from './messages.js';
import type { WhatIf } from './session.js';

export interface WhatIfListener {
  opened(opened: Opened): void;
  moved(whatIf: WhatIf, rules: FlapRules): void;
  failed(message: string): void;
}

export class WhatIfClient {
  private readonly worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  private running: FlapRules | null = null;
  private next: FlapRules | null = null;
  private isOpen = false;

  constructor(
    private readonly listener: WhatIfListener,
    private readonly limit: number,
  ) {
    this.worker.addEventListener('message', ({ data }: MessageEvent<Told>) => this.told(data));
    this.worker.addEventListener('error', (event) => listener.failed(event.message));
  }

  /** Fetches a period. */
  open({ from, to }: Span, today: FlapRules): void {
    this.isOpen = false;
    const path = hrefOf('api/interruptions/columns', '', { from, to });
    this.ask({ kind: 'open', url: new URL(path, document.baseURI).href, today });
  }

  /** Judges the period under these rules, once it is open and the move before is answered. */
  move(rules: FlapRules): void {
    this.next = rules;
    this.step();
  }

  stop(): void {
    this.worker.terminate();
  }

  private ask(asked: Asked): void {
    this.worker.postMessage(asked, []);
  }

  private step(): void {
    if (!this.isOpen || this.running !== null || this.next === null) return;
    this.running = this.next;
    this.next = null;
    this.ask({ kind: 'move', rules: this.running, limit: this.limit });
  }

  private told(told: Told): void {
    if (told.kind === 'opened') {
      this.isOpen = true;
      this.listener.opened(told.opened);
    } else if (told.kind === 'moved') {
      const rules = this.running!;
      this.running = null;
      this.listener.moved(told.whatIf, rules);
    } else {
      this.running = null;
      this.listener.failed(told.message);
    }
    this.step();
  }
}
