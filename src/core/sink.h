/* A sink receives finished steps: memory, store, progress, diagnostics. Interface only. */
#ifndef ENS_CORE_SINK_H
#define ENS_CORE_SINK_H

#include "base/error.h"
#include "core/step.h"

typedef struct ens_sink ens_sink;
typedef struct ens_sink_ops {
  /* ENS_ENOUGH: the sink took the step and wants no more. */
  ens_status (*step)(ens_sink *self, const ens_step *step, ens_error *error);
} ens_sink_ops;

struct ens_sink {
  const ens_sink_ops *ops;
  ens_sink *next; /* set by the sampler, which feeds its sinks in the order of this list */
};

#endif
