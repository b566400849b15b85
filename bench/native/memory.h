// What both programs' halves share: files mapped for reading, zeroed memory whose untouched pages cost
// nothing (as in the kernel), and the clock.
#pragma once
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

[[noreturn]] inline void fail(const char *what, const char *which) {
  fprintf(stderr, "native: %s: %s\n", what, which);
  exit(1);
}

struct MappedFile {
  const char *data;
  size_t bytes;
};

inline MappedFile map_file(const char *path) {
  const int descriptor = open(path, O_RDONLY);
  struct stat info;
  if (descriptor < 0 || fstat(descriptor, &info) != 0) fail("cannot be read", path);
  const size_t bytes = static_cast<size_t>(info.st_size);
  void *at = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0);
  if (at == MAP_FAILED) fail("cannot be mapped", path);
  close(descriptor);
  return {static_cast<const char *>(at), bytes};
}

/** Zeroed memory, never given back. */
inline char *take(size_t bytes) {
  void *at = mmap(nullptr, bytes + 64, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) fail("no memory", "mmap");
  return static_cast<char *>(at);
}

inline int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}
