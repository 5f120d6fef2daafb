/* The width of the ring is a power of two, and a mask turns a version into its slot. A change of width moves the rows
 * in use. */
#include "core/state.h"

#include <stdlib.h>
#include <string.h>

bool ens_state_init(ens_state *state, size_t nversions, size_t nwalkers, size_t ndim, size_t ncells) {
  size_t rows = nversions * nwalkers;
  *state =
      (ens_state){.nversions = nversions, .nwalkers = nwalkers, .ndim = ndim, .ncells = ncells, .mask = nversions - 1};
  state->coords = calloc(rows * ndim, sizeof(double));
  state->log_prob = calloc(rows, sizeof(double));
  state->blobs = calloc(rows * ncells + 1, sizeof(double));
  state->accepted = calloc(rows, 1);
  return state->coords && state->log_prob && state->blobs && state->accepted;
}

static void move_rows(void *array, size_t to, size_t from, size_t nwalkers, size_t bytes) {
  memmove((char *)array + to * nwalkers * bytes, (char *)array + from * nwalkers * bytes, nwalkers * bytes);
}

void ens_state_use(ens_state *state, size_t nversions, uint64_t version) {
  size_t from = ens_state_slot(state, version);
  state->mask = nversions - 1;
  size_t to = ens_state_slot(state, version), n = state->nwalkers;
  move_rows(state->coords, to, from, n, state->ndim * sizeof(double));
  move_rows(state->log_prob, to, from, n, sizeof(double));
  move_rows(state->blobs, to, from, n, state->ncells * sizeof(double));
  move_rows(state->accepted, to, from, n, 1);
}

void ens_state_free(ens_state *state) {
  free(state->coords);
  free(state->log_prob);
  free(state->blobs);
  free(state->accepted);
  *state = (ens_state){0};
}
