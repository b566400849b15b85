// How often a line is interrupted by itself: a gamma-shrunken rate from the starts of whole days of
// history and of the running day, but for the last minute. Kept by line and, summed, by component.

import type { Network } from './network.js';
import type { CauseSettings } from './settings.js';

const DAY_MS = 86_400_000;

/** Running counts of starts; starts are taken in the order of their times. */
export class Rates {
  private readonly network: Network;
  private readonly settings: CauseSettings;
  private readonly ofLine: Int32Array;
  private readonly ofComponent: Float64Array;
  private total = 0;
  private fromMs = 0;
  private atMs = 0;

  constructor(network: Network, settings: CauseSettings) {
    this.network = network;
    this.settings = settings;
    this.ofLine = new Int32Array(network.lines.length);
    this.ofComponent = new Float64Array(network.components.length);
  }

  /** History begins at `fromMs`, and is known up to `atMs`. */
  span(fromMs: number, atMs: number): void {
    this.fromMs = fromMs;
    this.atMs = Math.max(fromMs, atMs);
  }

  /** Counts a start, or takes it out again with step = -1. */
  count(line: number, step: 1 | -1): void {
    this.total += step;
    this.ofLine[line]! += step;
    const { first, other, weight } = this.network.byLine;
    for (let i = first[line]!; i < first[line + 1]!; i++) {
      this.ofComponent[other[i]!]! += step * weight[i]!;
    }
  }

  /** Interruptions a millisecond of a line. */
  ofLineAt(line: number): number {
    const { shape, scale } = this.prior();
    return (shape + this.ofLine[line]!) * scale;
  }

  /** Interruptions a millisecond of a component's members together. */
  ofComponentAt(component: number): number {
    const { shape, scale } = this.prior();
    return (shape * this.network.size[component]! + this.ofComponent[component]!) * scale;
  }

  private prior(): { shape: number; scale: number } {
    const { rateShape, ratePrior, ratePriorMs } = this.settings;
    const spanMs = this.atMs - this.fromMs;
    const lines = Math.max(1, this.network.knownLines);
    const mean = (this.total / lines + ratePrior * ratePriorMs) / (spanMs + ratePriorMs);
    return { shape: rateShape, scale: 1 / (rateShape / mean + spanMs) };
  }
}

/** The first instant of the history that a start at `atMs` is judged by. */
export function historyFrom(atMs: number, historyDays: number): number {
  return (Math.floor(atMs / DAY_MS) - historyDays) * DAY_MS;
}
