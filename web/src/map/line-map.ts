// The map of all lines as an element: one canvas with a cell a line, names of branches beside it, a
// readout of the line pointed at, arrow keys to walk it and Enter to open a line.

import type { LineMap } from '../../../src/api/contract.js';
import { paletteOf, pixelOf, stepOf } from '../heat/palette.js';
import { el } from '../shell/dom.js';
import { whole } from '../shell/format.js';
import { cssColour, onTheme, theme } from '../shell/theme.js';
import { type Geometry, geometryOf, lineAt } from './geometry.js';
import { DOWN, FLAPPING, type MapColours, paintMap } from './paint.js';
import { t } from './words.js';

const COUNTS = 256;
/** Between the middles of two names. */
const NAME_PX = 15;

/** What the map shows: one entry a line in each. */
export interface LineStates {
  readonly counts: Uint16Array;
  readonly flags: Uint8Array;
}

function coloursNow(): MapColours {
  const palette = paletteOf(theme(), true);
  return {
    counts: Uint32Array.from(
      { length: COUNTS },
      (_, count) => palette.pixels[stepOf(count, palette.steps)],
    ),
    down: pixelOf(cssColour('--down')),
    flapping: pixelOf(cssColour('--warn')),
    dot: palette.dot,
  };
}

/** The name of the last that begins at or before a line. */
function nameAt(begins: LineMap['branches'], line: number): string {
  const found = begins.findLast(({ at }) => at <= line);
  return found === undefined || found.name === '' ? '–' : found.name;
}

export class LineMapView {
  readonly element: HTMLElement;
  /** How long the last paint took, ms. */
  paintMs = 0;
  private readonly canvas = el('canvas', { attrs: { tabindex: '0', role: 'application' } });
  private readonly names = el('ol', { class: 'map-names', attrs: { 'aria-hidden': 'true' } });
  private readonly outline = el('div', { class: 'heat-outline' });
  private readonly tip = el('div', { class: 'tip', test: 'map-tip', attrs: { role: 'status' } });
  private readonly box: HTMLElement;
  private readonly observer: ResizeObserver;
  private readonly endTheme: () => void;
  private geometry: Geometry | null = null;
  private image: ImageData | null = null;
  private colours = coloursNow();
  private states: LineStates | null = null;
  private chosen = -1;

  constructor(
    private readonly map: LineMap,
    private readonly open: (line: string) => void,
  ) {
    this.outline.hidden = true;
    this.tip.hidden = true;
    this.canvas.setAttribute('aria-label', t('mapAria', { lines: whole(map.lines.length) }));
    this.box = el('div', { class: 'map-box' }, this.canvas, this.outline, this.tip);
    this.element = el('div', { class: 'line-map', test: 'line-map' }, this.names, this.box);
    this.observer = new ResizeObserver(() => this.layout());
    this.observer.observe(this.box);
    this.endTheme = onTheme(() => {
      this.colours = coloursNow();
      this.paint();
    });
    this.canvas.addEventListener('pointermove', (event) => this.choose(this.under(event)));
    this.canvas.addEventListener('pointerleave', () => this.choose(-1));
    this.canvas.addEventListener('blur', () => this.choose(-1));
    this.canvas.addEventListener('click', (event) => this.openLine(this.under(event)));
    this.canvas.addEventListener('keydown', (event) => this.key(event));
  }

  get lines(): number {
    return this.map.lines.length;
  }

  show(states: LineStates): void {
    this.states = states;
    this.paint();
    if (this.chosen >= 0) this.choose(this.chosen);
  }

  destroy(): void {
    this.observer.disconnect();
    this.endTheme();
  }

