// What a name of a line or key may be in a record: SPEC section 2, line.

import { NAME_BYTES_MAX } from '../../assembly/layout.js';

/** Why a name is none, or null when it is one. */
export function nameProblem(column: string, name: string): string | null {
  const bytes = Buffer.byteLength(name, 'utf8');
  if (bytes >= 1 && bytes <= NAME_BYTES_MAX) return null;
  return `"${column}" must have 1 byte to ${NAME_BYTES_MAX} bytes, not ${bytes}`;
}
