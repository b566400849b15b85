// What is drawn of a line's timeline, layer by layer, in device pixels: unknown periods
// hatched, flap episodes as bands, the state as a strip, every interruption as a stem as high
// as it lasted (log scale). y is log10 of the duration in ms; the strip lies below LANE_TOP.

import type uPlot from 'uplot';
import type { Timeline } from '../../../src/api/contract.js';
import { cssColour, cssFont, remPixels } from '../shell/theme.js';
import { t } from './words.js';

export type Interruption = Timeline['interruptions'][number];

/** Momentary below, outage from here on (SPEC section 2). */
const MOMENTARY_BELOW_MS = 60_000;
/** Shorter durations, zero too, stand on the axis. */
export const SHORTEST_MS = 100;

export const Y_BOTTOM = 2;
/** Share of the y range below the axis of durations that the strip of states has. */
const LANE_SHARE = 0.17;

/** The y range that shows durations up to `topLog10` above the strip of states. */
export function yRange(topLog10: number): [number, number] {
  const height = topLog10 - Y_BOTTOM;
  return [Y_BOTTOM - (height * LANE_SHARE) / (1 - LANE_SHARE), topLog10];
}

export function durationAt(one: Interruption, readingMs: number): number {
  return Math.max(0, (one.end ?? Math.max(readingMs, one.start)) - one.start);
}

export function yOf(durationMs: number): number {
  return Math.log10(Math.max(SHORTEST_MS, durationMs));
}

/** What is told of a line beside its findings: planned works and tickets. */
export interface Marks {
  readonly works: readonly { readonly start: number; readonly end: number }[];
  readonly tickets: readonly { readonly opened: number; readonly closed: number | null }[];
}

interface Layer {
  u: uPlot;
  data: Timeline;
  marks: Marks;
  readingMs: number;
  scale: number;
  x: (ms: number) => number;
  y: (log10: number) => number;
}

function hatch(ctx: CanvasRenderingContext2D, scale: number): CanvasPattern | string {
  const size = Math.round(8 * scale);
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const pen = tile.getContext('2d');
  if (pen === null) return cssColour('--line');
  pen.strokeStyle = cssColour('--hatch');
  pen.lineWidth = 1.6 * scale;
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
  }
  pen.stroke();
  return ctx.createPattern(tile, 'repeat') ?? cssColour('--line');
}

/** Left and width of a time, at least `minPx` wide. */
function box(layer: Layer, from: number, to: number, minPx: number): [number, number] {
  const x0 = layer.x(from);
  return [x0, Math.max(minPx * layer.scale, layer.x(to) - x0)];
}

function unknown(layer: Layer): void {
  const { ctx, bbox } = layer.u;
  if (layer.data.unknownPeriods.length === 0) return;
  ctx.fillStyle = hatch(ctx, layer.scale);
  for (const period of layer.data.unknownPeriods) {
    const until = period.until ?? layer.readingMs;
    const [x, wide] = box(layer, period.from ?? layer.data.fromMs, until, 1);
    ctx.fillRect(x, bbox.top, wide, bbox.height);
  }
}

function episodes(layer: Layer): void {
  const { ctx, bbox } = layer.u;
  const rem = remPixels() * layer.scale;
  ctx.font = cssFont(rem * 0.85);
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  for (const episode of layer.data.episodes) {
    const [x, wide] = box(layer, episode.since, episode.end ?? layer.readingMs, 2);
    ctx.fillStyle = cssColour('--episode');
    ctx.fillRect(x, bbox.top, wide, layer.y(Y_BOTTOM) - bbox.top);
    ctx.fillStyle = cssColour('--warn');
    ctx.fillRect(x, bbox.top, wide, 3 * layer.scale);
    const at = layer.x(episode.at);
    ctx.fillRect(at, bbox.top, 2 * layer.scale, rem * 0.8);
    const label = `${t('isFlapping')} · ${episode.rule}`;
    const left = Math.max(x, bbox.left) + rem * 0.3;
    const room = Math.min(x + wide, bbox.left + bbox.width) - left;
    if (ctx.measureText(label).width < room) ctx.fillText(label, left, bbox.top + rem * 0.9);
  }
}

