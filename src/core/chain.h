/* The kept steps of a run: read-only access by step, whether they are in memory (memory_chain.h) or in a store.
 * Interface only. */
#ifndef ENS_CORE_CHAIN_H
#define ENS_CORE_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Steps start .. start + count - 1, counted from 0, and the buffers for them, which the caller owns. A NULL buffer is
 * skipped. */
typedef struct ens_chain_steps {
  uint64_t start;
  size_t count;
  double *coords;    /* [count][walker][dim] */
  double *log_prob;  /* [count][walker] */
  double *blobs;     /* [count][walker][cell] */
  uint8_t *accepted; /* [count][walker] */
} ens_chain_steps;

typedef struct ens_chain ens_chain;
typedef struct ens_chain_ops {
  /* Fills the buffers. ENS_CONFIG if start + count is beyond nsteps. */
  ens_status (*read)(ens_chain *self, const ens_chain_steps *steps, ens_error *error);
  void (*destroy)(ens_chain *self);
} ens_chain_ops;

struct ens_chain {
  const ens_chain_ops *ops;
  uint64_t nsteps;
  size_t nwalkers, ndim, ncells;
};

static inline ens_status ens_chain_read(ens_chain *chain, const ens_chain_steps *steps, ens_error *error) {
  return chain->ops->read(chain, steps, error);
}

#endif
