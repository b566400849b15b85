// The native side of `npm run bench -- kernel`, compiled by it. Goals: what the same work costs in C++
// on the same machine, core and input. Non-goals: JSON as strict as the kernel's (simdjson On-Demand
// skips what is not asked for), rejections, aliases, growth, snapshots. Copies of the input and the
// hashing of the output are not timed.
//
//   native detect EVENTS LINES WARM_BLOCKS LEAD_BLOCKS TIMED_BLOCKS none|touch|prefetch RULES...
//   native decode FILE LINES open|map stream|lines
//
// Each line on stdin is a step and is answered by {"ns", "events", "hash"}: `round` does the next
// round (the first one of detect warms up), `state` hashes the state of all lines.
#include <cstdio>
#include <cstring>

#include "decode.h"
#include "detect.h"
#include "dictionary.h"
#include "hash.h"
#include "memory.h"

namespace {

constexpr size_t PIECE_BYTES = 512 * 1024;

/** Waits for the next step; false at the end of stdin. */
bool next_step(char (&word)[16]) {
  if (fgets(word, sizeof word, stdin) == nullptr) return false;
  word[strcspn(word, "\n")] = 0;
  return true;
}

void report(int64_t ns, uint64_t events, const Hash &hash) {
  printf("{\"ns\":%lld,\"events\":%llu,\"hash\":\"%s\"}\n", static_cast<long long>(ns),
         static_cast<unsigned long long>(events), hash.text().c_str());
  fflush(stdout);
}

/** quietMs outageMs repeatMs startsStride, then starts windowMs id of each rule. */
DetectRules read_rules(int count, char **words) {
  DetectRules rules = {};
  RuleSet &set = rules.sets[0];
  set.quiet_ms = atoll(words[0]);
  set.outage_ms = atoll(words[1]);
  set.repeat_ms = atoll(words[2]);
  set.merge_gap_ms = set.stale_after_ms = -1;
  rules.starts_stride = static_cast<uint32_t>(atoll(words[3]));
  set.flap_rules = static_cast<uint32_t>(count - 4) / 3;
  for (uint32_t r = 0; r < set.flap_rules; r++) {
    char **triple = words + 4 + 3 * r;
    set.flap[r] = {atoll(triple[1]), static_cast<uint32_t>(atoll(triple[0])),
                   static_cast<uint32_t>(atoll(triple[2]))};
  }
  return rules;
}

/** Copies block `block` of the file into the event columns: times, targets, states. */
void load_block(const MappedFile &file, uint64_t block, Detect &side) {
  const char *from = file.data + block * L::EVENT_ROWS * 16;
  memcpy(side.times, from, L::EVENT_ROWS * 8);
  memcpy(side.targets, from + L::EVENT_ROWS * 8, L::EVENT_ROWS * 4);
  memcpy(side.states, from + L::EVENT_ROWS * 12, L::EVENT_ROWS * 4);
  for (uint32_t i = 0; i < L::EVENT_ROWS; i++)
    side.positions[i] = static_cast<int64_t>(block * L::EVENT_ROWS + i);
}

/** Applies `count` blocks; the time that it took. */
template <Ahead AHEAD>
int64_t apply_blocks(const MappedFile &file, uint64_t first, uint64_t count, Detect &side,
                     Hash &hash) {
  int64_t ns = 0;
  for (uint64_t block = first; block < first + count; block++) {
    load_block(file, block, side);
    for (uint32_t at = 0; at < L::EVENT_ROWS;) {
      const int64_t begun = now_ns();
      at = side.detect<AHEAD>(at, L::EVENT_ROWS);
      ns += now_ns() - begun;
      if (at < L::EVENT_ROWS) side.drain(hash);
    }
  }
  return ns;
}

template <Ahead AHEAD>
void run_detect(char **words, const DetectRules &rules) {
  const MappedFile file = map_file(words[0]);
  const uint32_t lines = static_cast<uint32_t>(atoll(words[1]));
  const uint64_t warm = strtoull(words[2], nullptr, 10);
  const uint64_t lead = strtoull(words[3], nullptr, 10);
  const uint64_t timed = strtoull(words[4], nullptr, 10);
  Detect side(rules, lines, L::EVENT_ROWS, L::FINDING_ROWS);
  Hash hash;
  uint64_t done = 0;
  for (char word[16]; next_step(word);) {
    if (strcmp(word, "state") == 0) {
      side.drain(hash);
      side.hash_state(hash, lines);
      report(0, 0, hash);
      continue;
    }
    // What the other side left in the caches is not part of a round.
    const uint64_t before = done == 0 ? warm - timed : lead;
    apply_blocks<AHEAD>(file, done, before, side, hash);
    const int64_t ns = apply_blocks<AHEAD>(file, done + before, timed, side, hash);
    done += before + timed;
    report(ns, timed * L::EVENT_ROWS, hash);
  }
}

template <class Names>
void run_decode(const char *path, uint32_t lines, bool by_line) {
  const MappedFile file = map_file(path);
  Names names(lines);
  EventColumns events(L::EVENT_ROWS);
  simdjson::ondemand::parser parser;
  char *piece = take(PIECE_BYTES + simdjson::SIMDJSON_PADDING);
  for (char word[16]; next_step(word);) {
    Hash hash;
    uint64_t count = 0;
    int64_t ns = 0;
    int64_t begun = 0;
    const auto flush = [&] {
      ns += now_ns() - begun;
      hash.words(events.times, size_t{events.count} * 8);
      hash.words(events.positions, size_t{events.count} * 8);
      hash.words(events.targets, size_t{events.count} * 4);
      hash.words(events.states, size_t{events.count} * 4);
      count += events.count;
      events.count = 0;
      begun = now_ns();
    };
    for (size_t from = 0; from < file.bytes;) {
      size_t bytes = std::min(PIECE_BYTES, file.bytes - from);
      while (file.data[from + bytes - 1] != '\n') bytes--;
      memcpy(piece, file.data + from, bytes);
      const int64_t position = static_cast<int64_t>(from);
      begun = now_ns();
      if (by_line)
        decode_lines(parser, piece, bytes, position, names, events, flush);
      else
        decode_stream(parser, piece, bytes, position, names, events, flush);
      ns += now_ns() - begun;
      from += bytes;
    }
    begun = now_ns();
    flush();
    report(ns, count, hash);
  }
}

}  // namespace

int main(int count, char **words) {
  if (count >= 13 && strcmp(words[1], "detect") == 0) {
    const DetectRules rules = read_rules(count - 8, words + 8);
    if (strcmp(words[7], "none") == 0)
      run_detect<Ahead::none>(words + 2, rules);
    else if (strcmp(words[7], "touch") == 0)
      run_detect<Ahead::touch>(words + 2, rules);
    else
      run_detect<Ahead::prefetch>(words + 2, rules);
    return 0;
  }
  if (count == 6 && strcmp(words[1], "decode") == 0) {
    const uint32_t lines = static_cast<uint32_t>(atoll(words[3]));
    const bool by_line = strcmp(words[5], "lines") == 0;
    if (strcmp(words[4], "open") == 0)
      run_decode<OpenTable>(words[2], lines, by_line);
    else
      run_decode<StandardMap>(words[2], lines, by_line);
    return 0;
  }
  fail("usage: native detect|decode ...", count > 1 ? words[1] : "");
}
