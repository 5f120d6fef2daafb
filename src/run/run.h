/* A run as a whole: model, sampler, workers, store and screen, put together. This header hides them, so that script/
 * can drive a run without knowing its parts. */
#ifndef ENS_RUN_RUN_H
#define ENS_RUN_RUN_H

#include "core/invariance.h"
#include "run/config.h"
#include "run/info.h"
#include "run/look.h"
#include "run/origin.h"

typedef struct ens_run ens_run;

/* Takes the config, even on failure; borrows the model until ens_run_destroy. Compares the output with the run if
 * it exists; starts no thread and evaluates nothing. ENS_CONFIG, ENS_IO, ENS_MEMORY. */
ens_status ens_run_create(ens_run_config *config, ens_model *model, ens_run **out, ens_error *error);
void ens_run_destroy(ens_run *run); /* finishes the run first; NULL is fine */

uint64_t ens_run_steps(const ens_run *run); /* kept steps of the chain */
uint64_t ens_run_tuned(const ens_run *run); /* tuning steps so far; 0: none, or the run has not begun */
uint64_t ens_run_saved(const ens_run *run); /* kept steps that are safe in the output */

/* Samples until the chain has `kept` steps. Workers may evaluate ahead, up to `horizon` kept steps. The first call
 * starts the workers and evaluates the start. heed: ends early at the first check at which all rules of
 * config.stopping.until hold. Returns as ens_sampler_advance, or ENS_IO of the store. */
ens_status ens_run_advance(ens_run *run, uint64_t kept, uint64_t horizon, bool heed, ens_error *error);
/* Ends the run: commits all steps and closes the store with its final status. The chain can still be read. */
ens_status ens_run_finish(ens_run *run, ens_error *error);

/* Whether the chain has converged by the rules of config.stopping.until. */
typedef struct ens_run_verdict {
  bool asked;       /* there are rules */
  uint64_t reached; /* the step of the first check at which all rules held; 0: none yet */
  uint64_t steps;   /* that all rules need in all; 0: not known */
  char text[1024];  /* of the last check: the rules that did not hold, or all if all held; see ens_until_describe */
} ens_run_verdict;
void ens_run_judge(const ens_run *run, ens_run_verdict *out);

/* The state after the last step; borrowed, valid until the next call. Begins the run if it has not begun. */
ens_status ens_run_state(ens_run *run, ens_step *out, ens_error *error);
/* The chain so far; borrowed, valid until the next call that takes the run. */
ens_status ens_run_chain(ens_run *run, ens_chain **out, ens_error *error);
/* Accepted flags of the chain, summed: [walker]; borrowed. */
ens_status ens_run_accepted(ens_run *run, const uint64_t **out, ens_error *error);
/* Describes a live run, or its store if it has not begun. The caller frees *out. */
ens_status ens_run_describe(ens_run *run, ens_run_info *out, ens_error *error);

/* Evaluates the model at positions[n][ndim]: log_prob[n] and blobs[n][ncells]. The chain does not change. */
ens_status ens_run_compute(ens_run *run, size_t n, const double *positions, double *log_prob, double *blobs,
                           ens_error *error);
/* Forgets the chain in memory; the walkers stay. ENS_CONFIG: the chain is stored. */
ens_status ens_run_reset(ens_run *run, ens_error *error);
/* From now on every thin_by-th step is kept. ENS_CONFIG: the chain is stored with another thin_by. */
ens_status ens_run_thin(ens_run *run, uint64_t thin_by, ens_error *error);
/* Off: kept steps are counted, but the chain does not take them. On again: they are forgotten. ENS_CONFIG: the chain is
 * stored. */
ens_status ens_run_record(ens_run *run, bool on, ens_error *error);
/* Places the walkers at a new start, which is taken; the chain stays. */
ens_status ens_run_restart(ens_run *run, ens_run_config_start *start, ens_error *error);

/* Looks at the model of a run that has not begun; see ens_look_take. The caller frees *out with ens_look_free. */
ens_status ens_run_inspect(ens_run *run, const ens_look_options *options, ens_look *out, ens_error *error);
/* Tests the invariance of the run's moves (core/invariance.h), without its model. */
ens_status ens_run_test_moves(ens_run *run, const ens_invariance *test, ens_invariance_result *out, ens_error *error);

#endif
