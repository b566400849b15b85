// Names to dense indices (1, 2, ...), in two forms that the decode twins are measured with: the
// open-addressing table of assembly/dictionary.ts (same hash, same slots, same arena), and the standard
// library's map of strings.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>

#include "layout.h"
#include "memory.h"

class OpenTable {
 public:
  explicit OpenTable(uint32_t capacity) {
    const uint32_t bytes = capacity * NAME_BYTES + ARENA_START;
    size = capacity * 3 / 2 + 8;
    shift = 32 - static_cast<uint32_t>(__builtin_clz(bytes >> 2));
    slots = reinterpret_cast<uint32_t *>(take(size_t{size} * L::SLOT_SIZE));
    arena = take(bytes);
    used = ARENA_START;
  }

  /** Index of a name; reads up to 7 bytes behind it. */
  uint32_t intern(std::string_view name) {
    const uint32_t length = static_cast<uint32_t>(name.size());
    const uint32_t h = hash(name.data(), length);
    const uint32_t tag = h << shift;
    for (uint32_t at = static_cast<uint32_t>((uint64_t{h} * size) >> 32);;) {
      const uint32_t slot = slots[at];
      if (slot == 0) return append(slots[at], tag, name);
      const uint32_t entry = slot ^ tag;
      if (entry >> shift == 0) {
        const char *known = arena + (size_t{entry} << 2);
        uint16_t known_length;
        memcpy(&known_length, known + L::ENTRY_LENGTH, 2);
        if (known_length == length && equal(known + L::ENTRY_BYTES, name.data(), length))
          return load32(known + L::ENTRY_INDEX);
      }
      if (++at == size) at = 0;
    }
  }

 private:
  /** Room for a name of the bench's lines with the head of its entry. */
  static constexpr uint32_t NAME_BYTES = 24, ARENA_START = 8;
  uint32_t *slots;
  char *arena;
  uint32_t size, shift, used, count = 0;

  static uint32_t load32(const char *p) {
    uint32_t value;
    memcpy(&value, p, 4);
    return value;
  }
  static uint64_t load64(const char *p) {
    uint64_t value;
    memcpy(&value, p, 8);
    return value;
  }

  /** The finalizer of MurmurHash3 over words of 8 bytes, as in dictionary.ts. */
  static uint32_t hash(const char *text, uint32_t length) {
    constexpr uint64_t HASH_1 = 0xff51afd7ed558ccd, HASH_2 = 0xc4ceb9fe1a85ec53;
    uint64_t h = length;
    if (length >= 8) {
      const char *last = text + length - 8;
      for (; text < last; text += 8) {
        h = (h ^ load64(text)) * HASH_1;
        h ^= h >> 33;
      }
      h ^= load64(last);
    } else if (length != 0) {
      h ^= load64(text) << (64 - 8 * length);
    }
    h ^= h >> 33;
    h *= HASH_1;
    h ^= h >> 33;
    h *= HASH_2;
    return static_cast<uint32_t>(h >> 32);
  }

  static bool equal(const char *a, const char *b, uint32_t length) {
    if (length < 8)
      return length == 0 || (load64(a) ^ load64(b)) << (64 - 8 * length) == 0;
    uint32_t at = 0;
    for (; at + 8 < length; at += 8)
      if (load64(a + at) != load64(b + at)) return false;
    return load64(a + length - 8) == load64(b + length - 8);
  }

  uint32_t append(uint32_t &slot, uint32_t tag, std::string_view name) {
    const uint32_t index = ++count;
    const uint16_t length = static_cast<uint16_t>(name.size());
    char *entry = arena + used;
    memcpy(entry + L::ENTRY_INDEX, &index, 4);
    memcpy(entry + L::ENTRY_LENGTH, &length, 2);
    memcpy(entry + L::ENTRY_BYTES, name.data(), length);
    slot = tag | (used >> 2);
    used += (L::ENTRY_BYTES + length + 3u) & ~3u;
    return index;
  }
};
static_assert(L::SLOT_SIZE == sizeof(uint32_t));

class StandardMap {
 public:
  explicit StandardMap(uint32_t capacity) { indices.reserve(capacity); }

  uint32_t intern(std::string_view name) {
    key.assign(name);
    return indices.try_emplace(key, static_cast<uint32_t>(indices.size() + 1)).first->second;
  }

 private:
  std::unordered_map<std::string, uint32_t> indices;
  std::string key;
};
