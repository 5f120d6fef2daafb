/* Where the walkers of a run begin: drawn or given, evaluated, checked, and drawn again where the model refuses. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/start.h"
#include "process/process.h"
#include "run/parts.h"
#include "run/record.h"
#include "store/create.h"

/* Redraws of a start at -inf, where the start is random, before it is given up. */
enum { START_ATTEMPTS = 100 };

typedef struct beginning {
  double *coords, *log_prob, *blobs;
  bool *fine; /* [walker] evaluated, and not at -inf */
} beginning;

void ens_run_draw_walker(const ens_run *run, uint64_t attempt, size_t k, double *out) {
  const ens_run_start *start = &run->config.start;
  ens_stream stream = ens_stream_at(run->config.seed, attempt, k, ENS_RNG_START);
  if (start->prior)
    run->model->draw(run->model, &stream, out);
  else
    ens_start_ball(&stream, run->model->ndim, start->center, start->spread, out);
  if (run->model->domain) ens_domain_wrap(run->model->domain, out);
}

static void take_positions(const ens_run *run, double *coords) {
  size_t n = run->config.nwalkers, ndim = run->model->ndim;
  memcpy(coords, run->config.start.positions, n * ndim * sizeof *coords);
  for (size_t k = 0; run->model->domain && k < n; k++) ens_domain_wrap(run->model->domain, coords + k * ndim);
}

void ens_run_draw_start(const ens_run *run, double *coords) {
  if (run->config.start.positions)
    take_positions(run, coords);
  else
    for (size_t k = 0; k < run->config.nwalkers; k++) ens_run_draw_walker(run, 0, k, coords + k * run->model->ndim);
}

static ens_status refuse_start(const ens_run *run, size_t bad, ens_error *error) {
  if (run->config.start.positions)
    return ens_error_set(error, ENS_CONFIG,
                         "start: log_prob is -inf at the positions of all %zu walkers: give positions that the model "
                         "allows",
                         bad);
  if (run->config.start.prior)
    return ens_error_set(error, ENS_CONFIG,
                         "start: log_prob is -inf for %zu of %zu walkers, also after %d redraws from the priors: make "
                         "the priors narrower, or give start = ensemble.ball(center, spread) where the model allows",
                         bad, run->config.nwalkers, START_ATTEMPTS);
  return ens_error_set(error, ENS_CONFIG,
                       "start: log_prob is -inf for %zu of %zu walkers, also after %d redraws: move the ball's center "
                       "to where the model allows, or make its spread smaller",
                       bad, run->config.nwalkers, START_ATTEMPTS);
}

/* Positions that the user chose are kept; those at -inf are named. */
static void warn_of_stuck(const ens_run *run, const beginning *b, size_t bad) {
  char list[128] = "";
  size_t shown = 0;
  for (size_t k = 0; k < run->config.nwalkers && shown < 10; k++)
    if (!b->fine[k]) snprintf(list + strlen(list), sizeof list - strlen(list), "%s%zu", shown++ ? ", " : "", k + 1);
  ens_process_note("warning: log_prob is -inf at the start of %zu of %zu walkers (%s%s): they may never move", bad,
                   run->config.nwalkers, list, bad > shown ? ", ..." : "");
}

/* Evaluates the walkers that are not fine; how many are not fine then. */
static ens_status try_walkers(ens_run *run, beginning *b, size_t *bad, ens_error *error) {
  ens_sampler_positions at = {
      .n = run->config.nwalkers, .coords = b->coords, .skip = b->fine, .log_prob = b->log_prob, .blobs = b->blobs};
  ens_status status = ens_sampler_evaluate(run->sampler, &at, error);
  *bad = 0;
  for (size_t k = 0; !status && k < at.n; k++) *bad += !(b->fine[k] = b->log_prob[k] != -INFINITY);
  return status;
}

/* A walker at -inf whose start is random begins elsewhere. */
static ens_status evaluate_start(ens_run *run, beginning *b, ens_error *error) {
  size_t n = run->config.nwalkers, ndim = run->model->ndim, bad;
  bool given = run->config.start.positions != NULL;
  ens_status status = try_walkers(run, b, &bad, error);
  for (uint64_t attempt = 1; !status && bad && !given && attempt <= START_ATTEMPTS; attempt++) {
    for (size_t k = 0; k < n; k++)
      if (!b->fine[k]) ens_run_draw_walker(run, attempt, k, b->coords + k * ndim);
    status = try_walkers(run, b, &bad, error);
  }
  if (status || bad == 0) return status;
  if (bad == n || !given) return refuse_start(run, bad, error);
  warn_of_stuck(run, b, bad);
  return ENS_OK;
}

static ens_status make_beginning(ens_run *run, beginning *b, ens_error *error) {
  size_t n = run->config.nwalkers, ndim = run->model->ndim;
  b->coords = malloc(n * ndim * sizeof *b->coords);
  b->log_prob = malloc(n * sizeof *b->log_prob);
  b->blobs = calloc(n * run->model->blobs.ncells + 1, sizeof *b->blobs);
  b->fine = calloc(n, sizeof *b->fine);
  if (!b->coords || !b->log_prob || !b->blobs || !b->fine) return ens_error_memory(error);
  ens_run_draw_start(run, b->coords);
  ens_status status = ens_start_check(b->coords, n, ndim, run->model->parameters, error);
  return status ? status : evaluate_start(run, b, error);
}

static void free_beginning(beginning *b) {
  free(b->coords);
  free(b->log_prob);
  free(b->blobs);
  free(b->fine);
}

static ens_status create_store(ens_run *run, const beginning *b, ens_error *error) {
  ens_store_record record;
  ens_store_options options = ens_run_store_options(run);
  ens_store_checkpoint start = {
      .coords = b->coords, .log_prob = b->log_prob, .blobs = b->blobs, .naccepted = run->naccepted};
  ens_status status = ens_run_record_make(&run->config, run->model, &record, error);
  if (status) return status;
  status = ens_store_create(run->config.output, &record, &start, &options, &run->store, error);
  ens_run_record_clear(&record);
  return status;
}

ens_status ens_run_start_anew(ens_run *run, ens_error *error) {
  beginning b = {0};
  ens_status status = make_beginning(run, &b, error);
  if (!status) ens_sampler_restore(run->sampler, ens_sampler_step(run->sampler), b.coords, b.log_prob, b.blobs);
  if (!status && run->config.output && !run->store) status = create_store(run, &b, error);
  free_beginning(&b);
  return status;
}
