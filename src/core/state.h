/* The walkers' states: a ring of the last versions. Version t of a walker is its state after step t; version 0 is the
 * start. While at most `nversions` versions are in use, readers of old ones and writers of new ones never meet. The
 * ring can be narrowed for a time, because fewer slots stay in the nearest cache. */
#ifndef ENS_CORE_STATE_H
#define ENS_CORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ens_state {
  size_t nversions, nwalkers, ndim, ncells; /* nversions is a power of two */
  size_t mask;                              /* slots in use, less 1 */
  double *coords;                           /* [version][walker][dim] */
  double *log_prob;                         /* [version][walker] */
  double *blobs;                            /* [version][walker][cell] as core/model/blob.h */
  uint8_t *accepted;                        /* [version][walker] */
} ens_state;

/* nversions is a power of two, at least 2. False: no memory (free it all the same). */
bool ens_state_init(ens_state *state, size_t nversions, size_t nwalkers, size_t ndim, size_t ncells);
void ens_state_free(ens_state *state);

/* Uses the first `nversions` slots, a power of two. Keeps `version` alone of all versions. */
void ens_state_use(ens_state *state, size_t nversions, uint64_t version);

static inline size_t ens_state_slot(const ens_state *state, uint64_t version) {
  return (size_t)version & state->mask;
}
static inline size_t ens_state_row(const ens_state *state, uint64_t version, size_t walker) {
  return ens_state_slot(state, version) * state->nwalkers + walker;
}
static inline double *ens_state_coords(const ens_state *state, uint64_t version, size_t walker) {
  return state->coords + ens_state_row(state, version, walker) * state->ndim;
}
static inline double *ens_state_blobs(const ens_state *state, uint64_t version, size_t walker) {
  return state->blobs + ens_state_row(state, version, walker) * state->ncells;
}

#endif
