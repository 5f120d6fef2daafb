/* The sizes of one run and what follows from them, checked against overflow once. */
#ifndef ENS_STORE_FORMAT_SHAPE_H
#define ENS_STORE_FORMAT_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

/* SQLite holds at most 1e9 bytes in a row, and a row holds at least one step. */
#define ENS_STEP_LIMIT ((size_t)900000000)
/* A chunk, and a buffer of the writer, holds so many bytes of steps, or one step. */
#define ENS_CHUNK_LIMIT ((size_t)8 << 20)

/* A last chunk of less than that is written again, longer. */
#define ENS_TAIL_LIMIT ((size_t)256 << 10)

typedef struct ens_shape {
  size_t nwalkers, ndim, ncells;
} ens_shape;

/* True when a step fits into a row. The other functions ask for a shape that fits. */
static inline bool ens_shape_fits(ens_shape shape) {
  size_t limit = ENS_STEP_LIMIT / 8;
  if (!shape.nwalkers || !shape.ndim || shape.nwalkers > limit || shape.ndim > limit || shape.ncells > limit)
    return false;
  return 17 + 8 * (shape.ndim + shape.ncells) <= ENS_STEP_LIMIT / shape.nwalkers;
}

/* Bytes of one step: accepted u1, log_prob f8, coords f8[ndim], blobs of 8 ncells bytes, a walker each. */
static inline size_t ens_shape_bytes(ens_shape shape) {
  return shape.nwalkers * (1 + 8 * (1 + shape.ndim + shape.ncells));
}

#endif
