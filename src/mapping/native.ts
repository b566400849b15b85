// SPEC section 3's own form as a table: its members at the top of each object, in the slots
// NATIVE_*. The walker is the same; what the slots mean the kernel knows, so that there are no
// variants.

import * as M from '../../assembly/mapping-layout.js';
import { writeHeader } from './compile.js';
import type { CompiledMapping } from './compiled.js';
import { TableWriter } from './table-writer.js';
import { emptyNode, numberSlots, take } from './tree.js';

/** In the order of their slots NATIVE_*. */
const MEMBERS = ['line', 'time', 'state', 'alarm', 'cause', 'key', 'severity'] as const;

/** The native form; `severity` is read only when rules ask for it. */
export function nativeMapping(severity: boolean): CompiledMapping {
  const root = emptyNode();
  for (const key of MEMBERS) if (key !== 'severity' || severity) take(root, [key]);
  const slots = numberSlots(root, 0);
  const table = new TableWriter();
  const whole = { root, element: root, records: [], variants: [], keySlot: null };
  writeHeader(table, { ...whole, slots, rootSlots: slots });
  if (root.members.get('key')!.slot !== M.NATIVE_KEY) throw new Error('native slots moved');
  return { name: 'native', words: '', table: table.bytes(), isNative: true };
}
