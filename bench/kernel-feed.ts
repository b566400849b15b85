// Input put into a kernel for the kernel bench: event columns as they are, or as the native text.

import * as L from '../assembly/layout.js';
import { DEFAULT_LIMITS } from '../src/config/limits.js';
import type { Rules } from '../src/config/rules.js';
import { DEFAULT_CAPACITIES, Kernel } from '../src/kernel/kernel.js';
import type { RuleIds } from '../src/kernel/rules.js';
import { BLOCK_ROWS, type Block } from './kernel-columns.js';
import { lineName } from './workload.js';

/** Bytes of a name of workload.ts in the dictionary, with its entry's head and alignment. */
const NAME_BYTES = 24;
/** Names of lines keep below a number of digits, so a text of a block has a bound. */
const EVENT_BYTES_MAX = 160;

/** A kernel for exactly `lines` lines. */
export function makeKernel(lines: number, rules: Rules): Kernel {
  return new Kernel({
    rules,
    ruleIds: idsOf(rules),
    capacities: {
      ...DEFAULT_CAPACITIES,
      lines,
      keyBytes: lines * NAME_BYTES + 8,
      inboxBytes: Math.max(DEFAULT_CAPACITIES.inboxBytes, BLOCK_ROWS * EVENT_BYTES_MAX),
      events: BLOCK_ROWS,
    },
    limits: DEFAULT_LIMITS,
    emitStarts: false,
    zone: [],
  });
}

/** Rule ids as a store would give them: those of the primary detector first. */
function idsOf(rules: Rules): RuleIds {
  let id = 0;
  const next = (): number => ++id;
  return {
    flap: rules.flap.map(next),
    detectors: rules.detectors.map((one) =>
      one.kind === 'window' ? one.flap.map(next) : [next()],
    ),
  };
}

/** Fills the event columns with a block; an event's position is its number. */
export function putBlock(kernel: Kernel, block: Block): void {
  const { bytes, control } = kernel;
  bytes.set(block.times, kernel.eventColumn(L.EVENT_TIME));
  bytes.set(block.targets, kernel.eventColumn(L.EVENT_TARGET));
  bytes.set(block.states, kernel.eventColumn(L.EVENT_STATE));
  const positions = kernel.eventColumn(L.EVENT_POSITION) / 4;
  for (let row = 0; row < BLOCK_ROWS; row++) {
    kernel.u32[positions + 2 * row] = block.firstEvent + row;
    kernel.u32[positions + 2 * row + 1] = 0;
  }
  control[L.CTL_EVENTS] = BLOCK_ROWS;
}

/** Writes a block's events into the inbox as the native text, 100 bytes an event. */
export function putText(kernel: Kernel, block: Block): void {
  const at = kernel.region(L.REGION_INBOX);
  const text = Buffer.from(kernel.bytes.buffer, at, kernel.options.capacities.inboxBytes);
  const times = new BigUint64Array(block.times.slice().buffer);
  const targets = new Uint32Array(block.targets.slice().buffer);
  let used = 0;
  for (let row = 0; row < BLOCK_ROWS; row++) {
    const state = block.states[4 * row] === L.STATE_DOWN ? DOWN : UP;
    const line = `{"line":"${lineName(targets[row])}","time":${times[row]},"state":${state}\n`;
    used += text.write(line, used, 'latin1');
  }
  kernel.control[L.CTL_INBOX_LENGTH] = used;
}

const DOWN = '"down","severity":"CRITICAL","source":"nms-07"}';
const UP = '"up","severity":"CLEARED","source":"nms-07"}';
