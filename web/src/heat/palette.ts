// The heat scale: steps that grow with the rate, so that the quiet background (about 1 start
// per 1,000 lines) and a burst (50 and more) both read. Lightness rises (dark) or falls
// (light) with every step and the hue goes from blue to orange, so it stays ordered for
// colour-blind eyes and in print.

import type { Theme } from '../shell/theme.js';

/** Lower bounds of steps 2, 3, ...: step 1 is anything above zero. */
const RATE_STEPS = [0.5, 1, 2, 4, 8, 15, 30, 60];
const COUNT_STEPS = [2, 3, 5, 10, 20];
/** Counts leave out the first colours: one start of one line is to be seen. */
const COUNT_SKIPPED = 3;

/** Step 0 is zero starts, 1.. the steps; CSS colours. */
const COLOURS: Record<Theme, string[]> = {
  dark: coloursOf('1b2634 20324a 233a56 29476a 3b5f88 7b7394 bf6f68 ee8a3f fdbd3c fff3b8'),
  light: coloursOf('e6ebf1 d9e4ef ccdae8 bacde0 97b3cf ab8da3 c9685a bc3a22 8a1f12 480c12'),
};

function coloursOf(hex: string): string[] {
  return hex.split(' ').map((colour) => `#${colour}`);
}

export interface Palette {
  /** Lower bounds of the steps after the first. */
  steps: number[];
  /** CSS colours, zero first. */
  css: string[];
  /** The same as pixels of an ImageData read as 32-bit words. */
  pixels: Uint32Array;
  /** Cells without data: the ground, and dots on it. */
  ground: number;
  dot: number;
  /** On cells with little coverage. */
  stripe: number;
}

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** A CSS colour (#rrggbb) as a pixel of an ImageData read as 32-bit words. */
export function pixelOf(css: string): number {
  const red = Number.parseInt(css.slice(1, 3), 16);
  const green = Number.parseInt(css.slice(3, 5), 16);
  const blue = Number.parseInt(css.slice(5, 7), 16);
  return littleEndian
    ? ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0
    : ((red << 24) | (green << 16) | (blue << 8) | 255) >>> 0;
}

/** The palette of a theme, for rates per 1,000 lines or for counts of one line. */
export function paletteOf(theme: Theme, perLine: boolean): Palette {
  const colours = COLOURS[theme];
  const css = perLine ? [colours[0], ...colours.slice(1 + COUNT_SKIPPED)] : colours;
  return {
    steps: perLine ? COUNT_STEPS : RATE_STEPS,
    css,
    pixels: Uint32Array.from(css, pixelOf),
    ground: pixelOf(theme === 'dark' ? '#0b1017' : '#ffffff'),
    dot: pixelOf(theme === 'dark' ? '#4a5a6f' : '#b9c4d0'),
    stripe: pixelOf(theme === 'dark' ? '#080c12' : '#ffffff'),
  };
}

/** Black or white, whichever is easier to read on a colour (#rrggbb). */
export function inkOn(css: string): string {
  const channels = [1, 3, 5].map((at) => Number.parseInt(css.slice(at, at + 2), 16));
  const luminance = 0.299 * channels[0] + 0.587 * channels[1] + 0.114 * channels[2];
  return luminance > 135 ? '#000' : '#fff';
}

/** The step of a value: 0 for zero, 1 for anything above it up to the first bound, and so on. */
export function stepOf(value: number, steps: number[]): number {
  if (value <= 0) return 0;
  let step = 1;
  while (step <= steps.length && value >= steps[step - 1]) step += 1;
  return step;
}
