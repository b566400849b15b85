// Watches for lines whose keys lie on several partitions: counted for the status, told in words with what
// to do about them.

import { messageOf } from './config/errors.js';
import type { Readers } from './store/readers.js';
import { splitLines } from './store/split-lines.js';

/** Told again once there are so many times as many. */
const TOLD_AGAIN = 2;

/** What is watched, and who is told. */
export interface SplitWatchOptions {
  readonly readers: Readers;
  readonly cluster: string;
  readonly topic: string;
  readonly onNote: (text: string) => void;
}

/** Looks when it is told to. */
export class SplitWatch {
  private readonly options: SplitWatchOptions;
  private told = 0;
  private looking = false;
  /** As it was counted last. */
  lines = 0;

  constructor(options: SplitWatchOptions) {
    this.options = options;
  }

  /** Counts them, and tells when there are some, or many more. Never throws. */
  async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const { readers, cluster, topic, onNote } = this.options;
    try {
      const { lines, example } = await readers.read((connection) =>
        splitLines(connection, cluster, topic),
      );
      this.lines = lines;
      if (lines >= Math.max(1, TOLD_AGAIN * this.told)) {
        const { line, partitions } = example!;
        onNote(
          `${lines} ${lines === 1 ? 'line has its keys' : 'lines have their keys'} on several ` +
            `partitions, such as ${line} on ${partitions}: each part is judged by itself. ` +
            '"flapline rekey" writes a topic keyed by line; the view lines_on_several_partitions ' +
            'names them all',
        );
        this.told = lines;
      }
    } catch (error) {
      onNote(`lines on several partitions: ${messageOf(error)}`);
    } finally {
      this.looking = false;
    }
  }
}
