// Where the state of the detectors beside the primary one stands beside a line: their heads, packed so
// that up to a cache line of them never crosses one, and the tail behind which open episodes, times of
// samples and rings lie (assembly/layout.ts).

import * as L from '../../assembly/layout.js';
import { type Detector, type Rules, keptBy } from '../config/rules.js';

/** A run of bytes of a line's heads, or of its tail. */
export interface Part {
  readonly at: number;
  readonly bytes: number;
}

/** Where a detector's state stands: in the heads, and its episode and its ring in the tail. */
export interface DetectorPlace {
  readonly head: Part;
  readonly episode: Part;
  readonly ring: Part;
}

/** Where all of it stands, and the bytes beside each line. */
export interface DetectorPlaces {
  readonly places: readonly DetectorPlace[];
  /** The samples in the heads, and their times in the tail; null = no detector asks for them. */
  readonly samples: Part | null;
  readonly times: Part;
  readonly headsStride: number;
  readonly tailsStride: number;
}

const CACHE_LINE = 64;

function headBytes({ kind }: Detector): number {
  switch (kind) {
    case 'window':
      return L.WINDOW_SIZE;
    case 'penalty':
      return L.PENALTY_SIZE;
    case 'weighted':
      return L.WEIGHTED_SIZE;
    case 'transient':
      return L.TRANSIENT_SIZE;
  }
}

function ringBytes(detector: Detector): number {
  if (detector.kind === 'window') return keptBy(detector.flap) * 8;
  return detector.kind === 'transient' ? L.TRANSIENT_RING_SIZE : 0;
}

/**
 * Packs parts of `bytes` each: those with 64-bit fields first, aligned to 8; the small ones then go
 * into the gaps. A part is of 4 bytes, or ends 4 before or at a multiple of 8.
 */
function pack(sizes: readonly number[]): { parts: Part[]; end: number } {
  const parts: Part[] = [];
  const gaps: number[] = [];
  let end = 0;
  const place = (i: number): void => {
    const bytes = sizes[i]!;
    const at = bytes === 4 ? (gaps.shift() ?? end) : end;
    parts[i] = { at, bytes };
    if (at === end) end += bytes;
    if (bytes === 4 || end % 8 === 0) return;
    gaps.push(end);
    end += 4;
  };
  sizes.forEach((bytes, i) => bytes > 4 && place(i));
  sizes.forEach((bytes, i) => bytes === 4 && place(i));
  return { parts, end };
}

/** A stride at which what is no larger than a cache line never crosses one. */
function headsStrideOf(bytes: number): number {
  if (bytes > CACHE_LINE) return aligned(bytes);
  return bytes === 0 ? 0 : Math.max(8, 2 ** Math.ceil(Math.log2(bytes)));
}

/**
 * The parts of a tail. First what is in use most: the episodes of weighted detectors and the times that
 * they share, in whole cache lines. Up to layout 5 the episodes stood in the order of the detectors.
 */
function placeTail(detectors: readonly Detector[], layout: number) {
  let end = 0;
  const take = (bytes: number): Part => {
    end += bytes;
    return { at: end - bytes, bytes };
  };
  const isFirst = ({ kind }: Detector): boolean => kind === 'weighted' || layout <= 5;
  const first = detectors.map((each) => (isFirst(each) ? take(L.EPISODE_SIZE) : null));
  const sampled = detectors.some(({ kind }) => kind === 'weighted');
  const times = take(sampled ? L.SAMPLES_TIMES_SIZE : 0);
  const episodes = first.map((part) => part ?? take(L.EPISODE_SIZE));
  const rings = detectors.map((each) => take(ringBytes(each)));
  return { times, episodes, rings, stride: layout <= 5 ? end : aligned(end) };
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / CACHE_LINE) * CACHE_LINE;
}

/** Where the state of the detectors of these rules stands, in a snapshot of a layout. */
export function placeDetectors({ detectors }: Rules, layout = L.LAYOUT_VERSION): DetectorPlaces {
  const sampled = detectors.some(({ kind }) => kind === 'weighted');
  const sizes = detectors.map(headBytes);
  const { parts, end } = pack(sampled ? [L.SAMPLES_SIZE, ...sizes] : sizes);
  const samples = sampled ? parts.shift()! : null;
  const { times, episodes, rings, stride } = placeTail(detectors, layout);
  const places = detectors.map((_, d) => ({
    head: parts[d]!,
    episode: episodes[d]!,
    ring: rings[d]!,
  }));
  return { places, samples, times, headsStride: headsStrideOf(end), tailsStride: stride };
}
