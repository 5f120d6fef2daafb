/* The types of numbers in binary files, and their conversion to doubles. Knows nothing of files. */
#ifndef ENS_DATA_DTYPE_H
#define ENS_DATA_DTYPE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ens_dtype {
  char kind;    /* b: one byte, 0 or not; i: two's complement; u: unsigned; f: IEEE 754 */
  size_t size;  /* bytes: b 1, i and u 1 2 4 8, f 2 4 8 */
  bool swapped; /* the byte order is not that of this machine */
} ens_dtype;

/* Whether there is such a type. */
bool ens_dtype_valid(ens_dtype type);
/* Whether a number of that type is a double of this machine. */
bool ens_dtype_is_double(ens_dtype type);
/* Reads `count` numbers that are `step` bytes apart, at any alignment. Integers beyond 2^53 are rounded to the nearest
 * double; all other numbers are exact. */
void ens_dtype_read(ens_dtype type, const void *bytes, size_t step, size_t count, double *out);

#endif
