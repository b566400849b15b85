// Positions, ends and lost positions as a pure function of what is read and asked; placement of keys;
// what a build without a codec says.

import { describe, expect, it } from 'vitest';

import { codecProblem } from '../../src/source/client.js';
import { partitionOf } from '../../src/source/placement.js';
import { BUSY_STALL_MS, Positions, RECHECK_MS, STALL_MS } from '../../src/source/positions.js';

function at(position: number): Positions {
  const positions = new Positions();
  positions.assign(0, position);
  return positions;
}

/** The offsets that are handed out, of records of a partition behind two that were kept before. */
function accepted(positions: Positions, partition: number, offsets: readonly number[]): number[] {
  const record = (offset: number) => ({ partition, offset, timestamp: -1, key: null, value: null });
  const records = [-2, -1, ...offsets].map(record);
  const until = positions.accept(records, 2, records.length, 1);
  expect(records[0]!.offset).toBe(-2);
  return records.slice(1, until).map(({ offset }) => offset);
}

describe('positions', () => {
  it('moves by records, hands out none twice, and passes over marks at the end', () => {
    const positions = at(5);
    expect(accepted(positions, 0, [4, 5, 5, 7])).toEqual([5, 7]);
    positions.moved(0, 10);
    expect([positions.next.get(0), positions.ends.get(0)]).toEqual([8, 10]);
    positions.reachedEnd(0, 10);
    expect([positions.next.get(0), positions.ends.get(0)]).toEqual([10, 10]);
    positions.reachedEnd(0, 9);
    expect(positions.next.get(0)).toBe(10);
    expect(accepted(positions, 1, [0])).toEqual([]);
  });

  it('calls a position lost only when our own queue is known to be empty', () => {
    const positions = at(5);
    positions.checked(0, 5, 20, 30, 0);
    positions.taken(3);
    positions.checked(0, 5, 20, 30, RECHECK_MS);
    expect(positions.lost.size).toBe(0);
    positions.taken(0);
    positions.checked(0, 5, 21, 31, 2 * RECHECK_MS);
    expect(positions.lost.get(0)).toEqual({ partition: 0, position: 5, low: 21, high: 31 });
    expect(positions.errors.get(0)).toContain('offset 5 of partition 0 is not in its log');
    positions.assign(0, 21);
    expect([positions.lost.size, positions.errors.size]).toEqual([0, 0]);
  });

  it('does not call a position lost whose records were still in our queue', () => {
    const positions = at(5);
    positions.checked(0, 5, 20, 30, 0);
    expect(accepted(positions, 0, [5])).toEqual([5]);
    positions.moved(0, 30);
    positions.taken(1);
    positions.taken(0);
    positions.checked(0, 6, 20, 30, RECHECK_MS);
    expect(positions.lost.size).toBe(0);
  });

  it('stays lost until assigned, even when the new log has grown past the position', () => {
    const positions = at(50);
    for (const nowMs of [0, RECHECK_MS]) {
      positions.checked(0, 50, 0, 10, nowMs);
      positions.taken(0);
    }
    positions.checked(0, 50, 0, 60, 2 * RECHECK_MS);
    expect(positions.lost.get(0)?.high).toBe(60);
  });

  it('reports records that do not come, later while others are read, and heals', () => {
    const positions = at(5);
    positions.readError = 'Local: Not implemented';
    positions.checked(0, 5, 0, 9, 0);
    positions.taken(10);
    positions.checked(0, 5, 0, 9, STALL_MS);
    expect(positions.errors.size).toBe(0);
    positions.checked(0, 5, 0, 9, BUSY_STALL_MS);
    expect(positions.errors.get(0)).toMatch(/no record of partition 0 for 30 s.*Not implemented/);
    expect([...positions.stalled]).toEqual([0]);
    accepted(positions, 0, [5]);
    positions.moved(0, 9);
    expect([positions.errors.size, positions.stalled.size]).toEqual([0, 0]);
  });

  it('reports a partition that does not answer until it does', () => {
    const positions = at(5);
    positions.unanswered(0, 'Local: Timed out', 0);
    expect(positions.errors.get(0)).toContain('does not answer');
    positions.checked(0, 5, 0, 5, 1);
    expect(positions.errors.size).toBe(0);
  });
});

describe('placement', () => {
  it('is CRC-32 modulo partitions', () => {
    expect(partitionOf(Buffer.from('123456789'), 2 ** 32)).toBe(0xcbf43926);
    expect(() => partitionOf(Buffer.alloc(0), 4)).toThrow(RangeError);
    expect(() => partitionOf(Buffer.from('a'), 0)).toThrow(RangeError);
  });
});

describe('codecs', () => {
  it('says which are absent and what to do', () => {
    expect(codecProblem(['gzip', 'snappy', 'lz4', 'zstd', 'ssl'])).toBeNull();
    expect(codecProblem(['gzip', 'snappy', 'lz4'])).toMatch(/lacks zstd.*libzstd-dev/);
  });
});
