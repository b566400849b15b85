// A line's timeline as an element: uPlot's axes and zoom around what timeline-paint draws, and
// the readout of the interruption pointed at (or stepped to with the arrow keys).

import uPlot from 'uplot';
import type { Timeline } from '../../../src/api/contract.js';
import { el } from '../shell/dom.js';
import { duration } from '../shell/format.js';
import { t } from './words.js';
import { cssColour, cssFont, onTheme, remPixels } from '../shell/theme.js';
import { brushed, pointedItself, sharedCursor } from '../parts/shared-cursor.js';
import { timeAxis } from '../parts/time-axis.js';
import {
  Y_BOTTOM,
  durationAt,
  paintTimeline,
  yOf,
  yRange,
  type Interruption,
  type Marks,
} from './timeline-paint.js';
import { dateTime } from '../shell/zone.js';

const SECOND = 1000;
const TICK_SECONDS = [0.1, 1, 10, 60, 600, 3600, 21_600, 86_400, 864_000];
const TICKS_MS = TICK_SECONDS.map((seconds) => seconds * SECOND);
/** The scale always reaches this far, so that quiet lines do not look dramatic. */
const TOP_MIN_MS = 600 * SECOND;
const NEAR_PX = 24;
const Y_AXIS_REM = 5;

function ticksUpTo(log10: number): number[] {
  return TICKS_MS.filter((ms) => Math.log10(ms) <= log10);
}

export class TimelinePlot {
  readonly element: HTMLElement;
  private readonly box = el('div', { class: 'timeline-box' });
  private readonly tip = el('div', { class: 'tip', test: 'readout', attrs: { role: 'status' } });
  private readonly observer: ResizeObserver;
  private readonly endTheme: () => void;
  private plot: uPlot | null = null;
  private data: Timeline | null = null;
  private readingMs = 0;
  private marks: Marks = { works: [], tickets: [] };
  private chosen = -1;

  constructor() {
    this.tip.hidden = true;
    const attrs = { tabindex: '0', role: 'application' };
    this.element = el('div', { class: 'timeline', test: 'timeline', attrs }, this.box, this.tip);
    this.observer = new ResizeObserver(() => this.remake());
    this.observer.observe(this.element);
    this.endTheme = onTheme(() => this.remake());
    this.element.addEventListener('keydown', (event) => this.key(event));
    this.element.addEventListener('blur', () => this.choose(-1));
  }

  /** `readingMs` closes what is still open. */
  show(data: Timeline, readingMs: number): void {
    const first = this.data === null;
    const ordered = data.interruptions.toSorted((a, b) => a.start - b.start);
    this.data = { ...data, interruptions: ordered };
    this.readingMs = readingMs;
    this.element.setAttribute(
      'aria-label',
      t('timelineAria', {
        line: data.line,
        count: data.interruptions.length,
        episodes: data.episodes.length,
      }),
    );
    if (first || this.plot === null) this.remake();
    else this.plot.setData(this.axes());
  }

  /** Shows works and tickets as well. */
  mark(marks: Marks): void {
    this.marks = marks;
    this.plot?.redraw();
  }

  destroy(): void {
    this.observer.disconnect();
    this.endTheme();
    this.plot?.destroy();
  }

  private axes(): uPlot.AlignedData {
    const span = this.data === null ? [0, 1] : [this.data.fromMs, this.data.toMs];
    return [span, [0, 0]];
  }

  private top(): number {
    const list = this.data?.interruptions ?? [];
    let longest = TOP_MIN_MS;
    for (const one of list) longest = Math.max(longest, durationAt(one, this.readingMs));
    return Math.log10(longest * 3);
  }

  private remake(): void {
    this.plot?.destroy();
    this.plot = null;
    const { clientWidth: width, clientHeight: height } = this.element;
    if (this.data === null || width === 0 || height === 0) return;
    const span = (): [number, number] => [this.data?.fromMs ?? 0, this.data?.toMs ?? 1];
    const options: uPlot.Options = {
      width,
      height,
      padding: [remPixels() * 0.6, 0, 0, 0],
      legend: { show: false },
      scales: { x: { time: false, range: span }, y: { range: () => yRange(this.top()) } },
      axes: [timeAxis(), this.durationAxis()],
      series: [{}, { show: false }],
      cursor: sharedCursor(),
      hooks: {
        drawClear: [(u) => this.draw(u, 'under')],
        draw: [(u) => this.draw(u, 'over')],
        setCursor: [(u) => this.pointed(u)],
        setSelect: [brushed],
      },
    };
    this.plot = new uPlot(options, this.axes(), this.box);
  }

