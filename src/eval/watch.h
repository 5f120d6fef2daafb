/* The settings of a watcher that reports slow evaluations. */
#ifndef ENS_EVAL_WATCH_H
#define ENS_EVAL_WATCH_H

#include "eval/slow.h"

typedef struct ens_watch {
  double timeout;       /* seconds of an evaluation; 0: no limit */
  double setup_timeout; /* seconds of a worker's setup; 0: no limit */
  void *context;        /* the first argument of the functions below */
  /* Reports an evaluation or a setup, from a thread of the pool. Each evaluation is reported once for each reason, and
   * for ENS_SLOW_ASKED whenever `asked` returns true. A setup cannot be interrupted. */
  void (*report)(void *context, const ens_slow *slow);
  /* Called about once a second: true to have all evaluations in progress reported. NULL: never. */
  bool (*asked)(void *context);
  /* Called now and then on the thread that creates the pool, while the workers make their instances. That thread then
   * makes none itself: even a single worker gets a thread of its own. NULL: nothing to do meanwhile. */
  void (*building)(void *context);
  unsigned first; /* the number that the model knows the first worker by */
} ens_watch;

#endif
