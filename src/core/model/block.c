/* One allocation for each array, all made at once for the capacity; messages of items are freed when an item is
 * cleared. */
#include <stdlib.h>
#include <string.h>

#include "core/model/block.h"

ens_block *ens_block_create(size_t capacity, size_t ndim, size_t ncells) {
  ens_block *block = calloc(1, sizeof *block);
  if (!block) return NULL;
  block->capacity = capacity;
  block->ndim = ndim;
  block->ncells = ncells;
  block->step = malloc(capacity * sizeof *block->step);
  block->walker = malloc(capacity * sizeof *block->walker);
  block->theta = malloc(capacity * ndim * sizeof *block->theta);
  block->threshold = malloc(capacity * sizeof *block->threshold);
  block->log_prob = malloc(capacity * sizeof *block->log_prob);
  block->blobs = calloc(capacity * ncells + 1, sizeof *block->blobs);
  block->outcome = calloc(capacity, sizeof *block->outcome);
  block->message = calloc(capacity, sizeof *block->message);
  if (block->step && block->walker && block->theta && block->threshold && block->log_prob && block->blobs &&
      block->outcome && block->message)
    return block;
  ens_block_destroy(block);
  return NULL;
}

static void clear_item(ens_block *block, size_t i) {
  if (block->outcome[i] == ENS_EVAL_VALUE) return;
  free(block->message[i]);
  block->message[i] = NULL;
  block->outcome[i] = ENS_EVAL_VALUE;
}

void ens_block_drop_last(ens_block *block) {
  clear_item(block, --block->count);
}

void ens_block_clear(ens_block *block) {
  for (size_t i = 0; i < block->count; i++) clear_item(block, i);
  block->count = 0;
  block->seconds = 0;
}

void ens_block_destroy(ens_block *block) {
  if (!block) return;
  if (block->outcome && block->message) ens_block_clear(block);
  free(block->step);
  free(block->walker);
  free(block->theta);
  free(block->threshold);
  free(block->log_prob);
  free(block->blobs);
  free(block->outcome);
  free(block->message);
  free(block);
}
