// Events of any other form, by the table of a mapping: the first variant whose conditions hold says
// how line, alarm, cause, state and time are made of what was captured. Nothing here knows a
// format.

import * as L from './layout';
import * as M from './mapping-layout';
import { ctl, mapping, scratch, setCtl } from './memory';
import { addEvent, textRoom } from './naming';
import { NEEDS_ROOM, nameIndex, nameReason, timeReason } from './native';
import { NULL, NUMBER, OTHER, STRING, Slot, TEXT_BUFFER, isNothing, slot } from './slots';
import { TEXT_GOOD, readText, textAt, textLength } from './text';
import { TIME_FORMAT, TIME_RANGE, readScaled, readStamp } from './time';

/** Outcomes of `compose` beside a length. */
const MISSING: u32 = 0xffffffff;
const TOO_LONG: u32 = 0xfffffffe;
const BROKEN: u32 = 0xfffffffd;

/** In the scratch region, behind a text whose escapes are resolved: an alarm or a cause. */
const NAME_BUFFER: usize = TEXT_BUFFER + 2048;

let at: usize = 0;
let length: u32 = 0;
/** Where the text that `compose` made stands. */
let composedAt: usize = 0;

/** The text of a value: a string's content, else as it is written. False: it is no good text. */
function readValue(s: Slot): bool {
  if (s.kind == STRING) {
    if (readText(s) != TEXT_GOOD) return false;
    at = textAt;
    length = textLength;
    return true;
  }
  at = s.start;
  length = <u32>(s.end - s.start);
  return s.kind != OTHER && length <= <u32>L.NAME_BYTES_MAX;
}

/** True when the text read last is the one at `offset` of the table. */
function isText(entry: usize): bool {
  if (load<u32>(entry, 4) != length) return false;
  return memory.compare(mapping + load<u32>(entry), at, length) == 0;
}

function holds(condition: usize): bool {
  const s = slot(load<u32>(condition, M.CONDITION_SLOT));
  const count = load<u32>(condition, M.CONDITION_VALUES);
  const negated = load<u32>(condition, M.CONDITION_NEGATED) != 0;
  if (isNothing(s)) return negated;
  if (count == 0) return !negated;
  if (!readValue(s)) return negated;
  let entry = mapping + load<u32>(condition, M.CONDITION_VALUES_AT);
  for (let i: u32 = 0; i < count; i++, entry += M.VALUE_SIZE) if (isText(entry)) return !negated;
  return negated;
}

/** The first variant whose conditions hold, or 0. */
function variantOf(): usize {
  const count = load<u32>(mapping, M.HEADER_VARIANTS);
  let variant = mapping + load<u32>(mapping, M.HEADER_VARIANTS_AT);
  for (let i: u32 = 0; i < count; i++, variant += M.VARIANT_SIZE) {
    const conditions = load<u32>(variant, M.VARIANT_CONDITIONS);
    let condition = mapping + load<u32>(variant, M.VARIANT_CONDITIONS_AT);
    let held: u32 = 0;
    while (held < conditions && holds(condition)) {
      held++;
      condition += M.CONDITION_SIZE;
    }
    if (held == conditions) return variant;
  }
  return 0;
}

/**
 * Puts a template's parts together in `room`; the length, or MISSING, TOO_LONG, BROKEN. A part that is
 * missing leaves nothing to be made, whatever stands before it: no other part is needed then.
 */
function compose(template: usize, room: usize): u32 {
  const parts = load<u32>(template);
  let part = template + M.TEMPLATE_PARTS;
  let to = room;
  composedAt = room;
  let wrongBy: u32 = 0;
  for (let i: u32 = 0; i < parts; i++, part += M.PART_SIZE) {
    const id = load<u32>(part, M.PART_SLOT);
    if (id < <u32>M.SLOTS_MAX) {
      const s = slot(id);
      let good = !isNothing(s) && s.kind != OTHER;
      if (good && !readValue(s)) {
        if (wrongBy == 0) wrongBy = BROKEN;
        continue;
      }
      good = good && length > 0;
      if (!good) {
        if (load<u32>(part, M.PART_OPTIONAL) != 0) continue;
        return MISSING;
      }
    } else {
      length = 0;
    }
    const constant = load<u32>(part, M.PART_CONSTANT_LENGTH);
    if (wrongBy == 0 && to - room + constant + length > <usize>L.NAME_BYTES_MAX) wrongBy = TOO_LONG;
    if (wrongBy != 0) continue;
    memory.copy(to, mapping + load<u32>(part, M.PART_CONSTANT_AT), constant);
    to += constant;
    memory.copy(to, at, length);
    to += length;
  }
  if (wrongBy != 0) return wrongBy;
  store<u64>(to, 0);
  return <u32>(to - room);
}

/** Index of the name that a template makes; 0 = none. Sets `nameWrong` to the reason, if any. */
function composedName(template: u32, dictionary: u32, bad: u32): u32 {
  nameWrong = 0;
  if (template == 0) return 0;
  const made = compose(mapping + template, scratch + NAME_BUFFER);
  if (made == MISSING || made == 0) return 0;
  if (made >= BROKEN) {
    nameWrong = bad;
    return 0;
  }
  const index = nameIndex(dictionary, composedAt, made);
  nameWrong = nameReason(index, bad);
  return index;
}

let nameWrong: u32 = 0;

/** The outcome of a variant's tests of the state. */
function stateOf(variant: usize): u32 {
  const count = load<u32>(variant, M.VARIANT_STATES);
  let test = mapping + load<u32>(variant, M.VARIANT_STATES_AT);
  for (let i: u32 = 0; i < count; i++, test += M.TEST_SIZE) {
    const outcome = outcomeOf(test);
    if (outcome != M.OUTCOME_NEXT) return outcome;
  }
  return M.OUTCOME_REJECT;
}

