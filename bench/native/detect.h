// The kernel's second stage in plain C++: the same algorithm on the same records (layout.h is made from
// assembly/layout.ts), read beside assembly/{batch,interruption,flap,episode,alarms,
// lines}.ts. Event columns in, findings as columns out; it stops when a table is full. What the
// bench's input has none of is left out and ends the program: aliases, rejected events, ends that
// wait, other detectors.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "findings.h"
#include "hash.h"
#include "memory.h"
#include "records.h"

/** How the lines of the next events are asked for before they are needed. */
enum class Ahead { none, touch, prefetch };

class Detect {
 public:
  int64_t *times, *positions;
  uint32_t *targets, *keys, *names, *causes, *states;

  Detect(const DetectRules &given, uint32_t line_count, uint32_t event_rows, uint32_t finding_rows)
      : rules(given), found(finding_rows) {
    char *events = take(static_cast<size_t>(event_rows) * L::EVENT_ROW);
    const auto column = [&](uint32_t offset) { return events + size_t{event_rows} * offset; };
    times = reinterpret_cast<int64_t *>(column(L::EVENT_TIME));
    positions = reinterpret_cast<int64_t *>(column(L::EVENT_POSITION));
    targets = reinterpret_cast<uint32_t *>(column(L::EVENT_TARGET));
    keys = reinterpret_cast<uint32_t *>(column(L::EVENT_KEY));
    names = reinterpret_cast<uint32_t *>(column(L::EVENT_ALARM));
    causes = reinterpret_cast<uint32_t *>(column(L::EVENT_CAUSE));
    states = reinterpret_cast<uint32_t *>(column(L::EVENT_STATE));
    const size_t rows = size_t{line_count} + 1;
    lines = reinterpret_cast<Line *>(take(rows * L::LINE_SIZE));
    starts = take(rows * rules.starts_stride);
    alarms = reinterpret_cast<Alarm *>(take(rows * L::ALARM_SIZE));
    changed_list = reinterpret_cast<uint32_t *>(take(rows * 4));
    fresh_list = reinterpret_cast<uint32_t *>(take(rows * 4));
    alarm_capacity = line_count;
    kept_max = 1;
    for (const RuleSet &set : rules.sets)
      for (uint32_t r = 0; r < set.flap_rules; r++)
        kept_max = std::max(kept_max, set.flap[r].starts);
  }

  /** Applies the events from `from` on; returns how many are applied: fewer when a table is full. */
  template <Ahead AHEAD>
  uint32_t detect(uint32_t from, uint32_t count) {
    for (uint32_t i = from; i < count; i++) {
      look_ahead<AHEAD>(i, count);
      const uint32_t target = targets[i];
      const uint32_t key = keys[i];
      if (key == 0 && target != 0 && (lines[target].flags & L::FLAG_ALIASED) != 0)
        fail("no aliases here", "detect");
      if (found.full) return i;
      apply(target, key == 0 ? target : key, names[i], causes[i], states[i], times[i],
            positions[i]);
      found.ordinal++;
    }
    return count;
  }

  /** Empties the tables of findings; their rows are hashed first. */
  void drain(Hash &hash) { found.drain(hash); }

  /** Hashes the records of all lines, their starts and the counters. */
  void hash_state(Hash &hash, uint32_t line_count) const {
    hash.words(lines, (size_t{line_count} + 1) * L::LINE_SIZE);
    hash.words(starts, (size_t{line_count} + 1) * rules.starts_stride);
    for (const uint64_t count : {applied, late, duplicates}) hash.word(uint32_t(count));
  }

 private:
  static constexpr uint32_t AHEAD_BLOCK = 32;
  static constexpr uint32_t PREFETCH_EVENTS = 24;

  DetectRules rules;
  Findings found;
  uint32_t kept_max, alarm_capacity;
  Line *lines;
  char *starts;
  Alarm *alarms;
  uint32_t *changed_list, *fresh_list;
  uint32_t fresh = 0, changed = 0, alarms_used = 0, alarms_free = 0, alarms_active = 0;
  uint32_t touched = 0;
  uint64_t applied = 0, late = 0, duplicates = 0;
  int64_t first_ms = -1, effective_ms = -1;

  int64_t *starts_of(uint32_t index) {
    return reinterpret_cast<int64_t *>(starts + size_t{index} * rules.starts_stride);
  }
  const RuleSet &rules_of(const Line &line) const {
    return rules.sets[(line.flags >> L::FLAG_CLASS_SHIFT) & L::FLAG_CLASS_MASK];
  }
  Episode &episode(uint32_t index) { return *reinterpret_cast<Episode *>(starts_of(index)); }

