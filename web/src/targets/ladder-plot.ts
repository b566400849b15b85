// The ladder as a chart: a bar a month, the step in force over it, the way from one step to the next,
// and the forecast of the running month with its band. uPlot gives axes and scales; the bars are drawn
// in its draw hook.

import uPlot from 'uplot';
import type { TargetsAnswer } from '../../../src/api/kpi-contract.js';
import { el } from '../shell/dom.js';
import { big } from '../shell/format.js';
import { word } from './kpi-words.js';
import { cssColour, cssFont, onTheme, remPixels } from '../shell/theme.js';

type Ladder = NonNullable<TargetsAnswer['ladder']>;

const BAR_SHARE = 0.62;
const BAND_SHARE = 0.34;
const HEADROOM = 1.08;
const FONT_REM = 0.85;

/** A chart that fills its element. */
export class LadderPlot {
  readonly element: HTMLElement;
  private readonly box = el('div', { class: 'ladder-box' });
  private readonly observer: ResizeObserver;
  private readonly endTheme: () => void;
  private plot: uPlot | null = null;
  private ladder: Ladder | null = null;

  constructor() {
    this.element = el('div', { class: 'ladder', test: 'ladder', attrs: { role: 'img' } }, this.box);
    this.observer = new ResizeObserver(() => this.remake());
    this.observer.observe(this.element);
    this.endTheme = onTheme(() => this.remake());
  }

  show(ladder: Ladder): void {
    this.ladder = ladder;
    const values = { months: ladder.months.length, month: ladder.month };
    this.element.setAttribute('aria-label', word('chart', values));
    this.remake();
  }

  destroy(): void {
    this.observer.disconnect();
    this.endTheme();
    this.plot?.destroy();
  }

  private top({ months, forecast, baseline }: Ladder): number {
    const all = months.flatMap(({ value, target, path }) => [value ?? 0, target ?? 0, path ?? 0]);
    return Math.max(1, ...all, forecast?.high ?? 0, baseline.value) * HEADROOM;
  }

  private remake(): void {
    const { ladder, element } = this;
    this.plot?.destroy();
    this.plot = null;
    const { clientWidth: width, clientHeight: height } = element;
    if (ladder === null || width < 50 || height < 50) return;
    const count = ladder.months.length;
    const top = this.top(ladder);
    const axis = {
      stroke: cssColour('--dim'),
      font: cssFont(FONT_REM * remPixels()),
      ticks: { show: false },
    };
    const every = Math.max(1, Math.ceil((count * 4.2 * remPixels()) / width));
    this.plot = new uPlot(
      {
        width,
        height,
        padding: [8, 8, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false, range: [-0.5, count - 0.5] }, y: { range: [0, top] } },
        axes: [
          {
            ...axis,
            grid: { show: false },
            splits: () => ladder.months.flatMap((_, i) => (i % every === 0 ? [i] : [])),
            values: (_plot, places) => places.map((i) => ladder.months[i]?.month.slice(2) ?? ''),
          },
          {
            ...axis,
            size: 5 * remPixels(),
            grid: { stroke: cssColour('--line'), width: 1 },
            values: (_plot, values) => values.map(big),
          },
        ],
        series: [{}, { show: false }],
        hooks: { draw: [(plot) => draw(plot, ladder)] },
      },
      [ladder.months.map((_, i) => i), ladder.months.map(() => 0)],
      this.box,
    );
  }
}

function draw(plot: uPlot, ladder: Ladder): void {
  const { ctx } = plot;
  const x = (value: number): number => plot.valToPos(value, 'x', true);
  const y = (value: number): number => plot.valToPos(value, 'y', true);
  const half = (x(1) - x(0)) / 2;
  ctx.save();
  ladder.months.forEach(({ value, state }, i) => {
    if (value === null) return;
    const bad = state === 'missed' || state === 'off';
    ctx.fillStyle = cssColour(bad ? '--down' : '--momentary');
    ctx.globalAlpha = state === 'running' ? 0.55 : 0.9;
    const width = 2 * half * BAR_SHARE;
    ctx.fillRect(x(i) - width / 2, y(value), width, y(0) - y(value));
  });
  ctx.globalAlpha = 1;
  drawForecast(plot, ladder);
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.strokeStyle = cssColour('--ok');
  ctx.beginPath();
  ladder.months.forEach(({ target }, i) => {
    if (target === null) return;
    ctx.moveTo(x(i) - half, y(target));
    ctx.lineTo(x(i) + half, y(target));
  });
  ctx.stroke();
  ctx.lineWidth = devicePixelRatio;
  ctx.strokeStyle = cssColour('--text');
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ladder.months.forEach(({ path }, i) => {
    if (path !== null) ctx.lineTo(x(i), y(path));
  });
  ctx.stroke();
  ctx.restore();
}

/** The band as a box with its middle, over the bar of the running month. */
function drawForecast(plot: uPlot, { months, month, forecast }: Ladder): void {
  const place = months.findIndex((one) => one.month === month);
  if (forecast === null || place < 0) return;
  const { ctx } = plot;
  const y = (value: number): number => plot.valToPos(value, 'y', true);
  const middle = plot.valToPos(place, 'x', true);
  const width = (plot.valToPos(1, 'x', true) - plot.valToPos(0, 'x', true)) * BAND_SHARE;
  ctx.fillStyle = cssColour('--warn');
  ctx.globalAlpha = 0.45;
  const height = Math.max(2, y(forecast.low) - y(forecast.high));
  ctx.fillRect(middle - width / 2, y(forecast.high), width, height);
  ctx.globalAlpha = 1;
  ctx.fillRect(middle - width / 2, y(forecast.expected) - 1, width, 2 * devicePixelRatio);
}
