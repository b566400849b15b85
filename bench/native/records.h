// The records that the twin works on, the kernel's own to the byte: a line, its open episode, an active
// alarm; and the rules by class as the kernel's region of rules holds them.
#pragma once
#include <cstddef>
#include <cstdint>

#include "layout.h"

struct Line {
  int64_t effective, transition, start, outage_end, first;
  uint32_t n, flags, alarms, cause, store_id, alarm;
};
static_assert(sizeof(Line) == L::LINE_SIZE && offsetof(Line, outage_end) == L::LINE_OUTAGE_END);
static_assert(offsetof(Line, n) == L::LINE_N && offsetof(Line, flags) == L::LINE_FLAGS);
static_assert(offsetof(Line, cause) == L::LINE_CAUSE && offsetof(Line, alarm) == L::LINE_ALARM);

struct Episode {
  int64_t at, since;
  uint32_t count, rule;
};
static_assert(sizeof(Episode) == L::EPISODE_SIZE);

struct Alarm {
  uint32_t key, name, next, flags;
};
static_assert(sizeof(Alarm) == L::ALARM_SIZE);

/** One rule (K, W) of the window detector. */
struct FlapRule {
  int64_t window_ms;
  uint32_t starts;
  uint32_t id;
};

/** The rules of a class of lines. */
struct RuleSet {
  int64_t quiet_ms, outage_ms, repeat_ms, merge_gap_ms, correction_ms, stale_after_ms;
  uint32_t flap_rules;
  FlapRule flap[L::FLAP_RULES_MAX];
};

/** By class; the bench has lines of class 0 only. */
struct DetectRules {
  RuleSet sets[L::RULE_SETS];
  uint32_t starts_stride;
};
