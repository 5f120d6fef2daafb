/* The kept steps of a run, wherever they are: read-only access by step. The memory chain is here; the store has its
 * own. */
#ifndef ENS_CORE_CHAIN_H
#define ENS_CORE_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "core/sink.h"

typedef struct ens_chain ens_chain;
typedef struct ens_chain_ops {
  /* Copies `count` steps from `start` (0-based; start + count <= nsteps). A NULL buffer is not wanted.
   * coords [count][walker][dim], log_prob [count][walker], blobs [count][walker][cell], accepted [count][walker]. */
  ens_status (*read)(ens_chain *self, uint64_t start, size_t count, double *coords, double *log_prob, double *blobs,
                     uint8_t *accepted, ens_error *error);
  void (*destroy)(ens_chain *self);
} ens_chain_ops;

struct ens_chain {
  const ens_chain_ops *ops;
  uint64_t nsteps;
  size_t nwalkers, ndim, ncells;
};

/* Chain in memory; grows as its sink is fed. A step for which there is no memory is refused with ENS_MEMORY, and those
 * before it stay. Destroying its chain destroys it. NULL: no memory, or sizes that no memory could hold. */
typedef struct ens_memory_chain ens_memory_chain;
ens_memory_chain *ens_memory_chain_create(size_t nwalkers, size_t ndim, size_t ncells);
ens_chain *ens_memory_chain_chain(ens_memory_chain *memory); /* borrowed */
ens_sink *ens_memory_chain_sink(ens_memory_chain *memory);   /* borrowed */
void ens_memory_chain_reset(ens_memory_chain *memory);       /* forgets every step */
void ens_memory_chain_destroy(ens_memory_chain *memory);

#endif
