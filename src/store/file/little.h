/* Numbers of eight bytes as the file has them: little-endian. On most machines these are nothing. */
#ifndef ENS_STORE_FILE_LITTLE_H
#define ENS_STORE_FILE_LITTLE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ENS_LITTLE_ENDIAN_HOST (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

/* Turns `count` numbers of eight bytes between the host's order and the file's, in place. */
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
