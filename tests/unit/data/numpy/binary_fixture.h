/* Binary files for tests of readers: a buffer to append to, and a directory to write it to. */
#ifndef ENS_TEST_BINARY_FIXTURE_H
#define ENS_TEST_BINARY_FIXTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit.h"

static unsigned char binary[1 << 22];
static size_t binary_size;
static char binary_folder[] = "/tmp/test_binary_XXXXXX";
static char binary_path[sizeof binary_folder + 8];

static inline void put(const void *bytes, size_t size) {
  if (size) memcpy(binary + binary_size, bytes, size);
  binary_size += size;
}

static inline void put_text(const char *text) {
  put(text, strlen(text));
}

/* Appends an integer of `width` bytes, little-endian. */
static inline void put_count(uint64_t count, size_t width) {
  for (size_t i = 0; i < width; i++, count >>= 8) binary[binary_size++] = (unsigned char)count;
}

/* Appends the header of a .npy file: magic, version major.0, length, dictionary. */
static inline void put_npy_header(int major, const char *dictionary) {
  put("\x93NUMPY", 6);
  put_count((uint64_t)major, 2);
  put_count(strlen(dictionary), major == 1 ? 2 : 4);
  put_text(dictionary);
}

static inline void write_binary(void) {
  FILE *file = fopen(binary_path, "wb");
  CHECK(file && fwrite(binary, 1, binary_size, file) == binary_size);
  CHECK(file && fclose(file) == 0);
}

static inline bool binary_begin(void) {
  if (!mkdtemp(binary_folder)) return false;
  snprintf(binary_path, sizeof binary_path, "%s/file", binary_folder);
  return true;
}

static inline void binary_end(void) {
  remove(binary_path);
  rmdir(binary_folder);
}

#endif
