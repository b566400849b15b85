// Where a producer puts a key: librdkafka's partitioner `consistent_random`, which is CRC-32 of the key's
// bytes modulo the number of partitions. History loaded from files is placed by this, so that a line's
// past and its live alarms meet in one kernel. Loads no native code.

import { crc32 } from 'node:zlib';

/** The partitioner that `partitionOf` equals; every producer of ours is told to use it. */
export const PARTITIONER = 'consistent_random';

/**
 * The partition on which a producer places `key` among `partitions` of them.
 * An empty key is none: producers spread records without a key at random, so it has no place.
 */
export function partitionOf(key: Buffer, partitions: number): number {
  if (key.length === 0 || !Number.isInteger(partitions) || partitions < 1) {
    throw new RangeError(`no place for a key of ${key.length} bytes in ${partitions} partitions`);
  }
  return crc32(key) % partitions;
}