  template <Ahead AHEAD>
  void look_ahead(uint32_t i, uint32_t count) {
    if constexpr (AHEAD == Ahead::touch) {
      if (i % AHEAD_BLOCK != 0) return;
      for (uint32_t j = i; j < std::min(i + AHEAD_BLOCK, count); j++) {
        touched += lines[targets[j]].flags;
        touched += static_cast<uint32_t>(*starts_of(targets[j] * (states[j] & 1)));
      }
      asm volatile("" : : "r"(touched));
    }
    if constexpr (AHEAD == Ahead::prefetch) {
      if (i + PREFETCH_EVENTS >= count) return;
      const uint32_t next = i + PREFETCH_EVENTS;
      __builtin_prefetch(&lines[targets[next]], 1);
      __builtin_prefetch(starts_of(targets[next]), 1);
    }
  }

  void apply(uint32_t index, uint32_t key, uint32_t name, uint32_t cause, uint32_t state,
             int64_t time, int64_t position) {
    if (state == L::STATE_NONE) return;
    Line &line = lines[index];
    if ((line.flags & L::FLAG_SEEN) == 0) see(line, index);
    if (state == L::STATE_REJECTED) fail("no rejected events here", "detect");
    const int64_t before = line.effective;
    const int64_t t = std::max(time, before);
    const bool changes =
        state == L::STATE_DOWN ? raise(line, index, key, name) : clear(line, index, key, name);
    applied++;
    if (time < before) late++;
    if (!changes) duplicates++;
    if (t > effective_ms) effective_ms = t;
    if (t < first_ms || first_ms < 0) first_ms = t;
    line.effective = t;
    if ((line.flags & L::FLAG_UNKNOWN) != 0) fail("no unknown lines here", "detect");
    if ((line.flags & L::FLAG_PENDING) != 0) fail("no ends that wait here", "detect");
    if ((line.flags & L::FLAG_EPISODE) != 0) judge_quiet(line, index, t);
    if (changes) {
      if (state == L::STATE_DOWN) {
        if ((line.flags & L::FLAG_DOWN) == 0)
          start_interruption(line, index, t, name, cause, position);
        else if (line.cause == 0)
          line.cause = cause;
      } else if (line.alarms == 0 && (line.flags & L::FLAG_PLAIN) == 0) {
        end_interruption(line, index, t, position);
      }
    }
    if ((line.flags & L::FLAG_CHANGED) == 0) {
      line.flags |= L::FLAG_CHANGED;
      changed_list[changed++] = index;
    }
  }

  void see(Line &line, uint32_t index) {
    line.flags |= L::FLAG_SEEN;
    line.effective = line.transition = line.outage_end = -1;
    fresh_list[fresh++] = index;
    line.store_id = fresh;
  }

  bool raise(Line &line, uint32_t index, uint32_t key, uint32_t name) {
    if (name == 0 && key == index) {
      if ((line.flags & L::FLAG_PLAIN) != 0) return false;
      line.flags |= L::FLAG_PLAIN;
      return true;
    }
    for (uint32_t at = line.alarms; at != 0; at = alarms[at].next)
      if (alarms[at].name == name && alarms[at].key == key) return false;
    uint32_t at = alarms_free;
    if (at != 0)
      alarms_free = alarms[at].next;
    else if (alarms_used == alarm_capacity)
      fail("more active alarms than lines", "detect");
    else
      at = ++alarms_used;
    alarms[at] = {key, name, line.alarms, 0};
    alarms_active++;
    line.alarms = at;
    return true;
  }

  bool clear(Line &line, uint32_t index, uint32_t key, uint32_t name) {
    bool cleared = false;
    const bool all = name == L::ALARM_ALL;
    if (key == index && (all || name == 0) && (line.flags & L::FLAG_PLAIN) != 0) {
      line.flags &= ~L::FLAG_PLAIN;
      cleared = true;
    }
    for (uint32_t *link = &line.alarms; *link != 0;) {
      Alarm &alarm = alarms[*link];
      if (alarm.key != key || (!all && alarm.name != name) || alarm.flags != 0) {
        link = &alarm.next;
        continue;
      }
      const uint32_t at = *link;
      *link = alarm.next;
      alarm.next = alarms_free;
      alarms_free = at;
      alarms_active--;
      cleared = true;
      if (!all) break;
    }
    return cleared;
  }

  void start_interruption(Line &line, uint32_t index, int64_t t, uint32_t alarm, uint32_t cause,
                          int64_t position) {
    judge_start(line, index, t);
    line.flags |= L::FLAG_DOWN;
    line.start = line.transition = t;
    line.first = position;
    line.alarm = alarm;
    line.cause = cause;
    line.n++;
  }

