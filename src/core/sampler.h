/* The ensemble sampler: one thread of pure C. It knows moves and walkers; evaluations are behind an evaluator, finished
 * steps go to sinks. Step t (from 1) is a function of the seed and the states after step t - 1, so the chain is that of
 * the plain sequential algorithm whatever the evaluator does. */
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
  uint64_t tune;         /* steps 1 .. tune adapt the scales of the moves, which then stand still */
  ens_policy on_error, on_nan;
  const ens_domain *domain;                             /* of the parameters, borrowed; NULL: all numbers */
  uint64_t max_errors;                                  /* failures in all that "reject" lets pass */
  size_t window;                                        /* steps that may be under way at a time; 0: chosen by memory */
  void *context;                                        /* for the three below, any of which may be NULL but now */
  double (*now)(void);                                  /* monotonic seconds */
  bool (*poll)(void *context);                          /* called often; true: stop */
  void (*rejected)(void *context, const char *message); /* a failure that "reject" let pass */
} ens_sampler_config;

typedef struct ens_sampler_counts {
  uint64_t evaluations, errors, nans;
  uint64_t accepted, proposed; /* of all steps, kept or not */
} ens_sampler_counts;

typedef struct ens_sampler ens_sampler;

/* Borrows model (names, for messages) and evaluator until destroyed. */
ens_status ens_sampler_create(const ens_sampler_config *config, const ens_model *model, ens_evaluator *evaluator,
                              ens_sampler **out, ens_error *error);
void ens_sampler_destroy(ens_sampler *sampler);                  /* waits for evaluations in flight */
void ens_sampler_add_sink(ens_sampler *sampler, ens_sink *sink); /* borrowed; fed in the order of adding */

/* Positions to be evaluated beside the chain, as those of walkers 0 .. n - 1 at `step`. */
typedef struct ens_sampler_positions {
  uint64_t step;
  size_t n;
  const double *coords; /* [n][ndim] */
  const bool *skip;     /* [n] those to be left alone; NULL: none */
  bool strict;          /* no policy lets a failure pass */
  double *log_prob;     /* [n] out */
  double *blobs;        /* [n][ncells] out */
} ens_sampler_positions;

/* Outside the domain log_prob is -inf without an evaluation; periodic parameters are wrapped before one. A failure is
 * ENS_MODEL, or -inf where the policies let it pass. */
ens_status ens_sampler_evaluate(ens_sampler *sampler, const ens_sampler_positions *positions, ens_error *error);
/* Sets every walker's state after `step`; nothing is evaluated. */
void ens_sampler_restore(ens_sampler *sampler, uint64_t step, const double *coords, const double *log_prob,
                         const double *blobs);
/* Goes on until `step` is emitted. Updates up to step `horizon` may be started on the way.
 * ENS_OK; ENS_STOPPED when poll said so: all emitted steps are whole, what ran ahead is forgotten and will come out the
 * same again; ENS_ENOUGH when a sink said so at the last emitted step, likewise; ENS_MODEL: the first failure in the
 * order of the sequential algorithm, every step before it emitted. */
ens_status ens_sampler_advance(ens_sampler *sampler, uint64_t step, uint64_t horizon, ens_error *error);

uint64_t ens_sampler_step(const ens_sampler *sampler); /* the last emitted one */
/* What the moves have learnt after the last emitted step: *n numbers, 0 where nothing is tuned; borrowed. */
const double *ens_sampler_tuning(const ens_sampler *sampler, size_t *n);
/* Puts it back, and the steps that it was learnt from: the step to restore the walkers' states at, which is less than
 * the one asked for only while tuning. ENS_IO: these are no such numbers. */
ens_status ens_sampler_restore_tuning(ens_sampler *sampler, const double *state, size_t n, uint64_t *step,
                                      ens_error *error);
/* The factor of the move's scale after tuning; 1 where nothing is tuned, NaN while it is. */
double ens_sampler_scale(const ens_sampler *sampler, size_t move);
/* The walkers after the last emitted step. Valid until the next advance. */
void ens_sampler_state(ens_sampler *sampler, ens_step *out);
ens_sampler_counts ens_sampler_count(const ens_sampler *sampler);

#endif
