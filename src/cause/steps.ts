// Work that takes long in steps, so that whoever must not be held up can do other things in between.

import { setImmediate } from 'node:timers/promises';

/** Something that is made step by step. */
export type Steps<Made> = Generator<undefined, Made>;

/** Makes it at once. */
export function atOnce<Made>(steps: Steps<Made>): Made {
  let next = steps.next();
  while (!next.done) next = steps.next();
  return next.value;
}

/** Makes it a step a turn. */
export async function byTurns<Made>(steps: Steps<Made>): Promise<Made> {
  let next = steps.next();
  while (!next.done) {
    await setImmediate();
    next = steps.next();
  }
  return next.value;
}
