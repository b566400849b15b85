// What a detector beside the primary one is told, and what it answers. A detector is one function
// of (hook, descriptor, head, record, index, t, value), asked once a batch which hooks it hears.
// Where its ring stands, if it has one, `ringOf` says.

/**
 * When does the open episode end if nothing more happens? The instant when it is <= t, else NEVER.
 */
export const HOOK_ENDS_BY: u32 = 0;
/** The open episode has ended, its own condition having held. */
export const HOOK_ENDED: u32 = 1;
/** An interruption started at t. */
export const HOOK_START: u32 = 2;
/** An interruption ended at t. */
export const HOOK_END: u32 = 3;
/** An event has been applied at t; value = 1 when the line is down after it. */
export const HOOK_SAMPLE: u32 = 4;
/** A momentary interruption ended at t; value = its corrected duration in ms. */
export const HOOK_MOMENTARY: u32 = 5;

/** Which hooks does it hear? The answer has the bit of each; ENDS_BY and ENDED are asked of all. */
export const HOOK_HEARS: u32 = 6;

export const NEVER: i64 = i64.MAX_VALUE;

/** What every descriptor begins with. */
@unmanaged
export class Detector {
  kind: u32;
  offset: u16;
  ring: u16;
  /** Bit c is set when it judges the lines of class c. */
  classes: u32;
  id: u32;
}

/** Where the ring stands that belongs to the head at `at`. */
export function ringOf(descriptor: usize, at: usize): usize {
  const detector = changetype<Detector>(descriptor);
  return at - detector.offset + detector.ring;
}
