// What `--format` names: the native form, a preset that is shipped as a mapping file, or a mapping
// file of one's own. A name with a dot or a slash is a file.

import { join } from 'node:path';
import { isFormatFile } from '../config/format.js';
import { FlaplineError } from '../config/errors.js';
import { ROOT } from '../config/root.js';
import { readText } from '../config/yaml-file.js';
import { compileMapping } from './compile.js';
import type { CompiledMapping } from './compiled.js';
import { nativeMapping } from './native.js';

/** Presets shipped as mapping files. */
export const PRESETS = ['ves', '3gpp', 'napalm-logs'] as const;

/**
 * The mapping of a format; `severity` = whether rules ask for it. Throws BAD_CONFIG: no such
 * preset, an unreadable file, or every mistake in it with line and column.
 */
export function readFormat(format: string, severity: boolean): CompiledMapping {
  if (format === 'native') return nativeMapping(severity);
  if (isFormatFile(format)) return compileMapping(readText(format), format, severity);
  if (!PRESETS.some((name) => name === format)) {
    throw new FlaplineError(
      'BAD_CONFIG',
      `format '${format}' is unknown: use native, ${PRESETS.join(', ')}, ` +
        'or the name of a mapping file, such as mapping.yaml or ./mapping',
    );
  }
  return compileMapping(readText(presetFile(format)), format, severity);
}

/** The mapping of a control record's or a snapshot's text; null = the native form. */
export function mappingOf(text: string | null): CompiledMapping | null {
  return text === null ? null : compileMapping(text, 'the stored mapping', true);
}

/** The file of a preset. */
export function presetFile(name: string): string {
  return join(ROOT, 'src', 'mapping', 'presets', `${name}.yaml`);
}
