#include "core/state.h"

#include <stdlib.h>

bool ens_state_init(ens_state *state, size_t nversions, size_t nwalkers, size_t ndim, size_t ncells) {
  size_t rows = nversions * nwalkers;
  *state = (ens_state){.nversions = nversions, .nwalkers = nwalkers, .ndim = ndim, .ncells = ncells};
  state->coords = calloc(rows * ndim, sizeof(double));
  state->log_prob = calloc(rows, sizeof(double));
  state->blobs = calloc(rows * ncells + 1, sizeof(double));
  state->accepted = calloc(rows, 1);
  return state->coords && state->log_prob && state->blobs && state->accepted;
}

void ens_state_free(ens_state *state) {
  free(state->coords);
  free(state->log_prob);
  free(state->blobs);
  free(state->accepted);
  *state = (ens_state){0};
}
