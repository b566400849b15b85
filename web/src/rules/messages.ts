// What page and worker of what-if say to one another.

import type { FlapRules } from './kernel.js';
import type { WhatIf } from './session.js';

export type Asked =
  | { readonly kind: 'open'; readonly url: string; readonly today: FlapRules }
  | { readonly kind: 'move'; readonly rules: FlapRules; readonly limit: number };

export interface Opened {
  readonly fromMs: number;
  readonly toMs: number;
  readonly interruptions: number;
  readonly lines: number;
  readonly unsure: number;
  readonly bytes: number;
  readonly fetchMs: number;
}

export type Told =
  | { readonly kind: 'opened'; readonly opened: Opened }
  | { readonly kind: 'moved'; readonly whatIf: WhatIf }
  | { readonly kind: 'failed'; readonly message: string };
