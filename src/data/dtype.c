/* One row of a table for each type, with the function that converts its bytes to a double. */
#include "data/dtype.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

bool ens_dtype_valid(ens_dtype type) {
  size_t size = type.size;
  switch (type.kind) {
    case 'b':
      return size == 1;
    case 'i':
    case 'u':
      return size == 1 || size == 2 || size == 4 || size == 8;
    case 'f':
      return size == 2 || size == 4 || size == 8;
    default:
      return false;
  }
}

bool ens_dtype_is_double(ens_dtype type) {
  return type.kind == 'f' && type.size == sizeof(double) && !type.swapped;
}

/* IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction. */
static double half(uint16_t bits) {
  int exponent = bits >> 10 & 0x1F, fraction = bits & 0x3FF;
  double size = exponent == 0x1F ? (fraction ? (double)NAN : (double)INFINITY)
                : exponent       ? ldexp(0x400 + fraction, exponent - 25)
                                 : ldexp(fraction, -24);
  return bits & 0x8000 ? -size : size;
}

static uint8_t swap8(uint8_t bits) {
  return bits;
}
static uint16_t swap16(uint16_t bits) {
  return (uint16_t)(bits << 8 | bits >> 8);
}
static uint32_t swap32(uint32_t bits) {
  return __builtin_bswap32(bits);
}
static uint64_t swap64(uint64_t bits) {
  return __builtin_bswap64(bits);
}

/* A reader for one type: brings the bytes into order and stores them as `number`; `value` makes a double of it. */
#define READER(name, width, type, value)                                                             \
  static void read_##name(const char *bytes, size_t step, size_t count, bool swapped, double *out) { \
    for (size_t i = 0; i < count; i++, bytes += step) {                                              \
      uint##width##_t bits;                                                                          \
      type number;                                                                                   \
      memcpy(&bits, bytes, sizeof bits);                                                             \
      if (swapped) bits = swap##width(bits);                                                         \
      memcpy(&number, &bits, sizeof number);                                                         \
      out[i] = value;                                                                                \
    }                                                                                                \
  }

READER(b1, 8, uint8_t, number != 0)
READER(i1, 8, int8_t, number)
READER(i2, 16, int16_t, number)
READER(i4, 32, int32_t, number)
READER(i8, 64, int64_t, (double)number)
READER(u1, 8, uint8_t, number)
READER(u2, 16, uint16_t, number)
READER(u4, 32, uint32_t, number)
READER(u8, 64, uint64_t, (double)number)
READER(f2, 16, uint16_t, half(number))
READER(f4, 32, float, (double)number)
READER(f8, 64, double, number)

void ens_dtype_read(ens_dtype type, const void *bytes, size_t step, size_t count, double *out) {
  static const struct {
    char kind;
    size_t size;
    void (*read)(const char *bytes, size_t step, size_t count, bool swapped, double *out);
  } readers[] = {{'b', 1, read_b1}, {'i', 1, read_i1}, {'i', 2, read_i2}, {'i', 4, read_i4},
                 {'i', 8, read_i8}, {'u', 1, read_u1}, {'u', 2, read_u2}, {'u', 4, read_u4},
                 {'u', 8, read_u8}, {'f', 2, read_f2}, {'f', 4, read_f4}, {'f', 8, read_f8}};
  for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
    if (readers[i].kind != type.kind || readers[i].size != type.size) continue;
    readers[i].read(bytes, step, count, type.swapped, out);
    return;
  }
}
