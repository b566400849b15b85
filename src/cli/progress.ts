// Progress of long work on standard error: one line that changes on a terminal, a plain line every
// five seconds elsewhere, nothing when it is not wanted.

import { countOf, say } from './output.js';

const TERMINAL_EVERY_MS = 100;
const PLAIN_EVERY_MS = 5_000;
const CLEAR_LINE = '\r\u001b[2K';

/** How a command tells how far it has come. */
export interface Progress {
  /** Shows a text if it is time to; made only then. */
  tell(text: () => string): void;
  /** Says something that stays. */
  note(text: string): void;
  /** Takes the changing line away. */
  end(): void;
}

/** Progress on standard error. */
export function startProgress(quiet: boolean): Progress {
  const terminal = process.stderr.isTTY;
  const everyMs = terminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS;
  let lastMs = performance.now();
  let shown = false;
  const clear = (): void => {
    if (shown) process.stderr.write(CLEAR_LINE);
    shown = false;
  };
  return {
    tell(text) {
      if (quiet || performance.now() - lastMs < everyMs) return;
      lastMs = performance.now();
      if (terminal)
        process.stderr.write(CLEAR_LINE + text().slice(0, (process.stderr.columns || 80) - 1));
      else say(text());
      shown = terminal;
    },
    note(text) {
      clear();
      say(text);
    },
    end: clear,
  };
}

/** A count with its rate since `beganMs` (performance.now()): "1,234 events, 567,000/s". */
export function withRate(value: number, noun: string, beganMs: number): string {
  const seconds = (performance.now() - beganMs) / 1000;
  return `${countOf(value, noun)}, ${rate(value / seconds)}/s`;
}

function rate(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(1)} M`;
  return perSecond >= 1e4 ? `${Math.round(perSecond / 1e3)} k` : String(Math.round(perSecond));
}
