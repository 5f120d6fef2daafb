/* What answers log-probabilities: the interface between the sampler and everything slow. Interface only.
 *
 * A model is one thing (its names); each worker owns an instance of it (a Lua state, a native context). An evaluator
 * has instances and threads or none; the sampler sees blocks go in and come out, in any order. */
#ifndef ENS_CORE_EVALUATOR_H
#define ENS_CORE_EVALUATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bundle.h"
#include "base/rng.h"
#include "base/status.h"
#include "core/blob.h"
#include "core/domain.h"

typedef enum ens_outcome {
  ENS_EVAL_VALUE = 0, /* log_prob is a number or -inf */
  ENS_EVAL_NAN,       /* the model returned NaN */
  ENS_EVAL_ERROR      /* the model failed; message[i] says how */
} ens_outcome;

/* A block of proposals. Allocated by the sampler (ens_block_create), lent to an evaluator from submit until wait
 * returns it. Arrays are indexed by item; theta and blobs are row-major. */
typedef struct ens_block {
  size_t count, capacity, ndim, ncells;
  uint64_t *step;         /* [count] in: the step that the evaluation belongs to; 0 is the start */
  uint32_t *walker;       /* [count] in: from 0 */
  double *theta;          /* [count][ndim] in */
  double *threshold;      /* [count] the sampler's own note; evaluators leave it alone */
  double *log_prob;       /* [count] out */
  double *blobs;          /* [count][ncells] out: rows as core/blob.h lays them out */
  uint8_t *outcome;       /* [count] out: ens_outcome; 0 when submitted */
  char **message;         /* [count] out: malloc'ed text of a failure: what, at which place of the model, on the first
                             line, then a traceback; NULL unless outcome says failure (and then too, without memory) */
  double seconds;         /* out: time spent in the model for the whole block */
  unsigned worker;        /* out: who did it, from 0 */
  unsigned rank;          /* out: on which rank of a job */
  const char *host;       /* out: of that rank, for as long as the process lives; NULL: there is but this process */
  _Atomic size_t at;      /* the item that is being evaluated: models set it, watchdogs read it from another thread */
  struct ens_block *next; /* for whoever holds the block */
} ens_block;

ens_block *ens_block_create(size_t capacity, size_t ndim, size_t ncells); /* NULL: no memory */
void ens_block_destroy(ens_block *block);
void ens_block_clear(ens_block *block); /* count = 0, messages freed */
void ens_block_drop_last(ens_block *block);

/* What a model is, whatever it is written in. Owned by its creator; instances borrow it. */
typedef struct ens_model ens_model;
typedef struct ens_model_ops {
  /* Makes a worker's own instance, in that worker's thread. Errors say what is wrong with the model. */
  ens_status (*instance)(ens_model *model, unsigned worker, void **instance, ens_error *error);
  /* Fills log_prob, blobs, outcome, message of every item. Never fails as a whole. */
  void (*evaluate)(void *instance, ens_block *block);
  void (*release)(void *instance); /* NULL is fine */
  /* The evaluation that is going on should end soon, as an error. Called in the evaluating thread by a signal handler,
   * so it may do only what is safe there. NULL: it cannot be asked to. */
  void (*interrupt)(void *instance);
  /* What another process needs to make the same model; may lend memory of the model's. NULL: it stays here. */
  ens_status (*pack)(const ens_model *model, ens_bundle *out, ens_error *error);
  void (*destroy)(ens_model *model);
} ens_model_ops;

struct ens_model {
  const ens_model_ops *ops;
  const char *name; /* for messages: a file, or "inline model" */
  size_t ndim;
  char **parameters; /* [ndim] names, unique */
  ens_blobs blobs;
  ens_domain *domain;                         /* NULL: all numbers */
  char fingerprint[64], data_fingerprint[64]; /* change when the model or its data do; for stores */
  char *data_fields; /* of the entries of data, for whoever asks which has changed: see data.lua; NULL: not known */
  uint64_t seed;     /* of random numbers that a model draws itself; set before the first instance is made */
  /* theta[ndim] drawn from the model's priors, in the order of the parameters; NULL: it has none. */
  void (*draw)(const ens_model *model, ens_stream *stream, double *theta);
};

/* One worker's count since the evaluator was made. */
typedef struct ens_worker_stats {
  unsigned rank, worker;
  uint64_t evaluations;
  double busy_s; /* inside the model */
  char host[64]; /* letters, digits and ._- only; "": this one's, or not known */
} ens_worker_stats;

typedef struct ens_evaluator ens_evaluator;
typedef struct ens_evaluator_ops {
  /* How many blocks in flight keep every worker busy and one block ahead. */
  size_t (*capacity)(ens_evaluator *self);
  size_t (*workers)(ens_evaluator *self);
  /* Lends the block until wait returns it. */
  void (*submit)(ens_evaluator *self, ens_block *block);
  /* Returns finished blocks, linked by next, or NULL after `timeout` seconds without one (negative: no limit). */
  ens_block *(*wait)(ens_evaluator *self, double timeout);
  /* Takes back what nobody has begun: blocks as they were lent, linked by next; NULL: none. The op is NULL where that
   * cannot be done. */
  ens_block *(*recall)(ens_evaluator *self);
  /* Whether wait does the first worker's evaluations itself, on the calling thread: then no thread sleeps and wakes for
   * cheap ones. While an evaluation lasts, nobody hands out new blocks: not for costly ones. */
  void (*help)(ens_evaluator *self, bool helping);
  /* Evaluates on the calling thread, at once. Only while nothing is in flight. */
  void (*evaluate)(ens_evaluator *self, ens_block *block);
  void (*stats)(ens_evaluator *self, size_t worker, ens_worker_stats *out);
  void (*destroy)(ens_evaluator *self); /* waits for evaluations in flight */
} ens_evaluator_ops;

struct ens_evaluator {
  const ens_evaluator_ops *ops;
};

#endif
