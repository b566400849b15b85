// A hash over 32-bit words, the same in bench/kernel-hash.ts: equal hashes mean equal columns, so a
// faster side did not skip work. Two lanes of 32 bits, printed as 16 hexadecimal digits.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

class Hash {
 public:
  void word(uint32_t w) {
    a = (a ^ w) * 0x9e3779b1u;
    a ^= a >> 15;
    b = (b + w) * 0x85ebca6bu;
    b ^= b >> 13;
  }

  /** `bytes` bytes, a multiple of 4, as words. */
  void words(const void *from, size_t bytes) {
    const char *p = static_cast<const char *>(from);
    for (size_t i = 0; i < bytes; i += 4) {
      uint32_t w;
      memcpy(&w, p + i, 4);
      word(w);
    }
  }

  std::string text() const {
    char digits[17];
    snprintf(digits, sizeof digits, "%08x%08x", a, b);
    return digits;
  }

 private:
  uint32_t a = 0x811c9dc5u;
  uint32_t b = 0x01000193u;
};
