/* An evaluator computes log-probabilities: the interface between the sampler and everything slow. Interface only. It
 * owns the model's instances and its threads, if it has any; the sampler submits blocks and gets them back in any
 * order. */
#ifndef ENS_CORE_MODEL_EVALUATOR_H
#define ENS_CORE_MODEL_EVALUATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/model/model.h"

/* One worker's counts since the evaluator was made. */
typedef struct ens_evaluator_stats {
  unsigned rank, worker;
  uint64_t evaluations;
  double busy_s; /* inside the model */
  char host[64]; /* letters, digits and ._- only; "": this host, or not known */
} ens_evaluator_stats;

typedef struct ens_evaluator ens_evaluator;
typedef struct ens_evaluator_ops {
  /* Number of blocks in flight that keeps every worker busy with one block queued. 0: no workers, use evaluate. */
  size_t (*capacity)(ens_evaluator *self);
  size_t (*workers)(ens_evaluator *self);
  /* Lends the block until wait returns it. */
  void (*submit)(ens_evaluator *self, ens_block *block);
  /* Returns finished blocks, linked by next, or NULL after `timeout` seconds without one (negative: no limit). */
  ens_block *(*wait)(ens_evaluator *self, double timeout);
  /* Returns the blocks that no worker has started, unchanged and linked by next; NULL: none. The op itself is NULL if
   * the evaluator cannot take blocks back. */
  ens_block *(*recall)(ens_evaluator *self);
  /* While helping, wait does the first worker's evaluations on the calling thread, so that cheap evaluations need no
   * thread to wake. No blocks are handed out during such an evaluation: it does not suit costly ones. */
  void (*help)(ens_evaluator *self, bool helping);
  /* Evaluates on the calling thread, at once. Only while nothing is in flight. */
  void (*evaluate)(ens_evaluator *self, ens_block *block);
  void (*stats)(ens_evaluator *self, size_t worker, ens_evaluator_stats *out);
  void (*destroy)(ens_evaluator *self); /* waits for evaluations in flight */
} ens_evaluator_ops;

struct ens_evaluator {
  const ens_evaluator_ops *ops;
};

#endif
