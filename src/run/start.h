/* Where the walkers of a run start: drawn or given, evaluated, and drawn again if the model rejects them. */
#ifndef ENS_RUN_START_H
#define ENS_RUN_START_H

#include "core/model/evaluator.h"
#include "core/sampler.h"
#include "run/config.h"
#include "store/store.h"

/* Redraws of a random start at log_prob = -inf before that is an error. */
enum { ENS_RUN_START_ATTEMPTS = 100 };

/* Borrows everything. */
typedef struct ens_run_start_plan {
  const ens_run_config_start *from;
  const ens_model *model;
  uint64_t seed;
  size_t nwalkers;
} ens_run_start_plan;

/* Writes the first positions of all walkers: coords[walker][dim]. */
void ens_run_start_draw(const ens_run_start_plan *plan, double *coords);
/* Draws walker k of a random start; each `attempt` is another draw. out[ndim]. */
void ens_run_start_draw_walker(const ens_run_start_plan *plan, uint64_t attempt, size_t k, double *out);
/* Draws, checks and evaluates the start: fills coords, log_prob and blobs of `out`, which ens_store_checkpoint_free
 * frees, even on failure. ENS_CONFIG: the model rejects the start. Warns of given positions at -inf. */
ens_status ens_run_start_evaluate(const ens_run_start_plan *plan, ens_sampler *sampler, ens_store_checkpoint *out,
                                  ens_error *error);

#endif
