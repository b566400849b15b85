// A view: what one page shows between the header and the window's end, from mount to unmount.

import type { Address } from './address.js';
import { hrefOf } from './address.js';

export interface View {
  readonly element: HTMLElement;
  /** The same page at another address. Absent, or false: it is unmounted and mounted again. */
  readonly update?: (address: Address) => boolean | void;
  /** Ends timers, requests, subscriptions and plots. */
  readonly unmount: () => void;
}

/** A page, as web/src/views/all.ts lists it. */
export interface Page {
  /** The first part of its address; '' is the desk. */
  readonly page: string;
  /** Its name in the navigation; null: one gets there from another page. */
  readonly title: (() => string) | null;
  /** With `g` before it, the key that leads there. */
  readonly key?: string;
  /** No header above it: it has the whole window. */
  readonly bare?: boolean;
  readonly mount: (address: Address) => View;
}

/** A line's page, over a span or over its usual period. */
export function lineHref(line: string, from: number | null = null, to: number | null = null) {
  return hrefOf('line', line, { from, to });
}
