/* The walkers' states: a ring of the last versions. Version t of a walker is its state after step t; version 0 is the
 * start. Readers of older versions and writers of newer ones never meet while at most `nversions` are alive. */
#ifndef ENS_CORE_STATE_H
#define ENS_CORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ens_state {
  size_t nversions, nwalkers, ndim, ncells;
  double *coords;    /* [version][walker][dim] */
  double *log_prob;  /* [version][walker] */
  double *blobs;     /* [version][walker][cell] as core/blob.h */
  uint8_t *accepted; /* [version][walker] */
} ens_state;

bool ens_state_init(ens_state *state, size_t nversions, size_t nwalkers, size_t ndim, size_t ncells);
void ens_state_free(ens_state *state);

static inline size_t ens_state_row(const ens_state *state, uint64_t version, size_t walker) {
  return (size_t)(version % state->nversions) * state->nwalkers + walker;
}
static inline double *ens_state_coords(const ens_state *state, uint64_t version, size_t walker) {
  return state->coords + ens_state_row(state, version, walker) * state->ndim;
}
static inline double *ens_state_blobs(const ens_state *state, uint64_t version, size_t walker) {
  return state->blobs + ens_state_row(state, version, walker) * state->ncells;
}

#endif
