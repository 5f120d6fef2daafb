/* The sizes of a run. ens_shape_fits checks them once, so that nothing computed from them overflows. */
#ifndef ENS_STORE_FORMAT_SHAPE_H
#define ENS_STORE_FORMAT_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

/* SQLite holds at most 1e9 bytes in a row, and a row holds at least one step. */
#define ENS_STEP_LIMIT ((size_t)900000000)
/* The most bytes of a chunk and of a buffer, unless it has only one step. */
#define ENS_CHUNK_LIMIT ((size_t)8 << 20)
/* A last chunk of fewer bytes is replaced by a longer one at the next commit. */
#define ENS_TAIL_LIMIT ((size_t)256 << 10)

typedef struct ens_shape {
  size_t nwalkers, ndim, ncells;
} ens_shape;

/* Whether a step fits into a row. The other functions require a shape that fits. */
static inline bool ens_shape_fits(ens_shape shape) {
  size_t limit = ENS_STEP_LIMIT / 8;
  if (!shape.nwalkers || !shape.ndim || shape.nwalkers > limit || shape.ndim > limit || shape.ncells > limit)
    return false;
  return 17 + 8 * (shape.ndim + shape.ncells) <= ENS_STEP_LIMIT / shape.nwalkers;
}

/* Bytes of one step; per walker: accepted u1, log_prob f8, coords f8[ndim], blobs f8[ncells]. */
static inline size_t ens_shape_bytes(ens_shape shape) {
  return shape.nwalkers * (1 + 8 * (1 + shape.ndim + shape.ncells));
}

#endif
