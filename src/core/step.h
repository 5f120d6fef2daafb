/* One step of a chain, as the sampler hands it to its sinks. */
#ifndef ENS_CORE_STEP_H
#define ENS_CORE_STEP_H

#include <stddef.h>
#include <stdint.h>

/* The arrays are borrowed: valid during the call only. */
typedef struct ens_step {
  uint64_t index;         /* from 1: the sampler's step; in chains and stores the number of kept steps, this included */
  const double *coords;   /* [walker][dim] */
  const double *log_prob; /* [walker] */
  const double *blobs;    /* [walker][cell] as core/model/blob.h */
  const uint8_t *accepted; /* [walker] 1 if the last proposal before this step was accepted */
  size_t imove;            /* the move of this step, as an index from 0 into the sampler's moves */
} ens_step;

#endif
