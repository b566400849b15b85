// What a detector beside the primary one is told, and what it answers. A detector is one function
// of (hook, descriptor, record, index, t, value), asked once a batch which hooks it hears. Its head,
// its episode and its ring beside line `index` stand where headOf, episodeOf and ringOf say.

import { Episode } from './episode';
import { heads, headsStride, tails, tailsStride } from './memory';

/**
 * When does the open episode end if nothing more happens? The instant when it is <= t, else NEVER.
 */
export const HOOK_ENDS_BY: u32 = 0;
/** The open episode has ended, its own condition having held. */
export const HOOK_ENDED: u32 = 1;
/**
 * An interruption started at t, and open episodes have counted it; the record still holds the
 * transition before it.
 */
export const HOOK_START: u32 = 2;
/** An interruption ended at t; the record still holds the transition before it. */
export const HOOK_END: u32 = 3;
/** A momentary interruption ended at t; value = its corrected duration in ms. */
export const HOOK_MOMENTARY: u32 = 4;

/** Which hooks does it hear? The answer has the bit of each; ENDS_BY and ENDED are asked of all. */
export const HOOK_HEARS: u32 = 5;

export const NEVER: i64 = i64.MAX_VALUE;

/** What every descriptor begins with. */
@unmanaged
export class Detector {
  kind: u8;
  number: u8;
  episode: u16;
  head: u16;
  ring: u16;
  /** Bit c is set when it judges the lines of class c. */
  classes: u32;
  id: u32;
}

/** Where the head of a detector stands beside line `index`. */
export function headOf(descriptor: usize, index: u32): usize {
  return heads + <usize>index * headsStride + changetype<Detector>(descriptor).head;
}

/** Where the tail of line `index` stands. */
export function tailOf(index: u32): usize {
  return tails + <usize>index * tailsStride;
}

/** The episode of a detector beside line `index`. */
export function episodeOf(descriptor: usize, index: u32): Episode {
  return changetype<Episode>(tailOf(index) + changetype<Detector>(descriptor).episode);
}

/** Where the ring of a detector stands beside line `index`. */
export function ringOf(descriptor: usize, index: u32): usize {
  return tailOf(index) + changetype<Detector>(descriptor).ring;
}
