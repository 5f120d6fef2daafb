/* Evaluator with worker threads in this process. Each worker owns an instance of the model, made in its own thread. */
#ifndef ENS_EVAL_POOL_H
#define ENS_EVAL_POOL_H

#include "core/model/evaluator.h"

typedef enum ens_slow_what { ENS_SLOW_LONG, ENS_SLOW_INTERRUPTED, ENS_SLOW_STUCK, ENS_SLOW_ASKED } ens_slow_what;

/* An evaluation that lasts, or a worker's setup. */
typedef struct ens_slow {
  unsigned worker; /* from 0 */
  bool setup;      /* the worker's instance is being made: step, walker and theta are not known then */
  unsigned rank;
  const char *host; /* NULL: there is but this process */
  uint64_t step;
  uint32_t walker;
  const double *theta;   /* [ndim], valid during the call */
  double seconds, usual; /* so far; the mean of those that are done, 0: none is */
  ens_slow_what what;
} ens_slow;

/* What to tell, and when. `report` is called from a thread of the pool's: ENS_SLOW_LONG once for an evaluation that is
 * beyond 60 s and 20 times the usual, where there is no timeout; ENS_SLOW_INTERRUPTED when it is beyond the timeout and
 * was told to end; ENS_SLOW_STUCK when it did not, or cannot be told: the run cannot go on. ENS_SLOW_ASKED of every
 * evaluation that is going on whenever `asked`, which is called about once a second, answers true. A setup cannot be
 * told to end. */
typedef struct ens_watch {
  double timeout;       /* seconds; 0: none */
  double setup_timeout; /* likewise */
  void *context;
  void (*report)(void *context, const ens_slow *slow);
  bool (*asked)(void *context); /* NULL: never */
  /* NULL, or called now and then on the creating thread while instances are made. Then that thread has other things to
   * do: one worker has a thread of its own too. */
  void (*building)(void *context);
  unsigned first; /* the number of the first worker, for the model */
} ens_watch;

/* One instance a worker. With one worker no thread is started (but see `building`): capacity is 0 and only `evaluate`
 * works. The model is borrowed until the evaluator is destroyed. watch NULL: nobody watches. Returns the error of the
 * first worker (by number) whose instance fails. */
ens_status ens_pool_create(ens_model *model, size_t nworkers, const ens_watch *watch, ens_evaluator **out,
                           ens_error *error);

/* The first worker's instance, for looks at what only its own language knows; while nothing is in flight. */
void *ens_pool_instance(const ens_evaluator *pool);

/* The evaluation or setup that the calling thread is at, and of what model; false: at none. For signal handlers. */
bool ens_pool_here(ens_slow *out, const ens_model **model);

#endif