  private durationAxis(): uPlot.Axis {
    const rem = remPixels();
    return {
      stroke: () => cssColour('--dim'),
      font: cssFont(rem * 0.85),
      size: rem * Y_AXIS_REM,
      gap: rem * 0.3,
      grid: {
        stroke: () => cssColour('--line'),
        width: 1,
        filter: (_u, splits) => [null, ...splits.slice(1)],
      },
      ticks: { show: false },
      splits: (_u, _axis, min, max) => [
        (min + Y_BOTTOM) / 2 - (Y_BOTTOM - min) * 0.15,
        ...ticksUpTo(max).map((ms) => Math.log10(ms)),
      ],
      values: (u) => {
        const ticks = ticksUpTo(u.scales['y'].max ?? Y_BOTTOM);
        return [t('state'), ...ticks.map((ms) => duration(ms))];
      },
    };
  }

  private draw(u: uPlot, half: 'under' | 'over'): void {
    if (this.data !== null) paintTimeline(u, this.data, this.marks, this.readingMs, half);
  }

  private pointed(u: uPlot): void {
    const { left, top } = u.cursor;
    const list = this.data?.interruptions ?? [];
    if (!pointedItself(u) || left === undefined || top === undefined || left < 0) {
      if (!this.element.matches(':focus-visible')) this.choose(-1);
      return;
    }
    let best = -1;
    let bestPx = NEAR_PX;
    for (const [index, one] of list.entries()) {
      const x = u.valToPos(one.start, 'x');
      const y = u.valToPos(yOf(durationAt(one, this.readingMs)), 'y');
      const distance = Math.hypot(x - left, Math.min(Math.abs(y - top), NEAR_PX / 2));
      if (distance < bestPx) [best, bestPx] = [index, distance];
    }
    this.choose(best);
  }

  private key(event: KeyboardEvent): void {
    const list = this.data?.interruptions ?? [];
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (step === 0 || list.length === 0) return;
    event.preventDefault();
    const next = this.chosen < 0 ? (step > 0 ? 0 : list.length - 1) : this.chosen + step;
    this.choose(Math.max(0, Math.min(list.length - 1, next)));
  }

  private choose(index: number): void {
    this.chosen = index;
    const one = this.data?.interruptions[index];
    this.tip.hidden = one === undefined;
    if (one === undefined || this.plot === null) return;
    this.tip.replaceChildren(...this.words(one));
    const box = this.plot.over;
    const x = box.offsetLeft + this.plot.valToPos(one.start, 'x');
    const y = this.plot.valToPos(yOf(durationAt(one, this.readingMs)), 'y');
    const left = x + this.tip.offsetWidth + 16 > this.element.clientWidth;
    this.tip.style.left = `${left ? x - this.tip.offsetWidth - 12 : x + 12}px`;
    const lowest = this.element.clientHeight - this.tip.offsetHeight;
    this.tip.style.top = `${Math.max(0, Math.min(lowest, y - 20))}px`;
  }

  private words(one: Interruption): HTMLElement[] {
    const lasted = duration(durationAt(one, this.readingMs));
    const head = `${t(one.class === 'outage' ? 'class_outage' : 'class_momentary')} · ${lasted}`;
    const words = [dateTime(one.start)];
    if (one.end === null) words.push(t('still'));
    if (one.alarm !== null && one.alarm !== '') words.push(`${t('alarm')}: ${one.alarm}`);
    if (one.cause !== null && one.cause !== '') words.push(`${t('cause')}: ${one.cause}`);
    if (this.data?.repeatFaults.some((fault) => fault.start === one.start) === true) {
      words.push(t('repeatFault'));
    }
    return [
      el('strong', { text: `#${one.n} ${head}` }),
      ...words.map((text) => el('span', { text })),
    ];
  }
}
