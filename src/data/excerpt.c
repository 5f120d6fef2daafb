/* Replaces bytes that are not printable and cuts long texts. */
#include "data/excerpt.h"

#include <stdbool.h>
#include <stdio.h>

const char *ens_excerpt(char out[static ENS_EXCERPT_SIZE], const char *text, size_t length) {
  size_t kept = length, at = 0;
  if (length > ENS_EXCERPT_BYTES) {
    kept = ENS_EXCERPT_BYTES;
    while (kept > ENS_EXCERPT_BYTES - 4 && ((unsigned char)text[kept] & 0xC0) == 0x80)
      kept--; /* do not cut a character */
  }
  for (size_t i = 0; i < kept; i++) {
    unsigned char byte = (unsigned char)text[i];
    bool control = byte < 0x20 || byte == 0x7F;
    at += (size_t)snprintf(out + at, ENS_EXCERPT_SIZE - at, control ? "\\x%02X" : "%c", byte);
  }
  snprintf(out + at, ENS_EXCERPT_SIZE - at, "%s", kept < length ? "..." : "");
  return out;
}
