/* The ensemble sampler: one thread of pure C. It knows moves and walkers; an evaluator evaluates the proposals and
 * sinks take the finished steps. Step t (from 1) is a function of the seed and the states after step t - 1, so the
 * chain is that of the plain sequential algorithm for any evaluator. */
#ifndef ENS_CORE_SAMPLER_H
#define ENS_CORE_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/model/evaluator.h"
#include "core/sink.h"
#include "move/move.h"

typedef enum ens_policy { ENS_POLICY_STOP, ENS_POLICY_REJECT } ens_policy;

typedef struct ens_sampler_config {
  size_t nwalkers;
  uint64_t seed;
  size_t nsplits; /* 2 .. nwalkers */
  bool randomize_split;
  size_t nmoves;
  ens_move *const *move; /* [nmoves] borrowed */
  const double *weight;  /* [nmoves] positive; copied */
  uint64_t tune;         /* steps 1 .. tune adapt the scales of the moves; later steps do not */
  ens_policy on_error, on_nan;
  const ens_domain *domain;                             /* borrowed; NULL: every real number */
  uint64_t max_errors;                                  /* errors and NaNs that "reject" lets pass, in all */
  size_t window;                                        /* steps in progress at the same time; 0: chosen by memory */
  void *context;                                        /* for poll and rejected, both of which may be NULL */
  double (*now)(void);                                  /* monotonic seconds */
  bool (*poll)(void *context);                          /* called often; true: stop */
  void (*rejected)(void *context, const char *message); /* called for each error that "reject" lets pass */
} ens_sampler_config;

typedef struct ens_sampler_counts {
  uint64_t evaluations, errors, nans;
  uint64_t accepted, proposed; /* over all steps, kept or not */
} ens_sampler_counts;

typedef struct ens_sampler ens_sampler;

/* Borrows the model (for names in messages) and the evaluator until destroyed. */
ens_status ens_sampler_create(const ens_sampler_config *config, const ens_model *model, ens_evaluator *evaluator,
                              ens_sampler **out, ens_error *error);
void ens_sampler_destroy(ens_sampler *sampler);                  /* waits for evaluations in flight */
void ens_sampler_add_sink(ens_sampler *sampler, ens_sink *sink); /* borrowed; fed in the order of adding */

/* Positions to evaluate outside the chain, under the names of walkers 0 .. n - 1 at `step`. */
typedef struct ens_sampler_positions {
  uint64_t step;
  size_t n;
  const double *coords; /* [n][ndim] */
  const bool *skip;     /* [n] true: leave this position out; NULL: evaluate all */
  bool strict;          /* ignore the policies: every error ends the evaluation */
  double *log_prob;     /* [n] out */
  double *blobs;        /* [n][ncells] out */
} ens_sampler_positions;

/* Wraps periodic parameters, then evaluates. Outside the domain log_prob is -inf without an evaluation. An error of the
 * model is ENS_MODEL, or a log_prob of -inf if the policies let it pass. ENS_STOPPED: poll said stop. */
ens_status ens_sampler_evaluate(ens_sampler *sampler, const ens_sampler_positions *positions, ens_error *error);
/* Sets the state of every walker after `step` without evaluating it. */
void ens_sampler_restore(ens_sampler *sampler, uint64_t step, const double *coords, const double *log_prob,
                         const double *blobs);
/* Samples until `step` is emitted; updates up to step `horizon` may start before that. ENS_OK: `step` is emitted.
 * ENS_STOPPED: poll said stop; the emitted steps are complete, and later updates are forgotten and come out the same
 * when they are repeated. ENS_ENOUGH: a sink wants no more steps; later updates are forgotten, too. ENS_MODEL: the
 * first error in the order of the sequential algorithm; every step before it is emitted. Any other status is a sink's
 * error. */
ens_status ens_sampler_advance(ens_sampler *sampler, uint64_t step, uint64_t horizon, ens_error *error);

uint64_t ens_sampler_step(const ens_sampler *sampler); /* the last emitted step */
/* The state of tuning after the last emitted step: *n numbers, borrowed. *n is 0 if the run does not tune. */
const double *ens_sampler_tuning(const ens_sampler *sampler, size_t *n);
/* Restores the state of tuning. While tuning, sets *step to the last step in that state: the walkers must then be
 * restored at this step, which may be earlier than the one before the call. ENS_IO: the numbers do not fit. */
ens_status ens_sampler_restore_tuning(ens_sampler *sampler, const double *state, size_t n, uint64_t *step,
                                      ens_error *error);
/* The factor of the move's scale after tuning. 1 without tuning, NaN while it is not finished. */
double ens_sampler_scale(const ens_sampler *sampler, size_t move);
/* The walkers after the last emitted step. Valid until the next advance. */
void ens_sampler_state(ens_sampler *sampler, ens_step *out);
ens_sampler_counts ens_sampler_count(const ens_sampler *sampler);

#endif
