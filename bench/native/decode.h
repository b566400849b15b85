// The kernel's first stage as a C++ programmer would write it with simdjson On-Demand: NDJSON in, the
// same event columns out. It reads the three fields that the input has and skips the rest of an object
// without looking at it; the kernel looks for six and validates every byte.
#pragma once
#include <simdjson.h>

#include <cstdint>
#include <string_view>

#include "layout.h"
#include "memory.h"

/** The event columns that are not always zero here. */
struct EventColumns {
  int64_t *times, *positions;
  uint32_t *targets, *states;
  uint32_t count = 0;
  uint32_t capacity;

  explicit EventColumns(uint32_t rows) : capacity(rows) {
    times = reinterpret_cast<int64_t *>(take(size_t{rows} * 8));
    positions = reinterpret_cast<int64_t *>(take(size_t{rows} * 8));
    targets = reinterpret_cast<uint32_t *>(take(size_t{rows} * 4));
    states = reinterpret_cast<uint32_t *>(take(size_t{rows} * 4));
  }
};

inline uint32_t state_of(std::string_view word) {
  if (word == "down") return L::STATE_DOWN;
  if (word == "up") return L::STATE_UP;
  return L::STATE_REJECTED;
}

/** Appends the event of one object; `at` = its position in the file. */
template <class Object, class Names>
void append_event(Object &&object, int64_t at, Names &names, EventColumns &events) {
  std::string_view line, state;
  int64_t time;
  if (object["line"].get_string().get(line) || object["time"].get_int64().get(time) ||
      object["state"].get_string().get(state))
    fail("an event that simdjson does not read", "decode");
  const uint32_t row = events.count++;
  events.times[row] = time;
  events.positions[row] = at;
  events.targets[row] = names.intern(line);
  events.states[row] = state_of(state);
}

/** Reads a piece of whole lines, a document stream; `flush` is called whenever the columns are full. */
template <class Names, class Flush>
void decode_stream(simdjson::ondemand::parser &parser, const char *text, size_t bytes,
                   int64_t position, Names &names, EventColumns &events, Flush flush) {
  simdjson::ondemand::document_stream documents;
  if (parser.iterate_many(text, bytes, bytes).get(documents)) fail("iterate_many", "decode");
  for (auto it = documents.begin(); it != documents.end(); ++it) {
    if (events.count == events.capacity) flush();
    append_event(*it, position + static_cast<int64_t>(it.current_index()), names, events);
  }
}

/** The same, line by line. */
template <class Names, class Flush>
void decode_lines(simdjson::ondemand::parser &parser, const char *text, size_t bytes,
                  int64_t position, Names &names, EventColumns &events, Flush flush) {
  for (size_t from = 0; from < bytes;) {
    const char *newline = static_cast<const char *>(memchr(text + from, '\n', bytes - from));
    const size_t until = static_cast<size_t>(newline - text);
    if (events.count == events.capacity) flush();
    simdjson::ondemand::document document;
    const size_t room = bytes - from + simdjson::SIMDJSON_PADDING;
    if (parser.iterate(text + from, until - from, room).get(document)) fail("iterate", "decode");
    append_event(document, position + static_cast<int64_t>(from), names, events);
    from = until + 1;
  }
}
