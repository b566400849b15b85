// The words of `--format`: the name of a preset, or of a mapping file.

/** Whether a format is a file: it has a dot or a slash. */
export function isFormatFile(format: string): boolean {
  return /[./\\]/.test(format);
}
