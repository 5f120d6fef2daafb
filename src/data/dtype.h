/* Types of numbers in binary files, and their way to doubles. Must not know of files. */
#ifndef ENS_DATA_DTYPE_H
#define ENS_DATA_DTYPE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ens_dtype {
  char kind;    /* b: one byte, 0 or not; i: two's complement; u: without sign; f: IEEE 754 */
  size_t size;  /* bytes: b 1, i and u 1 2 4 8, f 2 4 8 */
  bool swapped; /* the bytes are in the other order than this machine's */
} ens_dtype;

/* There is such a type. */
bool ens_dtype_valid(ens_dtype type);
/* A number of that type is a double of this machine. */
bool ens_dtype_is_double(ens_dtype type);
/* Reads `count` numbers that are `step` bytes apart, at any alignment. Whole numbers beyond 2^53 are rounded to the
 * nearest double; all else is exact. */
void ens_dtype_read(ens_dtype type, const void *bytes, size_t step, size_t count, double *out);

#endif
