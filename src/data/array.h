/* Read-only arrays of doubles that live once in the process, outside any Lua state. Shared by reference between
 * threads: the count is atomic, the numbers never change after creation. Views (row, column, slice) share the memory.
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

/* A new array of that shape, elements zero, row-major. The creator may write `data` until the array is shared.
 * NULL: no memory, or a shape whose size does not fit in memory. A zero extent is allowed, and counts as one there. */
ens_array *ens_array_create(size_t rank, const size_t *shape);
/* From now on new large arrays are made in memory that other processes of the host can map. Before any thread starts.
 */
void ens_array_share_large(void);
/* The shared memory that the array's elements are in; false: they are in none. */
bool ens_array_shared(const ens_array *array, ens_shared *out);
/* An array over memory that is there already: element (i, j, ...) at data[i * stride[0] + ...], which nobody writes to
 * any more. It takes `context`: `release` (NULL: nothing to do) is called with it, in any thread, when the last handle
 * goes. NULL: no memory, then `context` is still the caller's. */
ens_array *ens_array_adopt(const double *data, size_t rank, const size_t *shape, const ptrdiff_t *stride,
                           void (*release)(void *context), void *context);
/* Another handle to the same memory, for another owner (another thread, another Lua state). NULL: no memory. */
ens_array *ens_array_retain(const ens_array *array);
void ens_array_release(ens_array *array); /* NULL is fine */
/* Whether this is the only handle to its memory. */
bool ens_array_is_sole(const ens_array *array);

size_t ens_array_size(const ens_array *array); /* number of elements */
/* Views; NULL: no memory. `index` < shape[axis]. ens_array_pick drops an axis (rank >= 2): row(i) is axis 0, col(j)
 * axis 1. */
ens_array *ens_array_pick(const ens_array *array, size_t axis, size_t index);
/* Elements first .. first + count - 1 of the first axis; first + count <= shape[0]. */
ens_array *ens_array_slice(const ens_array *array, size_t first, size_t count);
/* Elements (i, i) of an array of two axes. */
ens_array *ens_array_diagonal(const ens_array *array);
/* Whether the elements lie in row-major order without gaps. */
bool ens_array_is_dense(const ens_array *array);
/* Row-major copy in fresh memory; NULL: no memory. */
ens_array *ens_array_copy(const ens_array *array);
void ens_array_gather(const ens_array *array, double *out); /* [size] row-major */
/* CRC-32 (zlib's) of the numbers in row-major order, going on from `crc`. Takes no memory, whatever the size. */
unsigned long ens_array_crc32(const ens_array *array, unsigned long crc);

double ens_array_sum(const ens_array *array);  /* pairwise over the row-major order: error grows with log n */
double ens_array_mean(const ens_array *array); /* NaN when empty */
/* Sum of products of two arrays of the same shape (checked by the caller). */
double ens_array_dot(const ens_array *a, const ens_array *b);

#endif
