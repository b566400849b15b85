// window.flapline: a small read-only handle by which a browser test sees what the heat map
// shows and finds the place of a cell. Nothing in the page depends on it.

import type { Heat } from '../../../src/api/contract.js';
import type { HeatMap } from '../heat/heat-map.js';
import type { LineMapView } from '../map/line-map.js';
import { type State, connectionState, current } from './store.js';

export interface Probe {
  /** What the heat map on the page shows; null where there is none. */
  heat: () => Heat | null;
  /** Client position of the middle of a cell: row index or name, and a time in it. */
  cellAt: (row: number | string, timeMs: number) => { x: number; y: number } | null;
  /** How many lines the map of lines shows, and how long its last paint took; null where there is none. */
  map: () => { lines: number; paintMs: number } | null;
  state: () => State;
  generation: () => number;
}

declare global {
  interface Window {
    flapline: Probe;
  }
}

let shown: HeatMap | null = null;
let mapOf: () => LineMapView | null = () => null;

/** Names the heat map that the handle speaks for; null when it leaves the page. */
export function probeHeat(map: HeatMap | null): void {
  shown = map;
}

/** Names the map of lines in the same way. */
export function probeMap(map: (() => LineMapView | null) | null): void {
  mapOf = map ?? ((): null => null);
}

function rowOf(row: number | string): number {
  if (typeof row === 'number') return row;
  return shown?.heat?.rows.findIndex((one) => one.name === row) ?? -1;
}

export function startProbe(): void {
  window.flapline = Object.freeze({
    heat: () => shown?.heat ?? null,
    cellAt: (row: number | string, timeMs: number) => {
      const index = rowOf(row);
      return index < 0 ? null : (shown?.cellAt(index, timeMs) ?? null);
    },
    map: () => {
      const map = mapOf();
      return map === null ? null : { lines: map.lines, paintMs: map.paintMs };
    },
    state: connectionState,
    generation: () => current().generation,
  });
}
