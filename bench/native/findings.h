// Findings as columns, one table a kind, laid out as in assembly/findings.ts: full when a table cannot
// take what the next event may cause.
#pragma once
#include <cstdint>
#include <initializer_list>

#include "hash.h"
#include "layout.h"
#include "memory.h"

struct Findings {
  bool full = false;
  /** Ordinal of the event at hand. */
  uint32_t ordinal = 0;

  explicit Findings(uint32_t rows)
      : capacity(rows), tables(take(size_t{rows} * L::FOUND_ROW * L::KINDS)) {}

  /** Empties the tables; their rows are hashed first. */
  void drain(Hash &hash) {
    hash_rows(hash, L::KIND_INTERRUPTION,
              {L::FOUND_FROM, L::FOUND_UNTIL, L::FOUND_AT, L::FOUND_FIRST, L::FOUND_LAST},
              {L::FOUND_LINE, L::FOUND_N, L::FOUND_CAUSE, L::FOUND_ALARM, L::FOUND_RULE,
               L::FOUND_ORDINAL});
    hash_rows(hash, L::KIND_FLAP_START, {L::FOUND_AT, L::FOUND_FROM},
              {L::FOUND_LINE, L::FOUND_RULE, L::FOUND_ALARM, L::FOUND_ORDINAL});
    hash_rows(hash, L::KIND_FLAP_END, {L::FOUND_UNTIL, L::FOUND_AT, L::FOUND_FROM},
              {L::FOUND_LINE, L::FOUND_N, L::FOUND_CAUSE, L::FOUND_ALARM, L::FOUND_RULE,
               L::FOUND_ORDINAL});
    hash_rows(hash, L::KIND_REPEAT, {L::FOUND_FROM, L::FOUND_UNTIL},
              {L::FOUND_LINE, L::FOUND_ORDINAL});
    for (uint32_t kind = 0; kind < L::KINDS; kind++) counts[kind] = 0;
    full = false;
  }

  uint32_t add_row(uint32_t kind, uint32_t line) {
    const uint32_t row = counts[kind]++;
    if (row + 1 == capacity) full = true;
    put32(kind, L::FOUND_LINE, row, line);
    put32(kind, L::FOUND_ORDINAL, row, ordinal);
    return row;
  }
  char *column(uint32_t kind, uint32_t offset) const {
    return tables + size_t{capacity} * (L::FOUND_ROW * kind + offset);
  }
  void put32(uint32_t kind, uint32_t offset, uint32_t row, uint32_t value) {
    reinterpret_cast<uint32_t *>(column(kind, offset))[row] = value;
  }
  void put64(uint32_t kind, uint32_t offset, uint32_t row, int64_t value) {
    reinterpret_cast<int64_t *>(column(kind, offset))[row] = value;
  }

 private:
  uint32_t capacity;
  char *tables;
  uint32_t counts[L::KINDS] = {};

  void hash_rows(Hash &hash, uint32_t kind, std::initializer_list<uint32_t> wide,
                 std::initializer_list<uint32_t> narrow) const {
    const size_t rows = counts[kind];
    for (const uint32_t offset : wide) hash.words(column(kind, offset), rows * 8);
    for (const uint32_t offset : narrow) hash.words(column(kind, offset), rows * 4);
  }
};