  private layout(): void {
    const { clientWidth, clientHeight } = this.box;
    const [width, height] = [clientWidth, clientHeight].map((px) =>
      Math.floor(px * devicePixelRatio),
    );
    if (width < 20 || height < 20) return;
    if (this.geometry?.width === width && this.canvas.height === height) return;
    this.geometry = geometryOf(this.map, width, height, NAME_PX * devicePixelRatio);
    this.canvas.width = width;
    this.canvas.height = this.geometry.height;
    this.canvas.style.height = `${this.geometry.height / devicePixelRatio}px`;
    this.image = new ImageData(width, this.geometry.height);
    this.layNames(this.geometry);
    this.paint();
  }

  /** Names of branches, but for those that would stand on the one before. */
  private layNames({ bands }: Geometry): void {
    let free = 0;
    const items = this.map.branches.flatMap(({ name }, index) => {
      const { top, bottom } = bands[index];
      const middle = (top + bottom) / 2 / devicePixelRatio;
      if (middle < free) return [];
      free = middle + NAME_PX;
      const item = el('li', { text: name === '' ? t('unnamed') : name });
      item.style.top = `${middle}px`;
      return [item];
    });
    this.names.replaceChildren(...items);
  }

  private paint(): void {
    const { geometry, image, states } = this;
    if (geometry === null || image === null || states === null) return;
    const began = performance.now();
    paintMap(image, geometry, states.counts, states.flags, this.colours);
    // Written by the page's thread itself: many times faster than an image put on another canvas.
    const context = this.canvas.getContext('2d', { willReadFrequently: true });
    context?.putImageData(image, 0, 0);
    this.paintMs = performance.now() - began;
  }

  private under({ offsetX, offsetY }: MouseEvent): number {
    if (this.geometry === null) return -1;
    return lineAt(this.map, this.geometry, offsetX * devicePixelRatio, offsetY * devicePixelRatio);
  }

  private openLine(line: number): void {
    if (line >= 0) this.open(this.map.lines[line]);
  }

  private key(event: KeyboardEvent): void {
    if (event.key === 'Enter') return this.openLine(this.chosen);
    const columns = this.geometry?.columns ?? 1;
    const moves: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -columns,
      ArrowDown: columns,
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const last = this.map.lines.length - 1;
    this.choose(Math.max(0, Math.min(last, this.chosen < 0 ? 0 : this.chosen + move)));
  }

  private choose(line: number): void {
    this.chosen = line;
    const { geometry, map } = this;
    const hidden = line < 0 || geometry === null;
    this.outline.hidden = hidden;
    this.tip.hidden = hidden;
    if (geometry === null || line < 0) return;
    const px = 1 / devicePixelRatio;
    const corner = geometry.corners[line];
    const x = (corner % geometry.width) * px;
    const y = Math.floor(corner / geometry.width) * px;
    const side = geometry.cell * px;
    const high = geometry.cellHeight * px;
    Object.assign(this.outline.style, {
      left: `${x - 2}px`,
      top: `${y - 2}px`,
      width: `${side + 4}px`,
      height: `${high + 4}px`,
    });
    const flag = this.states?.flags[line] ?? 0;
    const words = [
      t('tipPlace', {
        branch: nameAt(map.branches, line),
        node: nameAt(map.nodes, line),
        card: nameAt(map.cards, line),
      }),
      t('tipStarts', { starts: whole(this.states?.counts[line] ?? 0) }),
      ...((flag & DOWN) !== 0 ? [t('down')] : []),
      ...((flag & FLAPPING) !== 0 ? [t('isFlapping')] : []),
    ];
    const name = el('strong', {}, el('bdi', { text: map.lines[line] }));
    this.tip.replaceChildren(name, ...words.map((text) => el('span', { text })));
    const left = x + side + 12 + this.tip.offsetWidth > this.box.clientWidth;
    this.tip.style.left = `${left ? Math.max(0, x - 12 - this.tip.offsetWidth) : x + side + 12}px`;
    this.tip.style.top = `${Math.max(0, Math.min(y, this.box.clientHeight - this.tip.offsetHeight))}px`;
  }
}
