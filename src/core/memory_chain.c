/* Four arrays that grow together. If one cannot grow, the step is not kept and the steps before it stay. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory_chain.h"

enum { FIRST_STEPS = 64 };

struct ens_memory_chain {
  ens_chain chain; /* first member, for the cast from ens_chain */
  ens_sink sink;
  size_t count, capacity; /* steps */
  double *coords, *log_prob, *blobs;
  uint8_t *accepted;
};

static ens_memory_chain *from_sink(ens_sink *sink) {
  return (ens_memory_chain *)(void *)((char *)sink - offsetof(ens_memory_chain, sink));
}

/* Grows one array to `steps` steps of `width` items. On failure the old array stays valid. */
static bool grow_array(void **array, size_t steps, size_t width, size_t item) {
  if (width == 0) return true;
  if (steps > SIZE_MAX / item / width) return false;
  void *grown = realloc(*array, steps * width * item);
  if (!grown) return false;
  *array = grown;
  return true;
}

static bool grow_arrays(ens_memory_chain *memory, size_t steps) {
  const ens_chain *chain = &memory->chain;
  void *coords = memory->coords, *log_prob = memory->log_prob, *blobs = memory->blobs, *accepted = memory->accepted;
  bool grown = grow_array(&coords, steps, chain->nwalkers * chain->ndim, sizeof(double)) &&
               grow_array(&log_prob, steps, chain->nwalkers, sizeof(double)) &&
               grow_array(&blobs, steps, chain->nwalkers * chain->ncells, sizeof(double)) &&
               grow_array(&accepted, steps, chain->nwalkers, sizeof(uint8_t));
  memory->coords = coords; /* arrays that did grow keep their new size */
  memory->log_prob = log_prob;
  memory->blobs = blobs;
  memory->accepted = accepted;
  if (grown) memory->capacity = steps;
  return grown;
}

/* Makes room for twice as many steps; if memory is short, for an eighth more, or for one. */
static bool make_room(ens_memory_chain *memory) {
  size_t count = memory->count;
  if (count < memory->capacity) return true;
  if (count > SIZE_MAX / 2 - FIRST_STEPS) return false;
  return grow_arrays(memory, count ? 2 * count : FIRST_STEPS) || grow_arrays(memory, count + count / 8 + 1) ||
         grow_arrays(memory, count + 1);
}

static ens_status fail_step(const ens_memory_chain *memory, ens_error *error) {
  return ens_error_set(error, ENS_MEMORY,
                       "no memory to keep step %zu of %zu walkers with %zu parameters; the %zu steps before it are "
                       "kept: give the run an output file, or thin it",
                       memory->count + 1, memory->chain.nwalkers, memory->chain.ndim, memory->count);
}

static ens_status sink_step(ens_sink *self, const ens_step *step, ens_error *error) {
  ens_memory_chain *memory = from_sink(self);
  size_t walkers = memory->chain.nwalkers, dims = walkers * memory->chain.ndim, blobs = walkers * memory->chain.ncells;
  size_t at = memory->count;
  if (!make_room(memory)) return fail_step(memory, error);
  if (dims > 0) memcpy(memory->coords + at * dims, step->coords, dims * sizeof(double));
  if (walkers > 0) memcpy(memory->log_prob + at * walkers, step->log_prob, walkers * sizeof(double));
  if (blobs > 0) memcpy(memory->blobs + at * blobs, step->blobs, blobs * sizeof(double));
  if (walkers > 0) memcpy(memory->accepted + at * walkers, step->accepted, walkers);
  memory->count++;
  memory->chain.nsteps = memory->count;
  return ENS_OK;
}

static void copy_steps(void *to, const void *from, uint64_t start, size_t count, size_t bytes) {
  if (to && bytes > 0 && count > 0) memcpy(to, (const char *)from + (size_t)start * bytes, count * bytes);
}

static ens_status chain_read(ens_chain *self, const ens_chain_steps *out, ens_error *error) {
  const ens_memory_chain *memory = (const ens_memory_chain *)self;
  uint64_t start = out->start;
  size_t count = out->count;
  if (start > self->nsteps || count > self->nsteps - start)
    return ens_error_set(error, ENS_CONFIG, "there are no steps %" PRIu64 " to %" PRIu64 ": the chain has %" PRIu64,
                         start + 1, start + count, self->nsteps);
  copy_steps(out->coords, memory->coords, start, count, self->nwalkers * self->ndim * sizeof(double));
  copy_steps(out->log_prob, memory->log_prob, start, count, self->nwalkers * sizeof(double));
  copy_steps(out->blobs, memory->blobs, start, count, self->nwalkers * self->ncells * sizeof(double));
  copy_steps(out->accepted, memory->accepted, start, count, self->nwalkers);
  return ENS_OK;
}

static void chain_destroy(ens_chain *self) {
  ens_memory_chain_destroy((ens_memory_chain *)self);
}

static const ens_chain_ops chain_ops = {chain_read, chain_destroy};
static const ens_sink_ops sink_ops = {sink_step};

static bool fits(size_t nwalkers, size_t width) {
  return width == 0 || nwalkers <= SIZE_MAX / sizeof(double) / width;
}

ens_memory_chain *ens_memory_chain_create(size_t nwalkers, size_t ndim, size_t ncells) {
  if (!fits(nwalkers, ndim) || !fits(nwalkers, ncells) || !fits(nwalkers, 1)) return NULL;
  ens_memory_chain *memory = calloc(1, sizeof *memory);
  if (!memory) return NULL;
  memory->chain = (ens_chain){&chain_ops, 0, nwalkers, ndim, ncells};
  memory->sink = (ens_sink){&sink_ops, NULL};
  return memory;
}

ens_chain *ens_memory_chain_chain(ens_memory_chain *memory) {
  return &memory->chain;
}

ens_sink *ens_memory_chain_sink(ens_memory_chain *memory) {
  return &memory->sink;
}

void ens_memory_chain_reset(ens_memory_chain *memory) {
  memory->count = 0;
  memory->chain.nsteps = 0;
}

void ens_memory_chain_destroy(ens_memory_chain *memory) {
  if (!memory) return;
  free(memory->coords);
  free(memory->log_prob);
  free(memory->blobs);
  free(memory->accepted);
  free(memory);
}
