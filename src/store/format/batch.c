/* One growing array for each column; capacity doubles up to the limit of a chunk. */
#include "store/format/batch.h"

#include <stdlib.h>
#include <string.h>

ens_batch *ens_batch_create(ens_shape shape, size_t bytes) {
  ens_batch *batch = calloc(1, sizeof *batch);
  if (!batch) return NULL;
  batch->shape = shape;
  batch->limit = bytes / ens_shape_bytes(shape);
  if (!batch->limit) batch->limit = 1;
  return batch;
}

void ens_batch_destroy(ens_batch *batch) {
  if (!batch) return;
  free(batch->accepted);
  free(batch->log_prob);
  free(batch->coords);
  free(batch->blobs);
  free(batch);
}

/* Without memory, the array stays as it was and *ok becomes false. */
static double *grow(double *array, size_t count, bool *ok) {
  if (!*ok || !count) return array;
  double *grown = realloc(array, count * sizeof *grown);
  if (!grown) *ok = false;
  return grown ? grown : array;
}

/* If some arrays grow and another cannot, `capacity` stays that of the smallest. */
static bool reserve(ens_batch *batch, size_t capacity) {
  if (capacity <= batch->capacity) return true;
  size_t w = batch->shape.nwalkers;
  uint8_t *accepted = realloc(batch->accepted, capacity * w);
  if (!accepted) return false;
  batch->accepted = accepted;
  bool ok = true;
  batch->log_prob = grow(batch->log_prob, capacity * w, &ok);
  batch->coords = grow(batch->coords, capacity * w * batch->shape.ndim, &ok);
  batch->blobs = grow(batch->blobs, capacity * w * batch->shape.ncells, &ok);
  if (ok) batch->capacity = capacity;
  return ok;
}

static size_t next_capacity(const ens_batch *batch) {
  size_t doubled = batch->capacity ? 2 * batch->capacity : 4;
  return doubled < batch->limit ? doubled : batch->limit;
}

static void copy_steps(ens_batch *batch, size_t count, const uint8_t *accepted, const double *log_prob,
                       const double *coords, const double *blobs) {
  size_t w = batch->shape.nwalkers, d = w * batch->shape.ndim, b = w * batch->shape.ncells, at = batch->count;
  memcpy(batch->accepted + at * w, accepted, count * w);
  memcpy(batch->log_prob + at * w, log_prob, count * w * sizeof(double));
  memcpy(batch->coords + at * d, coords, count * d * sizeof(double));
  if (b) memcpy(batch->blobs + at * b, blobs, count * b * sizeof(double));
  batch->count += count;
}

bool ens_batch_append(ens_batch *batch, const ens_step *step) {
  if (ens_batch_is_full(batch)) return false;
  if (batch->count == batch->capacity && !reserve(batch, next_capacity(batch))) return false;
  copy_steps(batch, 1, step->accepted, step->log_prob, step->coords, step->blobs);
  return true;
}

bool ens_batch_extend(ens_batch *batch, const ens_batch *from, size_t first, size_t count) {
  if (!count) return true;
  if (!reserve(batch, batch->count + count)) return false;
  size_t w = batch->shape.nwalkers, d = w * batch->shape.ndim, b = w * batch->shape.ncells;
  copy_steps(batch, count, from->accepted + first * w, from->log_prob + first * w, from->coords + first * d,
             b ? from->blobs + first * b : NULL);
  return true;
}
