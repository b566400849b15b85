// One cursor for all charts with milliseconds on x: pointing at a time in one marks it in the others, and
// dragging over a time shows it everywhere, as the page's period.

import uPlot from 'uplot';
import { brush } from './period-picker.js';

const KEY = 'time';
const DRAG_MIN_PX = 8;
const SPAN_MIN_MS = 1000;

const moves = (type: string): boolean => type === 'mousemove' || type === 'mouseleave';

/** The cursor of a chart whose x scale is time. */
export function sharedCursor(): uPlot.Cursor {
  return {
    y: false,
    points: { show: false },
    drag: { x: true, y: false, setScale: false, dist: DRAG_MIN_PX },
    // A drag is a brush for the chart it began in only.
    sync: { key: KEY, setSeries: false, scales: ['x', null], filters: { pub: moves, sub: moves } },
  };
}

/** For uPlot's hook setSelect: the period dragged over becomes the page's. */
export function brushed(u: uPlot): void {
  const { left, width } = u.select;
  if (width < DRAG_MIN_PX) return;
  const from = u.posToVal(left, 'x');
  const to = u.posToVal(left + width, 'x');
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (to - from >= SPAN_MIN_MS) brush(from, to);
}

/** Whether the cursor of a chart was moved by its own pointer, not by another chart's. */
export const pointedItself = (u: uPlot): boolean => (u.cursor.event ?? null) !== null;
