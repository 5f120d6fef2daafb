/* Draws the walkers from the law, runs the sampler's updates on one thread, and adds up the statistics of each
 * replicate; the result is in standard errors. */
#include "core/invariance.h"

#include <math.h>

/* ---- statistics of one replicate ---- */

/* The statistics of ens_invariance_result, each less its expectation. Returns their number. */
static size_t statistics(const ens_law *t, size_t nwalkers, const double *x, double *out) {
  size_t ndim = t->ndim, n = 0;
  double pairs = (double)(nwalkers * (nwalkers - 1)) / 2, square[ENS_INVARIANCE_WALKERS] = {0}, dot = 0, squares = 0;
  for (size_t d = 0; d < ndim; d++) {
    double sum = 0;
    for (size_t k = 0; k < nwalkers; k++) sum += x[k * ndim + d];
    out[n++] = sum / (double)nwalkers - t->mean[d];
    for (size_t e = 0; e <= d; e++) {
      sum = 0;
      for (size_t k = 0; k < nwalkers; k++) sum += (x[k * ndim + d] - t->mean[d]) * (x[k * ndim + e] - t->mean[e]);
      out[n++] = sum / (double)nwalkers - t->covariance[d * ndim + e];
    }
  }
  for (size_t k = 0; k < nwalkers; k++)
    for (size_t d = 0; d < ndim; d++) {
      double r = x[k * ndim + d] - t->mean[d], variance = t->covariance[d * ndim + d];
      square[k] += r * r / variance - 1;
      for (size_t j = 0; j < k; j++) dot += r * (x[j * ndim + d] - t->mean[d]) / variance;
    }
  for (size_t k = 0; k < nwalkers; k++)
    for (size_t j = 0; j < k; j++) squares += square[k] * square[j];
  out[n++] = dot / pairs;
  out[n++] = squares / pairs;
  return n;
}

/* ---- an ensemble, moved ---- */

static void update(const ens_invariance *test, ens_ensemble *ensemble, ens_block *block, uint64_t step,
                   uint32_t walker) {
  ens_ensemble_draw_partners(ensemble, step, walker);
  if (test->plant) test->plant(test, ensemble, step, walker);
  bool over = false;
  while (!over) {
    if (ens_ensemble_propose(ensemble, step, walker, block))
      block->log_prob[0] = test->law->log_prob(test->law, block->theta);
    over = ens_ensemble_conclude(ensemble, block, 0);
    ens_block_clear(block);
  }
}

static void start(const ens_law *law, ens_ensemble *ensemble, uint64_t step) {
  ens_state *state = &ensemble->state;
  ens_stream stream = ens_stream_at(ensemble->seed, step, 0, ENS_RNG_START);
  for (size_t k = 0; k < state->nwalkers; k++) {
    size_t row = ens_state_row(state, step, (uint32_t)k);
    law->draw(law, &stream, state->coords + row * state->ndim);
    state->log_prob[row] = law->log_prob(law, state->coords + row * state->ndim);
  }
}

/* Runs one replicate and returns the positions after the last sweep. Replicates have different steps, so that each
 * draws its own numbers. */
static const double *replicate(const ens_invariance *test, ens_ensemble *ensemble, ens_block *block, size_t r) {
  uint64_t step = r * (test->sweeps + 1);
  start(test->law, ensemble, step);
  for (size_t t = 0; t < test->sweeps; t++) {
    ens_ensemble_prepare(ensemble, ++step);
    const uint32_t *walker = ens_ensemble_plan(ensemble, step)->split.walker;
    for (size_t i = 0; i < ensemble->nwalkers; i++) update(test, ensemble, block, step, walker[i]);
  }
  return ensemble->state.coords + ens_state_row(&ensemble->state, step, 0) * test->law->ndim;
}

static void run(const ens_invariance *test, ens_ensemble *ensemble, ens_block *block, ens_invariance_result *out) {
  double sum[ENS_INVARIANCE_MOMENTS] = {0}, sum2[ENS_INVARIANCE_MOMENTS] = {0}, value[ENS_INVARIANCE_MOMENTS],
         n = (double)test->replicates;
  for (size_t r = 0; r < test->replicates; r++) {
    out->count = statistics(test->law, ensemble->nwalkers, replicate(test, ensemble, block, r), value);
    for (size_t i = 0; i < out->count; i++) {
      sum[i] += value[i];
      sum2[i] += value[i] * value[i];
    }
  }
  for (size_t i = 0; i < out->count; i++) {
    double mean = sum[i] / n, variance = sum2[i] / n - mean * mean;
    out->z[i] = mean / sqrt(variance / n);
  }
}

ens_status ens_invariance_test(const ens_sampler_config *config, const ens_invariance *test, ens_invariance_result *out,
                               ens_error *error) {
  ens_sampler_config sampling = *config;
  ens_ensemble ensemble;
  sampling.tune = 0;
  sampling.window = 1;
  sampling.domain = test->law->domain;
  *out = (ens_invariance_result){0};
  ens_status status = ens_ensemble_init(&ensemble, &sampling, test->law->ndim, 0, error);
  if (status) return status;
  ens_block *block = ens_block_create(1, test->law->ndim, 0);
  if (block)
    run(test, &ensemble, block, out);
  else
    status = ens_error_memory(error);
  ens_ensemble_free(&ensemble);
  ens_block_destroy(block);
  return status;
}

double ens_invariance_largest(const ens_invariance_result *off) {
  double largest = 0;
  for (size_t i = 0; i < off->count; i++)
    if (!(fabs(off->z[i]) <= largest)) largest = fabs(off->z[i]);
  return largest;
}
