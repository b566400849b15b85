// What the wall asks for: today's momentary interruptions and the works in progress, against counts over
// the documented views, at an instant in the middle of a work.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LineMap, Now } from '../../src/api/contract.js';
import { type PeriodService, periodService } from './period-service.js';

const FROM = Date.parse('2006-11-01T00:00:00+08:00');
const DAY_MS = 86_400_000;
const ZONE_MS = 8 * 3_600_000;
const LINES = 1_000;

const folder = mkdtempSync(join(tmpdir(), 'flapline-now-'));
let service: PeriodService;
let readingMs = FROM + 15 * DAY_MS;

beforeAll(async () => {
  const month = { seed: 6, lines: LINES, fromMs: FROM, readingMs };
  service = await periodService(folder, month, {
    reading: () => new Map([[service?.partition ?? 1, readingMs]]),
  });
}, 120_000);

afterAll(async () => {
  await service?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function rows(sql: string): Promise<unknown[][]> {
  return (await service.store.writer.runAndReadAll(sql)).getRows();
}

async function get<Answer>(path: string): Promise<Answer> {
  const answer = await service.server.inject(`/api/${path}`);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

const begins = (list: LineMap['cards']): number[] => list.map(({ at }) => at);

describe('the wall', () => {
  it('is told of works in progress and of what they did, and of nothing later than now', async () => {
    const [[start, end]] = await rows(
      `select start_ms, end_ms from works where status <> 'cancelled'
         and start_ms > ${FROM + 5 * DAY_MS} order by lines desc limit 1`,
    );
    readingMs = Math.round((Number(start) + Number(end)) / 2);
    const midnight = Math.floor((readingMs + ZONE_MS) / DAY_MS) * DAY_MS - ZONE_MS;
    const now = await get<Now>('now');
    expect(now.readingMs).toBe(readingMs);
    const [[momentary]] = await rows(
      `select count(*) from interruptions where class = 'momentary'
         and start_ms between ${midnight} and ${readingMs}`,
    );
    expect(now.momentaryToday).toBe(Number(momentary));
    const open = await rows(
      `select work, lines from works where status <> 'cancelled'
         and start_ms <= ${readingMs} and end_ms > ${readingMs} order by end_ms, work`,
    );
    expect(open.length).toBeGreaterThan(0);
    expect(now.works.map(({ work, lines }) => [work, lines])).toEqual(
      open.map(([work, lines]) => [work, Number(lines)]),
    );
  });
});

describe('the map', () => {
  it('has every line once, by branch, node and card', async () => {
    const map = await get<LineMap>('map');
    expect(new Set(map.lines).size).toBe(LINES);
    for (const list of [map.branches, map.nodes, map.cards]) {
      expect(begins(list)[0]).toBe(0);
      expect(begins(list)).toEqual(begins(list).toSorted((a, b) => a - b));
    }
    const recorded = new Map(
      (
        await rows(
          `select line, component from component_row where kind = 'card' and valid_to_ms is null`,
        )
      ).map(([line, card]) => [String(line), String(card)]),
    );
    const branches = new Map(
      (await rows('select line, branch from line_record')).map(([l, b]) => [String(l), String(b)]),
    );
    for (const [index, line] of map.lines.entries()) {
      expect(map.cards.findLast(({ at }) => at <= index)?.name, line).toBe(
        recorded.get(line) ?? '',
      );
      expect(map.branches.findLast(({ at }) => at <= index)?.name).toBe(branches.get(line));
    }
  });
});
