/* Where finished steps go: memory, store, progress, diagnostics. Interface only. */
#ifndef ENS_CORE_SINK_H
#define ENS_CORE_SINK_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* One step. The arrays are borrowed: valid during the call only. */
typedef struct ens_step {
  uint64_t index;          /* the step, from 1; for chains and stores the kept steps so far, this one counted */
  const double *coords;    /* [walker][dim] */
  const double *log_prob;  /* [walker] */
  const double *blobs;     /* [walker][cell] as core/blob.h */
  const uint8_t *accepted; /* [walker] 1 where the last proposal before this step was accepted */
  size_t imove;            /* which of the sampler's moves made them, from 0 */
} ens_step;

typedef struct ens_sink ens_sink;
typedef struct ens_sink_ops {
  /* ENS_ENOUGH: the step was taken, and no more are wanted. */
  ens_status (*step)(ens_sink *self, const ens_step *step, ens_error *error);
} ens_sink_ops;

struct ens_sink {
  const ens_sink_ops *ops;
  ens_sink *next; /* the sampler walks the list in order */
};

#endif
