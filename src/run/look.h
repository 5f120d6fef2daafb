/* A look at a model before a long run, on the calling thread: it is evaluated at the start of the run and where the
 * first steps would go, again in the same instance, and in another instance in the opposite order. */
#ifndef ENS_RUN_LOOK_H
#define ENS_RUN_LOOK_H

#include "core/sampler.h"
#include "run/start.h"

/* An evaluation and its answer. */
typedef struct ens_look_point {
  uint64_t step; /* 0: the start */
  uint32_t walker;
  uint8_t outcome; /* ens_outcome */
  bool lasted;     /* it took too long and was interrupted */
  double log_prob, seconds;
} ens_look_point;

typedef enum ens_look_same {
  ENS_LOOK_SAME,    /* repeated evaluations give the same bits */
  ENS_LOOK_HISTORY, /* answers depend on the evaluations before */
  ENS_LOOK_STATE,   /* answers depend on the worker's instance */
  ENS_LOOK_CHANCE   /* each evaluation gives another answer */
} ens_look_same;

typedef struct ens_look {
  size_t n, capacity, ndim, ncells;
  size_t nstart; /* the first nstart of the n points are of the start */
  ens_look_point *point;
  double *theta, *blobs;         /* [n][ndim], [n][ncells] */
  double evaluations_per_update; /* 0: not known */
  double loop_seconds;           /* of an evaluation and its share of the sampler, on one thread; 0: not measured */
  char *message;                 /* the first line of the first error; NULL: none */
  size_t failed;                 /* the point of that error */
  double state_seconds;          /* to make a worker's instance */
  size_t state_bytes;            /* that an instance takes by malloc */
  ens_look_same same;
  bool calls_agree, states_agree; /* repeated calls in one instance, and calls in two instances */
  bool differs;                   /* some answer is not the same: */
  bool in_blobs;                  /* its blobs are not, but its log_prob is */
  size_t different;               /* its point */
  double other;                   /* its other log_prob; NaN: an error */
} ens_look;

/* Called on the calling thread, for the model's own language. */
typedef struct ens_look_hooks {
  void *context;
  /* Called with n = 0 before some evaluations, and with their number after them. */
  void (*count_bytes)(void *context, void *instance, size_t n);
  void (*end)(void *context, void *instance); /* after all evaluations */
} ens_look_hooks;

typedef struct ens_look_options {
  double seconds;              /* for the points; the whole look takes about four times as long */
  const ens_look_hooks *hooks; /* NULL: none */
} ens_look_options;

/* The run that is looked at. */
typedef struct ens_look_subject {
  ens_run_start_plan start;
  ens_sampler_config sampling;
  ens_model *model;
  double eval_timeout; /* of the script, in seconds; 0: none */
} ens_look_subject;

/* Nothing is sampled or stored. The caller frees *out with ens_look_free if ENS_OK is returned. ENS_MODEL: the model
 * cannot be set up. ENS_STOPPED: by a signal. Errors of evaluations are counted, not returned. */
ens_status ens_look_take(const ens_look_subject *subject, const ens_look_options *options, ens_look *out,
                         ens_error *error);
void ens_look_free(ens_look *look);
size_t ens_look_heap_bytes(void); /* that malloc has lent to the process; 0: not known */

#endif
