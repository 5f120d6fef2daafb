/* Steps through the bytes by the lengths of the tags and changes numbers in place. */
#include "script/transfer/plain.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "script/state/compat.h"
#include "script/transfer/tag.h"

/* Rewrites the number with the tag at `bytes`. A LuaJIT program takes whole numbers for integers of Lua 5.4, which may
 * also write them as doubles, like 3.0. */
static void swap_number(char *bytes) {
  int64_t integer;
  double number;
  if (ENS_HAS_INTEGERS && *bytes == ENS_TAG_INTEGER) {
    memcpy(&integer, bytes + 1, sizeof integer);
    number = (double)integer;
    memcpy(bytes + 1, &number, sizeof number);
    *bytes = ENS_TAG_FLOAT;
  } else if (!ENS_HAS_INTEGERS && *bytes == ENS_TAG_FLOAT) {
    memcpy(&number, bytes + 1, sizeof number);
    if (number != floor(number) || fabs(number) >= 0x1p63 || (number == 0 && signbit(number))) return;
    integer = (int64_t)number;
    memcpy(bytes + 1, &integer, sizeof integer);
    *bytes = ENS_TAG_INTEGER;
  }
}

/* The length of the value at `bytes`, without the values in a table; 0: it is damaged or of another kind. */
static size_t length_of(const char *bytes, size_t left) {
  uint64_t number;
  switch ((ens_tag)*bytes) {
    case ENS_TAG_NIL:
    case ENS_TAG_TRUE:
    case ENS_TAG_FALSE:
      return 1;
    case ENS_TAG_INTEGER:
    case ENS_TAG_FLOAT:
    case ENS_TAG_ARRAY:
    case ENS_TAG_OBJECT:
    case ENS_TAG_TABLE:
      return left > sizeof number ? 1 + sizeof number : 0;
    case ENS_TAG_STRING:
    case ENS_TAG_KNOWN:
      if (left <= sizeof number) return 0;
      memcpy(&number, bytes + 1, sizeof number);
      return number < left - sizeof number ? 1 + sizeof number + (size_t)number : 0;
    default:
      return 0;
  }
}

bool ens_plain_swap_engine(char *bytes, size_t size) {
  for (size_t at = 0; at < size;) {
    size_t length = length_of(bytes + at, size - at);
    if (!length) return false;
    swap_number(bytes + at);
    at += length;
  }
  return true;
}
