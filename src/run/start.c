/* Takes or draws the positions, evaluates them all, and draws those anew that the model rejects, up to a limit. */
#include "run/start.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/start.h"
#include "process/process.h"

/* ---- drawing ---- */

void ens_run_start_draw_walker(const ens_run_start_plan *plan, uint64_t attempt, size_t k, double *out) {
  const ens_run_config_start *from = plan->from;
  const ens_model *model = plan->model;
  ens_stream stream = ens_stream_at(plan->seed, attempt, k, ENS_RNG_START);
  if (from->prior)
    model->draw(model, &stream, out);
  else
    ens_start_ball(&stream, model->ndim, from->center, from->spread, out);
  if (model->domain) ens_domain_wrap(model->domain, out);
}

static void take_positions(const ens_run_start_plan *plan, double *coords) {
  size_t n = plan->nwalkers, ndim = plan->model->ndim;
  memcpy(coords, plan->from->positions, n * ndim * sizeof *coords);
  for (size_t k = 0; plan->model->domain && k < n; k++) ens_domain_wrap(plan->model->domain, coords + k * ndim);
}

void ens_run_start_draw(const ens_run_start_plan *plan, double *coords) {
  if (plan->from->positions)
    take_positions(plan, coords);
  else
    for (size_t k = 0; k < plan->nwalkers; k++) ens_run_start_draw_walker(plan, 0, k, coords + k * plan->model->ndim);
}

/* ---- evaluating ---- */

static ens_status report_rejected(const ens_run_start_plan *plan, size_t bad, ens_error *error) {
  if (plan->from->positions)
    return ens_error_set(error, ENS_CONFIG,
                         "start: log_prob is -inf at the positions of all %zu walkers: give positions that the model "
                         "allows",
                         bad);
  if (plan->from->prior)
    return ens_error_set(error, ENS_CONFIG,
                         "start: log_prob is -inf for %zu of %zu walkers, also after %d redraws from the priors: make "
                         "the priors narrower, or give start = ensemble.ball(center, spread) where the model allows",
                         bad, plan->nwalkers, ENS_RUN_START_ATTEMPTS);
  return ens_error_set(error, ENS_CONFIG,
                       "start: log_prob is -inf for %zu of %zu walkers, also after %d redraws: move the ball's center "
                       "to where the model allows, or make its spread smaller",
                       bad, plan->nwalkers, ENS_RUN_START_ATTEMPTS);
}

/* Positions that the user gave are kept, even at -inf. */
static void warn_of_stuck(const ens_run_start_plan *plan, const bool *fine, size_t bad) {
  char list[128] = "";
  size_t shown = 0;
  for (size_t k = 0; k < plan->nwalkers && shown < 10; k++)
    if (!fine[k]) snprintf(list + strlen(list), sizeof list - strlen(list), "%s%zu", shown++ ? ", " : "", k + 1);
  ens_process_note("warning: log_prob is -inf at the start of %zu of %zu walkers (%s%s): they may never move", bad,
                   plan->nwalkers, list, bad > shown ? ", ..." : "");
}

/* Evaluates the walkers that are not fine yet; *bad: how many are still not. */
static ens_status try_walkers(ens_sampler *sampler, const ens_sampler_positions *at, bool *fine, size_t *bad,
                              ens_error *error) {
  ens_status status = ens_sampler_evaluate(sampler, at, error);
  *bad = 0;
  for (size_t k = 0; !status && k < at->n; k++) *bad += !(fine[k] = at->log_prob[k] != -INFINITY);
  return status;
}

static ens_status try_start(const ens_run_start_plan *plan, ens_sampler *sampler, ens_store_checkpoint *out, bool *fine,
                            ens_error *error) {
  size_t n = plan->nwalkers, ndim = plan->model->ndim, bad;
  ens_sampler_positions at = {
      .n = n, .coords = out->coords, .skip = fine, .log_prob = out->log_prob, .blobs = out->blobs};
  bool given = plan->from->positions != NULL;
  ens_status status = try_walkers(sampler, &at, fine, &bad, error);
  for (uint64_t attempt = 1; !status && bad && !given && attempt <= ENS_RUN_START_ATTEMPTS; attempt++) {
    for (size_t k = 0; k < n; k++)
      if (!fine[k]) ens_run_start_draw_walker(plan, attempt, k, out->coords + k * ndim);
    status = try_walkers(sampler, &at, fine, &bad, error);
  }
  if (status || bad == 0) return status;
  if (bad == n || !given) return report_rejected(plan, bad, error);
  warn_of_stuck(plan, fine, bad);
  return ENS_OK;
}

ens_status ens_run_start_evaluate(const ens_run_start_plan *plan, ens_sampler *sampler, ens_store_checkpoint *out,
                                  ens_error *error) {
  size_t n = plan->nwalkers, ndim = plan->model->ndim;
  *out = (ens_store_checkpoint){.coords = malloc(n * ndim * sizeof *out->coords),
                                .log_prob = malloc(n * sizeof *out->log_prob),
                                .blobs = calloc(n * plan->model->blobs.ncells + 1, sizeof *out->blobs)};
  bool *fine = calloc(n, sizeof *fine); /* [walker] evaluated, and not at -inf */
  ens_status status = out->coords && out->log_prob && out->blobs && fine ? ENS_OK : ens_error_memory(error);
  if (!status) {
    ens_run_start_draw(plan, out->coords);
    status = ens_start_check(out->coords, n, ndim, plan->model->parameters, error);
  }
  if (!status) status = try_start(plan, sampler, out, fine, error);
  free(fine);
  return status;
}
