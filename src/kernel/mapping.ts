// The table that a kernel's walker reads messages by: that of a mapping, or of the native form, and
// behind it the severities that the rules ignore.

import * as M from '../../assembly/mapping-layout.js';
import { FlaplineError } from '../config/errors.js';
import type { Rules } from '../config/rules.js';
import type { CompiledMapping } from '../mapping/compiled.js';
import { nativeMapping } from '../mapping/native.js';

/** The table's bytes. Throws BAD_CONFIG when mapping and severities together do not fit. */
export function mappingTable(options: {
  readonly rules: Rules;
  readonly mapping?: CompiledMapping | null;
}): Uint8Array {
  const texts = options.rules.ignore.severities.map((text) => new TextEncoder().encode(text));
  const isOther = options.mapping && !options.mapping.isNative;
  const { table, name } = isOther ? options.mapping! : nativeMapping(texts.length > 0);
  const listAt = Math.ceil(table.length / 4) * 4;
  let textAt = listAt + texts.length * M.VALUE_SIZE;
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + text.length, textAt));
  if (bytes.length > M.MAPPING_BYTES_MAX) {
    throw new FlaplineError(
      'BAD_CONFIG',
      `format '${name}' and the severities to ignore need ${bytes.length} bytes, ` +
        `${M.MAPPING_BYTES_MAX} are allowed: name fewer`,
    );
  }
  bytes.set(table);
  const view = new DataView(bytes.buffer);
  view.setUint32(M.HEADER_SEVERITIES, texts.length, true);
  view.setUint32(M.HEADER_SEVERITIES_AT, listAt, true);
  texts.forEach((text, i) => {
    view.setUint32(listAt + i * M.VALUE_SIZE, textAt, true);
    view.setUint32(listAt + i * M.VALUE_SIZE + 4, text.length, true);
    bytes.set(text, textAt);
    textAt += text.length;
  });
  return bytes;
}
