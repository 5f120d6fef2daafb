/* Read-only arrays of doubles. The process has one copy of the numbers, outside any Lua state, which threads share: the
 * reference count is atomic, and the numbers do not change after creation. Views (row, column, slice) share the memory.
 */
#ifndef ENS_DATA_ARRAY_H
#define ENS_DATA_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "data/shared.h"

#define ENS_ARRAY_MAX_RANK 8

typedef struct ens_array {
  double *data; /* first element; element (i, j, ...) is data[i * stride[0] + j * stride[1] + ...], 0-based */
  size_t rank;  /* 1 .. ENS_ARRAY_MAX_RANK */
  size_t shape[ENS_ARRAY_MAX_RANK];
  ptrdiff_t stride[ENS_ARRAY_MAX_RANK]; /* in elements */
  struct ens_array_owner *owner;        /* the memory, with its reference count; private */
} ens_array;

/* A new row-major array of zeros. The creator may write `data` until it shares the array. An extent may be 0. NULL: no
 * memory, or the shape is too large for any memory; an extent of 0 counts as 1 for that. */
ens_array *ens_array_create(size_t rank, const size_t *shape);
/* From now on, makes new large arrays in memory that other processes of the host can map. Call it before any thread
 * starts. */
void ens_array_share_large(void);
/* The shared memory that holds the array's elements; false: they are not in shared memory. */
bool ens_array_shared(const ens_array *array, ens_shared *out);
/* An array in existing memory: element (i, j, ...) is data[i * stride[0] + ...]. Nobody may write to it any more. When
 * the last handle is released, in any thread, the array calls `release` with `context`; release NULL: nothing to do.
 * NULL: no memory; then the caller still owns `context`. */
ens_array *ens_array_adopt(const double *data, size_t rank, const size_t *shape, const ptrdiff_t *stride,
                           void (*release)(void *context), void *context);
/* Another handle to the same memory, for another owner (another thread, another Lua state). NULL: no memory. */
ens_array *ens_array_retain(const ens_array *array);
void ens_array_release(ens_array *array); /* NULL is fine */
/* Whether this is the only handle to its memory. */
bool ens_array_is_sole(const ens_array *array);

size_t ens_array_size(const ens_array *array); /* number of elements */
/* Views; NULL: no memory. ens_array_pick fixes the index of an axis, which the view then lacks: row(i) for axis 0,
 * col(j) for axis 1. rank >= 2, index < shape[axis]. */
ens_array *ens_array_pick(const ens_array *array, size_t axis, size_t index);
/* Elements first .. first + count - 1 of the first axis; first + count <= shape[0]. */
ens_array *ens_array_slice(const ens_array *array, size_t first, size_t count);
/* Elements (i, i) of an array with two axes. */
ens_array *ens_array_diagonal(const ens_array *array);
/* Whether the elements lie in row-major order without gaps. */
bool ens_array_is_dense(const ens_array *array);
/* A row-major copy; NULL: no memory. */
ens_array *ens_array_copy(const ens_array *array);
void ens_array_gather(const ens_array *array, double *out); /* out[size], row-major */
/* The CRC-32 of zlib over the numbers in row-major order, continued from `crc`. Allocates nothing. */
unsigned long ens_array_crc32(const ens_array *array, unsigned long crc);

double ens_array_sum(const ens_array *array);  /* pairwise in row-major order: the error grows with log n */
double ens_array_mean(const ens_array *array); /* NaN if it is empty */
/* The sum of products of two arrays of the same shape, which the caller checks. */
double ens_array_dot(const ens_array *a, const ens_array *b);

#endif