/** Works as bars on the axis of durations, tickets as diamonds with how long they were open. */
function marks(layer: Layer): void {
  const { ctx } = layer.u;
  const axis = layer.y(Y_BOTTOM);
  const tall = 5 * layer.scale;
  ctx.fillStyle = cssColour('--accent');
  for (const { start, end } of layer.marks.works) {
    const [x, wide] = box(layer, start, end, 3);
    ctx.fillRect(x, axis - tall, wide, tall);
  }
  ctx.fillStyle = cssColour('--text');
  for (const { opened, closed } of layer.marks.tickets) {
    const [x, wide] = box(layer, opened, closed ?? layer.readingMs, 1);
    const y = axis - 3 * tall;
    ctx.fillRect(x, y - layer.scale, wide, 2 * layer.scale);
    ctx.beginPath();
    ctx.moveTo(x - tall, y);
    ctx.lineTo(x, y - tall);
    ctx.lineTo(x + tall, y);
    ctx.lineTo(x, y + tall);
    ctx.fill();
  }
}

function limits(layer: Layer): void {
  const { ctx, bbox } = layer.u;
  const y = Math.round(layer.y(Math.log10(MOMENTARY_BELOW_MS)));
  ctx.strokeStyle = cssColour('--dim');
  ctx.lineWidth = layer.scale;
  ctx.setLineDash([6 * layer.scale, 5 * layer.scale]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.setLineDash([]);
}

function states(layer: Layer): void {
  const { ctx, bbox } = layer.u;
  const bottom = bbox.top + bbox.height;
  const top = layer.y(Y_BOTTOM) + (bottom - layer.y(Y_BOTTOM)) * 0.3;
  const tall = bottom - top;
  const end = Math.min(layer.data.toMs, layer.readingMs);
  const fill = (from: number, to: number, minPx: number): void => {
    const [x, wide] = box(layer, from, to, minPx);
    ctx.fillRect(x, top, wide, tall);
  };
  if (end > layer.data.fromMs) {
    ctx.fillStyle = cssColour('--up');
    fill(layer.data.fromMs, end, 0);
  }
  ctx.fillStyle = cssColour('--down');
  for (const one of layer.data.interruptions) fill(one.start, one.end ?? end, 1);
  for (const period of layer.data.unknownPeriods) {
    const [from, until] = [period.from ?? layer.data.fromMs, period.until ?? end];
    ctx.fillStyle = cssColour('--panel');
    fill(from, until, 1);
    ctx.fillStyle = hatch(ctx, layer.scale);
    fill(from, until, 1);
  }
}

function marker(ctx: CanvasRenderingContext2D, one: Interruption, x: number, y: number, r: number) {
  ctx.beginPath();
  if (one.end === null) {
    ctx.moveTo(x - r, y + r);
    ctx.lineTo(x, y - r);
    ctx.lineTo(x + r, y + r);
  } else if (one.class === 'outage') ctx.rect(x - r, y - r, 2 * r, 2 * r);
  else ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.fill();
}

function interruptions(layer: Layer): void {
  const { ctx } = layer.u;
  const floor = layer.y(Y_BOTTOM);
  const repeats = new Set(layer.data.repeatFaults.map((fault) => fault.start));
  ctx.lineWidth = layer.scale;
  for (const one of layer.data.interruptions) {
    const x = layer.x(one.start);
    const y = layer.y(yOf(durationAt(one, layer.readingMs)));
    const colour = cssColour(one.class === 'outage' ? '--down' : '--momentary');
    ctx.strokeStyle = colour;
    ctx.fillStyle = colour;
    ctx.globalAlpha = 0.45;
    ctx.beginPath();
    ctx.moveTo(x, floor);
    ctx.lineTo(x, y);
    ctx.stroke();
    ctx.globalAlpha = 1;
    marker(ctx, one, x, y, 4 * layer.scale);
    if (!repeats.has(one.start)) continue;
    ctx.lineWidth = 1.5 * layer.scale;
    ctx.beginPath();
    ctx.arc(x, y, 8 * layer.scale, 0, 2 * Math.PI);
    ctx.stroke();
    ctx.lineWidth = layer.scale;
  }
}

/** What lies under the axes' grid, and what lies over it. */
const LAYERS = { under: [unknown, episodes, limits, states], over: [marks, interruptions] };

/** Draws one half of the timeline into uPlot's canvas, clipped to the plot area. */
export function paintTimeline(
  u: uPlot,
  data: Timeline,
  told: Marks,
  readingMs: number,
  half: keyof typeof LAYERS,
): void {
  const { left, top, width, height } = u.bbox;
  const layer: Layer = {
    u,
    data,
    marks: told,
    readingMs,
    scale: devicePixelRatio,
    x: (ms) => u.valToPos(ms, 'x', true),
    y: (log10) => u.valToPos(log10, 'y', true),
  };
  u.ctx.save();
  u.ctx.beginPath();
  u.ctx.rect(left, top, width, height);
  u.ctx.clip();
  for (const paint of LAYERS[half]) paint(layer);
  u.ctx.restore();
}
