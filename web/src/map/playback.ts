// The bar below the map: the period's interruptions as a curve, a slider over it to any instant, play and
// pause, and back to live. The curve shares the cursor and the brush of the other charts.

import uPlot from 'uplot';
import { brushed, sharedCursor } from '../parts/shared-cursor.js';
import { timeAxis } from '../parts/time-axis.js';
import { el, setText } from '../shell/dom.js';
import type { Span } from '../shell/scope.js';
import { cssColour, onTheme } from '../shell/theme.js';
import { dateTime } from '../shell/zone.js';
import { t } from './words.js';

/** The whole period is played in this time, ms. */
const PLAY_MS = 60_000;
const FRAME_MS_MAX = 250;
const SLIDER_STEPS = 10_000;
const KEY_STEP = 1 / 288;

function button(text: string, test: string, click: () => void): HTMLButtonElement {
  return el('button', { class: 'button', text, test, click, attrs: { type: 'button' } });
}

export interface PlaybackEvents {
  /** The instant shown; null = live. */
  readonly moved: (atMs: number | null) => void;
  /** The person let go of it, or playing stopped: it may go into the address. */
  readonly settled: (atMs: number | null) => void;
}

export class Playback {
  readonly element: HTMLElement;
  private readonly box = el('div', { class: 'playback-curve' });
  private readonly head = el('div', { class: 'heat-mark playhead' });
  private readonly slider = el('input', {
    test: 'scrub',
    attrs: {
      type: 'range',
      min: '0',
      max: String(SLIDER_STEPS),
      step: '1',
      'aria-label': t('scrub'),
    },
  });
  private readonly playButton: HTMLButtonElement;
  private readonly liveButton: HTMLButtonElement;
  private readonly when = el('output', { class: 'playback-time', test: 'playback-time' });
  private readonly observer: ResizeObserver;
  private readonly endTheme: () => void;
  private plot: uPlot | null = null;
  private span: Span;
  private steps: readonly number[] = [];
  private frame = 0;
  private lastFrameMs = 0;

  /** `atMs`: the instant at first; null = live. */
  constructor(
    span: Span,
    private atMs: number | null,
    private readonly events: PlaybackEvents,
  ) {
    this.span = span;
    this.playButton = button(t('play'), 'play', () => this.toggle());
    this.liveButton = button(t('live'), 'to-live', () => this.live());
    this.box.append(this.head);
    this.element = el(
      'div',
      {
        class: 'playback',
        test: 'playback',
        attrs: { role: 'group', 'aria-label': t('playback') },
      },
      el('div', { class: 'playback-keys' }, this.playButton, this.liveButton, this.when),
      el('div', { class: 'playback-track' }, this.box, this.slider),
    );
    this.slider.addEventListener('input', () => {
      this.stop();
      this.move(this.timeOf(Number(this.slider.value) / SLIDER_STEPS));
    });
    this.slider.addEventListener('change', () => this.events.settled(this.atMs));
    this.observer = new ResizeObserver(() => this.remake());
    this.observer.observe(this.box);
    this.endTheme = onTheme(() => this.remake());
    this.place();
  }

  get at(): number | null {
    return this.atMs;
  }

  /** The period and its interruptions in equal steps. */
  show(span: Span, steps: readonly number[]): void {
    this.span = span;
    this.steps = steps;
    this.remake();
    this.place();
  }

  toggle(): void {
    if (this.frame !== 0) {
      this.stop();
      this.events.settled(this.atMs);
      return;
    }
    if (this.atMs === null || this.atMs >= this.span.to) this.move(this.span.from);
    setText(this.playButton, t('pause'));
    this.lastFrameMs = performance.now();
    this.frame = requestAnimationFrame((now) => this.play(now));
  }

  live(): void {
    this.stop();
    this.move(null);
    this.events.settled(null);
  }

  /** One step back (-1) or forward (1). */
  step(direction: number): void {
    this.stop();
    const { from, to } = this.span;
    const step = (to - from) * KEY_STEP * direction;
    this.move(Math.max(from, Math.min(to, (this.atMs ?? to) + step)));
    this.events.settled(this.atMs);
  }

  destroy(): void {
    this.stop();
    this.observer.disconnect();
    this.endTheme();
    this.plot?.destroy();
  }

  private timeOf(share: number): number {
    return Math.round(this.span.from + share * (this.span.to - this.span.from));
  }

  private play(now: number): void {
    const { from, to } = this.span;
    const passed = Math.min(FRAME_MS_MAX, now - this.lastFrameMs);
    this.lastFrameMs = now;
    const next = (this.atMs ?? from) + (passed * (to - from)) / PLAY_MS;
    this.move(Math.min(to, Math.round(next)));
    if (next >= to) {
      this.stop();
      this.events.settled(this.atMs);
      return;
    }
    this.frame = requestAnimationFrame((later) => this.play(later));
  }

  private stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    setText(this.playButton, t('play'));
  }

  private move(atMs: number | null): void {
    this.atMs = atMs;
    this.place();
    this.events.moved(atMs);
  }

  private place(): void {
    const { from, to } = this.span;
    const share = this.atMs === null ? 1 : (this.atMs - from) / Math.max(1, to - from);
    this.slider.value = String(Math.round(share * SLIDER_STEPS));
    const text = this.atMs === null ? t('live') : dateTime(this.atMs);
    this.slider.setAttribute('aria-valuetext', text);
    setText(this.when, text);
    this.when.classList.toggle('is-past', this.atMs !== null);
    this.liveButton.disabled = this.atMs === null;
    this.head.hidden = this.atMs === null || this.plot === null;
    if (this.plot !== null && this.atMs !== null) {
      const { left, width } = this.plot.bbox;
      const x = (left + share * width) / devicePixelRatio;
      this.head.style.left = `${x - 1}px`;
    }
  }

  private remake(): void {
    this.plot?.destroy();
    this.plot = null;
    const { clientWidth: width, clientHeight: height } = this.box;
    if (this.steps.length === 0 || width < 50 || height < 20) return;
    const { from, to } = this.span;
    const stepMs = (to - from) / this.steps.length;
    const times = this.steps.map((_, index) => from + (index + 0.5) * stepMs);
    const range = (): [number, number] => [this.span.from, this.span.to];
    const most = Math.max(1, ...this.steps);
    this.plot = new uPlot(
      {
        width,
        height,
        padding: [0, 0, 0, 0],
        legend: { show: false },
        scales: { x: { time: false, range }, y: { range: [0, most * 1.1] } },
        axes: [timeAxis(), { show: false }],
        cursor: sharedCursor(),
        hooks: { setSelect: [brushed] },
        series: [
          {},
          {
            stroke: cssColour('--momentary'),
            fill: cssColour('--up'),
            width: 1,
            points: { show: false },
            paths: uPlot.paths.bars?.({ size: [1, 100], align: 0 }),
          },
        ],
      },
      [times, [...this.steps]],
      this.box,
    );
    this.place();
  }
}