  void end_interruption(Line &line, uint32_t index, int64_t t, int64_t position) {
    const RuleSet &set = rules_of(line);
    line.flags &= ~L::FLAG_DOWN;
    if (set.merge_gap_ms >= 0) fail("no ends that wait here", "detect");
    line.transition = t;
    const bool is_outage = t - line.start >= set.outage_ms + set.correction_ms;
    const bool uncertain = (line.flags & L::FLAG_UNCERTAIN) != 0;
    const uint32_t row = found.add_row(L::KIND_INTERRUPTION, index);
    found.put64(L::KIND_INTERRUPTION, L::FOUND_FROM, row, line.start);
    found.put64(L::KIND_INTERRUPTION, L::FOUND_UNTIL, row, t);
    found.put64(L::KIND_INTERRUPTION, L::FOUND_AT, row, set.correction_ms);
    found.put64(L::KIND_INTERRUPTION, L::FOUND_FIRST, row, line.first);
    found.put64(L::KIND_INTERRUPTION, L::FOUND_LAST, row, position);
    found.put32(L::KIND_INTERRUPTION, L::FOUND_N, row, line.n);
    found.put32(L::KIND_INTERRUPTION, L::FOUND_CAUSE, row, line.cause);
    found.put32(L::KIND_INTERRUPTION, L::FOUND_ALARM, row, line.alarm);
    found.put32(L::KIND_INTERRUPTION, L::FOUND_RULE, row,
          (uncertain ? L::FOUND_UNCERTAIN : 0) | (is_outage ? L::FOUND_OUTAGE : 0));
    line.flags &= ~L::FLAG_UNCERTAIN;
    if (!is_outage) return;
    if (line.outage_end >= 0 && line.start - line.outage_end <= set.repeat_ms) {
      const uint32_t repeat = found.add_row(L::KIND_REPEAT, index);
      found.put64(L::KIND_REPEAT, L::FOUND_FROM, repeat, line.start);
      found.put64(L::KIND_REPEAT, L::FOUND_UNTIL, repeat, line.outage_end);
    }
    line.outage_end = t;
  }

  void judge_quiet(Line &line, uint32_t index, int64_t t) {
    const int64_t at = line.transition + rules_of(line).quiet_ms;
    if (t < at) return;
    const Episode &open = episode(index);
    const uint32_t row = found.add_row(L::KIND_FLAP_END, index);
    found.put64(L::KIND_FLAP_END, L::FOUND_UNTIL, row, at);
    found.put64(L::KIND_FLAP_END, L::FOUND_AT, row, open.at);
    found.put64(L::KIND_FLAP_END, L::FOUND_FROM, row, open.since);
    found.put32(L::KIND_FLAP_END, L::FOUND_N, row, open.count);
    found.put32(L::KIND_FLAP_END, L::FOUND_RULE, row, open.rule);
    found.put32(L::KIND_FLAP_END, L::FOUND_CAUSE, row, L::ENDED_ITSELF);
    found.put32(L::KIND_FLAP_END, L::FOUND_ALARM, row, L::PRIMARY_DETECTOR);
    line.flags &= ~(L::FLAG_EPISODE | (0xffu << L::FLAG_STARTS_SHIFT));
  }

  void judge_start(Line &line, uint32_t index, int64_t t) {
    if ((line.flags & L::FLAG_EPISODE) != 0) {
      episode(index).count++;
      return;
    }
    int64_t *kept = starts_of(index);
    const uint32_t count = (line.flags >> L::FLAG_STARTS_SHIFT) & 0xff;
    const RuleSet &set = rules_of(line);
    for (uint32_t r = 0; r < set.flap_rules; r++) {
      const FlapRule &rule = set.flap[r];
      if (count < rule.starts - 1) continue;
      const int64_t since = rule.starts == 2 ? line.start : kept[rule.starts - 3];
      if (t - since > rule.window_ms) continue;
      line.flags |= L::FLAG_EPISODE;
      episode(index) = {t, since, rule.starts, rule.id};
      const uint32_t row = found.add_row(L::KIND_FLAP_START, index);
      found.put64(L::KIND_FLAP_START, L::FOUND_AT, row, t);
      found.put64(L::KIND_FLAP_START, L::FOUND_FROM, row, since);
      found.put32(L::KIND_FLAP_START, L::FOUND_RULE, row, rule.id);
      found.put32(L::KIND_FLAP_START, L::FOUND_ALARM, row, L::PRIMARY_DETECTOR);
      return;
    }
    const uint32_t after = count < kept_max ? count + 1 : kept_max;
    for (int32_t i = static_cast<int32_t>(after) - 2; i > 0; i--) kept[i] = kept[i - 1];
    if (after > 1) kept[0] = line.start;
    line.flags =
        (line.flags & ~(0xffu << L::FLAG_STARTS_SHIFT)) | (after << L::FLAG_STARTS_SHIFT);
  }
};
