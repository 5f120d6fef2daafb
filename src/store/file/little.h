/* Converts numbers of eight bytes to and from the byte order of the file, little-endian. On most machines this does
 * nothing. */
#ifndef ENS_STORE_FILE_LITTLE_H
#define ENS_STORE_FILE_LITTLE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ENS_LITTLE_ENDIAN_HOST (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

/* Converts `count` numbers of eight bytes in place, in either direction. */
static inline void ens_little_swap(void *numbers, size_t count) {
  if (ENS_LITTLE_ENDIAN_HOST) return;
  unsigned char *bytes = numbers;
  for (size_t i = 0; i < count; i++) {
    uint64_t word;
    memcpy(&word, bytes + 8 * i, 8);
    word = __builtin_bswap64(word);
    memcpy(bytes + 8 * i, &word, 8);
  }
}

#endif
