/* A report of a slow evaluation, or of the slow setup of a worker. */
#ifndef ENS_EVAL_SLOW_H
#define ENS_EVAL_SLOW_H

#include <stdbool.h>
#include <stdint.h>

typedef enum ens_slow_what {
  ENS_SLOW_LONG,        /* it has taken longer than 60 s and 20 times the mean; there is no timeout */
  ENS_SLOW_INTERRUPTED, /* it has taken longer than the timeout, and the watcher interrupts it */
  ENS_SLOW_STUCK,       /* it did not end after the interrupt, or cannot be interrupted: the run must end */
  ENS_SLOW_ASKED        /* somebody asked for all evaluations in progress */
} ens_slow_what;

typedef struct ens_slow {
  unsigned worker; /* from 0 */
  bool setup;      /* the worker still makes its instance of the model: there is no step, walker or theta */
  unsigned rank;
  const char *host; /* NULL: the run has one process */
  uint64_t step;
  uint32_t walker;
  const double *theta; /* [ndim], valid during the call */
  double seconds;      /* so far */
  double usual;        /* mean of the finished evaluations, in seconds; 0: none has finished */
  ens_slow_what what;
} ens_slow;

#endif
