/* Steps on their way to the file: one array for each column of a chunk. The arrays grow on demand, up to a limit. */
#ifndef ENS_STORE_FORMAT_BATCH_H
#define ENS_STORE_FORMAT_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/sink.h"
#include "store/format/shape.h"

typedef struct ens_batch {
  ens_shape shape;
  size_t count, capacity, limit; /* steps */
  uint8_t *accepted;             /* [count][walker] */
  double *log_prob;              /* [count][walker] */
  double *coords;                /* [count][walker][dim] */
  double *blobs;                 /* [count][walker][cell]; NULL without blobs */
} ens_batch;

/* The limit is `bytes` of steps, but at least one step. NULL: no memory. */
ens_batch *ens_batch_create(ens_shape shape, size_t bytes);
void ens_batch_destroy(ens_batch *batch); /* NULL is fine */

/* Copies one step to the end. False: the batch is full, or there is no memory; then it has not changed. */
bool ens_batch_append(ens_batch *batch, const ens_step *step);
/* Copies steps first .. first + count - 1 of `from` to the end, even beyond the limit. False: no memory. */
bool ens_batch_extend(ens_batch *batch, const ens_batch *from, size_t first, size_t count);
static inline bool ens_batch_is_full(const ens_batch *batch) {
  return batch->count >= batch->limit;
}
static inline size_t ens_batch_bytes(const ens_batch *batch) {
  return batch->count * ens_shape_bytes(batch->shape);
}

#endif
