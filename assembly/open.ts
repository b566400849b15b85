// The open state of changed lines as columns, for the store: what a reading at a later time needs.

import * as L from './layout';
import { extra } from './dictionary';
import { detectorCount, endsAt, episodeOf, openDetectors, openOf } from './detectors';
import { forgetRows, get32, get64, openFindings, rowsOf } from './findings';
import { episode, quietAt } from './flap';
import { newestRaise } from './alarms';
import { holdSettled, release } from './held';
import { NEVER } from './hooks';
import { outageAfterMs, pendingOf } from './interruption';
import { Line, line } from './lines';
import { changedList, ctl, open, openEpisodes, setCtl } from './memory';
import { rulesOf } from './rules';

const ROWS: usize = L.OPEN_CAPACITY;

function put32(column: u32, row: u32, value: u32): void {
  store<u32>(open + ROWS * column + <usize>row * 4, value);
}

function put64(column: u32, row: u32, value: i64): void {
  store<i64>(open + ROWS * column + <usize>row * 8, value);
}

function put8(column: u32, row: u32, value: bool): void {
  store<u8>(open + ROWS * column + row, <u8>value);
}

let episodes: u32 = 0;

/**
 * Takes up to OPEN_CAPACITY changed lines, ids as the store's; returns how many. 0: none is left. The
 * open episodes of their other detectors are in REGION_OPEN_EPISODES, CTL_OPEN_EPISODES of them. With
 * other detectors the tables of findings are written over: their rows must have been taken.
 */
export function takeChanged(): u32 {
  const count = <u32>ctl(L.CTL_CHANGED);
  openDetectors();
  if (detectorCount != 0) {
    openFindings();
    forgetRows();
  }
  episodes = 0;
  // So many that the open episodes of all their detectors find room.
  const rows = min(count, L.OPEN_CAPACITY / max(1, detectorCount));
  for (let row: u32 = 0; row < rows; row++) {
    writeRow(row, load<u32>(changedList + <usize>(count - rows + row) * 4));
  }
  setCtl(L.CTL_CHANGED, count - rows);
  setCtl(L.CTL_OPEN_EPISODES, episodes);
  return rows;
}

function writeRow(row: u32, index: u32): void {
  const record = line(index);
  record.flags &= ~L.FLAG_CHANGED;
  const flags = record.flags;
  put32(L.OPEN_LINE, row, record.storeId);
  put32(L.OPEN_N, row, record.n);
  put64(L.OPEN_EFFECTIVE, row, record.effective);
  put64(L.OPEN_TRANSITION, row, record.transition);
  put64(L.OPEN_START, row, record.start);
  put64(L.OPEN_OUTAGE_END, row, record.outageEnd);
  put64(L.OPEN_FIRST, row, record.first);
  put32(L.OPEN_CAUSE, row, extra(L.DICTIONARY_CAUSES, record.cause));
  put32(L.OPEN_ALARM, row, extra(L.DICTIONARY_ALARMS, record.alarm));
  put8(L.OPEN_DOWN, row, (flags & (L.FLAG_DOWN | L.FLAG_PENDING)) != 0);
  put8(L.OPEN_UNKNOWN, row, (flags & L.FLAG_UNKNOWN) != 0);
  writeRules(row, record);
  const waits = (flags & L.FLAG_PENDING) != 0;
  put64(L.OPEN_ENDED, row, waits ? pendingOf(index).end : -1);
  put64(L.OPEN_LAST, row, waits ? pendingOf(index).last : -1);
  put8(L.OPEN_UNCERTAIN, row, (flags & L.FLAG_UNCERTAIN) != 0);
  const flapping = (flags & L.FLAG_EPISODE) != 0;
  put8(L.OPEN_EPISODE, row, flapping);
  if (detectorCount != 0) writeEpisodes(record, index);
  if (!flapping) return;
  const current = episode(index);
  put64(L.OPEN_AT, row, current.at);
  put64(L.OPEN_SINCE, row, current.since);
  put32(L.OPEN_COUNT, row, current.count);
  put32(L.OPEN_RULE, row, current.rule);
  const transition = record.transition;
  if (waits) record.transition = pendingOf(index).end;
  put64(L.OPEN_ENDS, row, quietAt(record));
  record.transition = transition;
}

/** What a reading needs of the rules of the line's class. */
function writeRules(row: u32, record: Line): void {
  const rules = rulesOf(record);
  const stale = rules.staleAfterMs;
  const canStale = stale >= 0 && (record.flags & L.FLAG_DOWN) != 0;
  put64(L.OPEN_OUTAGE_AFTER, row, outageAfterMs(record));
  put64(L.OPEN_REPEAT, row, rules.repeatMs);
  put64(L.OPEN_MERGE, row, rules.mergeGapMs);
  put64(L.OPEN_RAISED, row, canStale ? newestRaise(record) : -1);
  put64(L.OPEN_STALE_AFTER, row, stale);
  put64(L.OPEN_CORRECTION, row, rules.correctionMs);
}

/**
 * Writes the open episodes of the detectors beside the primary one. Where an end waits: what they are
 * once it is stored, and what that finds.
 */
function writeEpisodes(record: Line, index: u32): void {
  const waits = (record.flags & L.FLAG_PENDING) != 0;
  const wasOpen = openOf(record);
  if (waits) holdSettled(record, index, NEVER);
  for (let left = openOf(record); left != 0; left &= left - 1) {
    const d = ctz(left);
    const current = episodeOf(d, index);
    const form = ((wasOpen >> d) & 1) != 0 ? L.FORM_OPEN : L.FORM_BEGINS;
    const ends = endsAt(d, record, index);
    writeEpisode(record, current.at, current.since, ends, current.rule, current.count, form);
  }
  if (!waits) return;
  release(record, index);
  writeTransients(record);
  forgetRows();
}

/** Writes the transients that the end that waits would be. */
function writeTransients(record: Line): void {
  const kind = L.KIND_TRANSIENT;
  for (let row: u32 = 0; row < rowsOf(kind); row++) {
    const at = get64(kind, L.FOUND_AT, row);
    const durationMs = get64(kind, L.FOUND_FROM, row);
    const rule = get32(kind, L.FOUND_RULE, row);
    const count = get32(kind, L.FOUND_N, row);
    writeEpisode(record, at, durationMs, NEVER, rule, count, L.FORM_TRANSIENT);
  }
}

function writeEpisode(
  record: Line,
  at: i64,
  since: i64,
  ends: i64,
  rule: u32,
  count: u32,
  form: u32,
): void {
  const row: usize = episodes++;
  const table = openEpisodes;
  store<i64>(table + ROWS * L.OPEN_EPISODE_AT + row * 8, at);
  store<i64>(table + ROWS * L.OPEN_EPISODE_SINCE + row * 8, since);
  store<i64>(table + ROWS * L.OPEN_EPISODE_ENDS + row * 8, ends);
  store<u32>(table + ROWS * L.OPEN_EPISODE_LINE + row * 4, record.storeId);
  store<u32>(table + ROWS * L.OPEN_EPISODE_RULE + row * 4, rule);
  store<u32>(table + ROWS * L.OPEN_EPISODE_COUNT + row * 4, count);
  store<u32>(table + ROWS * L.OPEN_EPISODE_FORM + row * 4, form);
}
