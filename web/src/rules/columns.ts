// The interruptions of a period as GET /api/interruptions/columns sends them, as views of its bytes: no
// object a row. The layout stands in the API's description.

const MAGIC = 0x31434c46;
const HEADER_BYTES = 64;
/** A duration that stands among the long rows. */
const LONG = 0xffffffff;
/** An open interruption never ends: behind every time there is. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

export interface Columns {
  readonly fromMs: number;
  readonly toMs: number;
  /** Groups that begin in the middle of something. */
  readonly unsure: number;
  readonly rows: number;
  readonly starts: Float64Array;
  readonly durations: Uint32Array;
  /** By (line, partition): its rows, the index of its line's name, stored episodes of the period. */
  readonly counts: Uint32Array;
  readonly names: Uint32Array;
  readonly episodes: Uint32Array;
  /** The end of a row, epoch ms. */
  readonly endOf: (row: number) => number;
  readonly nameCount: number;
  readonly nameOf: (name: number) => string;
}

/** Reads an answer. Throws when it is none. */
export function readColumns(buffer: ArrayBuffer): Columns {
  const head = new Uint32Array(buffer, 0, 8);
  if (head[0] !== MAGIC) throw new Error('the service sent no columns');
  const [, rows, groups, nameCount, longs, nameBytes, unsure] = head;
  const [fromMs, toMs] = new Float64Array(buffer, 32, 4);
  let at = HEADER_BYTES;
  const next = (bytes: number): number => {
    const from = at;
    at += Math.ceil(bytes / 8) * 8;
    return from;
  };
  const starts = new Float64Array(buffer, next(8 * rows), rows);
  const durations = new Uint32Array(buffer, next(4 * rows), rows);
  const counts = new Uint32Array(buffer, next(4 * groups), groups);
  const names = new Uint32Array(buffer, next(4 * groups), groups);
  const episodes = new Uint32Array(buffer, next(4 * groups), groups);
  const longRows = new Uint32Array(buffer, next(4 * longs), longs);
  const longEnds = new Float64Array(buffer, next(8 * longs), longs);
  const offsets = new Uint32Array(buffer, next(4 * (nameCount + 1)), nameCount + 1);
  const texts = new Uint8Array(buffer, next(nameBytes), nameBytes);
  const ends = new Map(Array.from(longRows, (row, i) => [row, longEnds[i]]));
  const decoder = new TextDecoder();
  return {
    fromMs,
    toMs,
    unsure,
    rows,
    starts,
    durations,
    counts,
    names,
    episodes,
    nameCount,
    endOf: (row) => {
      if (durations[row] !== LONG) return starts[row] + durations[row];
      const end = ends.get(row) ?? -1;
      return end < 0 ? NEVER_MS : end;
    },
    nameOf: (name) => decoder.decode(texts.subarray(offsets[name], offsets[name + 1])),
  };
}