function outcomeOf(test: usize): u32 {
  const s = slot(load<u32>(test, M.TEST_SLOT));
  if (s.kind == NULL) return load<u32>(test, M.TEST_NULL);
  if (isNothing(s)) return load<u32>(test, M.TEST_ABSENT);
  if (readValue(s)) {
    const count = load<u32>(test, M.TEST_VALUES);
    let entry = mapping + load<u32>(test, M.TEST_VALUES_AT);
    for (let i: u32 = 0; i < count; i++, entry += M.STATE_VALUE_SIZE) {
      if (isText(entry)) return load<u32>(entry, M.STATE_VALUE_OUTCOME);
    }
  }
  return load<u32>(test, M.TEST_OTHER);
}

let timeWrong: u32 = 0;

/** The time of the first value that is there; sets `timeWrong` to the reason, if any. */
function timeOf(variant: usize): i64 {
  const count = load<u32>(variant, M.VARIANT_TIMES);
  let entry = mapping + load<u32>(variant, M.VARIANT_TIMES_AT);
  timeWrong = L.REASON_TIME_MISSING;
  for (let i: u32 = 0; i < count; i++, entry += M.TIME_SIZE) {
    const s = slot(load<u32>(entry, M.TIME_SLOT));
    if (isNothing(s)) continue;
    const time = readMoment(s, load<u32>(entry, M.TIME_UNIT));
    timeWrong = time >= 0 ? 0 : time == NO_TIME ? L.REASON_TIME_TYPE : timeReason(time);
    return time;
  }
  return 0;
}

const NO_TIME: i64 = -9;

function readMoment(s: Slot, unit: u32): i64 {
  if (s.kind == NUMBER) return readScaled(s.start, s.end, unit);
  if (s.kind != STRING) return NO_TIME;
  if (!readValue(s) || length == 0) return TIME_FORMAT;
  for (let i: u32 = 0; i < length; i++) {
    if (<u32>load<u8>(at + i) - 0x30 > 9) return readStamp(at, at + length);
  }
  return length <= 32 ? readScaled(at, at + length, unit) : TIME_RANGE;
}

/** True when any severity is ignored. */
function ignoresAny(): bool {
  return load<u32>(mapping, M.HEADER_SEVERITIES) != 0;
}

/** True when the text read last is a severity that is ignored. */
function isSeverityIgnored(): bool {
  const count = load<u32>(mapping, M.HEADER_SEVERITIES);
  let entry = mapping + load<u32>(mapping, M.HEADER_SEVERITIES_AT);
  for (let i: u32 = 0; i < count; i++, entry += M.VALUE_SIZE) if (isText(entry)) return true;
  return false;
}

/** True when the severity that a template makes is one that is ignored. */
function isIgnored(template: u32): bool {
  if (!ignoresAny() || template == 0) return false;
  length = compose(mapping + template, scratch + NAME_BUFFER);
  if (length >= BROKEN) return false;
  at = composedAt;
  return isSeverityIgnored();
}

/** True when the native record's severity is one that is ignored. */
export function isIgnoredNative(): bool {
  if (!ignoresAny()) return false;
  const s = slot(M.NATIVE_SEVERITY);
  return !isNothing(s) && readValue(s) && isSeverityIgnored();
}

/** Counts a record that is no alarm, or is to be ignored. */
function skip(counter: u32): u32 {
  setCtl(counter, ctl(counter) + 1);
  return 0;
}

/** Makes an event of the record read last; as `makeNative`. */
export function makeMapped(): u32 {
  const variant = variantOf();
  if (variant == 0) return skip(L.CTL_SKIPPED);
  const state = stateOf(variant);
  if (state == M.OUTCOME_SKIP) return skip(L.CTL_SKIPPED);
  if (isIgnored(load<u32>(variant, M.VARIANT_SEVERITY))) return skip(L.CTL_IGNORED);
  const line = textRoom(false);
  const lineLength = compose(mapping + load<u32>(variant, M.VARIANT_LINE), line);
  if (lineLength == MISSING) return L.REASON_LINE_MISSING;
  if (lineLength == BROKEN) return L.REASON_LINE_TEXT;
  if (lineLength == TOO_LONG || lineLength == 0) return L.REASON_LINE_LENGTH;
  if (state == M.OUTCOME_REJECT) return wrong(line, lineLength, L.REASON_STATE);
  const time = timeOf(variant);
  if (timeWrong != 0) return wrong(line, lineLength, timeWrong);
  const alarm = composedName(
    load<u32>(variant, M.VARIANT_ALARM),
    L.DICTIONARY_ALARMS,
    L.REASON_ALARM,
  );
  if (nameWrong != 0) return wrong(line, lineLength, nameWrong);
  const cause = composedName(
    load<u32>(variant, M.VARIANT_CAUSE),
    L.DICTIONARY_CAUSES,
    L.REASON_CAUSE,
  );
  if (nameWrong != 0) return wrong(line, lineLength, nameWrong);
  const down = state == M.OUTCOME_DOWN ? L.STATE_DOWN : L.STATE_UP;
  addEvent(line, lineLength, 0, 0, alarm, cause, down, time);
  return 0;
}

function wrong(line: usize, lineLength: u32, reason: u32): u32 {
  if (reason != NEEDS_ROOM) addEvent(line, lineLength, 0, 0, 0, 0, L.STATE_REJECTED, 0);
  return reason;
}
