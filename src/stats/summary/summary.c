/* Puts the passes together: the automatic discard; counts; moments and a sample; autocorrelation times, counts in bins
 * and order statistics; ranks. The chain is read five times but never held. The automatic discard reads its second half
 * twice more, and log_prob once. */
#include "stats/summary/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "stats/ess.h"
#include "stats/moments.h"
#include "stats/pass.h"
#include "stats/quantile.h"
#include "stats/summary/advice.h"
#include "stats/summary/discard.h"
#include "stats/summary/modes.h"
#include "stats/tally.h"
#include "stats/tau.h"

enum { Q05, Q16, Q50, Q84, Q95, QUANTILES };
enum { RANKED, LOW_TAIL, HIGH_TAIL, INDICATORS }; /* quantities per parameter for the ESS of ranks */

static const double probabilities[QUANTILES] = {0.05, 0.16, 0.50, 0.84, 0.95};

/* Mean and spread of a parameter over all walkers and draws. */
struct pooled {
  double base, offset, sd; /* the mean is base + offset */
};

struct work {
  const ens_summary_request *request;
  ens_pass pass;
  size_t nwalkers, ndim;
  ens_tally tally;
  ens_moments *moments;
  ens_quantile *quantile;
  ens_tau *tau;
  ens_ess *plain, *ranked;
  struct pooled *pool;                /* [ndim] */
  double *low_tail, *high_tail;       /* [ndim] q05 and q95 */
  double *low_share, *high_share;     /* [ndim] fraction of the draws that are at most these */
  double *ess_walkers, *ess_ensemble; /* [ndim] */
  double *numbers;                    /* the memory of the six arrays above */
  bool *known;                        /* [ndim * INDICATORS] */
};

static void free_work(struct work *w) {
  ens_tally_free(&w->tally);
  ens_moments_destroy(w->moments);
  ens_quantile_destroy(w->quantile);
  ens_tau_destroy(w->tau);
  ens_ess_destroy(w->plain);
  ens_ess_destroy(w->ranked);
  free(w->pool);
  free(w->numbers);
  free(w->known);
}

static ens_status allocate_work(struct work *w, ens_error *error) {
  size_t ndim = w->ndim;
  w->pool = calloc(ndim + 1, sizeof *w->pool);
  w->numbers = calloc(6 * ndim + 1, sizeof *w->numbers);
  w->known = calloc(INDICATORS * ndim + 1, sizeof *w->known);
  w->moments = ens_moments_create(w->nwalkers * ndim, 1);
  w->quantile = ens_quantile_create(w->nwalkers, ndim, w->pass.ndraws, probabilities, QUANTILES);
  if (!w->pool || !w->numbers || !w->known || !w->moments || !w->quantile) return ens_error_memory(error);
  double **parts[] = {&w->low_tail, &w->high_tail, &w->low_share, &w->high_share, &w->ess_walkers, &w->ess_ensemble};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) *parts[i] = w->numbers + i * ndim;
  return ENS_OK;
}

/* The mean is that of the walkers' means; the squares are within walkers and between them. */
static struct pooled pool_walkers(const struct work *w, size_t d) {
  double walkers = (double)w->nwalkers, draws = (double)w->pass.ndraws, offset = 0, squares = 0;
  double base = ens_moments_base(w->moments, d);
  for (size_t i = d; i < w->nwalkers * w->ndim; i += w->ndim)
    offset += (ens_moments_base(w->moments, i) - base) + ens_moments_offset(w->moments, i);
  offset /= walkers;
  for (size_t i = d; i < w->nwalkers * w->ndim; i += w->ndim) {
    double gap = (ens_moments_base(w->moments, i) - base) + ens_moments_offset(w->moments, i) - offset;
    squares += ens_moments_squares(w->moments, i) + draws * gap * gap;
  }
  double total = walkers * draws;
  return (struct pooled){base, offset, total > 1 ? sqrt(squares / (total - 1)) : NAN};
}

static bool is_spread(const struct pooled *pool) {
  return pool->sd > 0 && isfinite(pool->sd);
}

/* Ensemble means less the mean, in units of the sd. */
static void fill_plain(const void *context, const double *coords, size_t count, double *rows) {
  const struct work *w = context;
  for (size_t t = 0; t < count; t++, rows += w->ndim, coords += w->nwalkers * w->ndim)
    for (size_t d = 0; d < w->ndim; d++) {
      struct pooled pool = w->pool[d];
      double sum = 0;
      for (size_t i = d; i < w->nwalkers * w->ndim; i += w->ndim) sum += (coords[i] - pool.base) - pool.offset;
      rows[d] = sum / ((double)w->nwalkers * pool.sd);
    }
}

static void fill_ranked_step(const struct work *w, size_t d, const double *coords, double *row) {
  const ens_bins *bins = ens_quantile_bins(w->quantile, d);
  double sum = 0, low = w->low_tail[d], high = w->high_tail[d], walkers = (double)w->nwalkers;
  size_t nlow = 0, nhigh = 0;
  for (size_t i = d; i < w->nwalkers * w->ndim; i += w->ndim) {
    double x = coords[i];
    sum += bins->score[ens_bins_find(bins, x)];
    nlow += x <= low;
    nhigh += x <= high;
  }
  row[RANKED] = sum / walkers - bins->score_mean;
  row[LOW_TAIL] = (double)nlow / walkers - w->low_share[d];
  row[HIGH_TAIL] = (double)nhigh / walkers - w->high_share[d];
}

/* Ensemble means of the rank's normal score and of the two tails' indicators, less their means. */
static void fill_ranked(const void *context, const double *coords, size_t count, double *rows) {
  const struct work *w = context;
  for (size_t t = 0; t < count; t++, coords += w->nwalkers * w->ndim)
    for (size_t d = 0; d < w->ndim; d++, rows += INDICATORS) fill_ranked_step(w, d, coords, rows);
}

static ens_status measure_moments(struct work *w, ens_error *error) {
  ens_visitor *visitors[] = {ens_moments_visitor(w->moments), ens_quantile_visitor(w->quantile)};
  ens_status status = ens_pass_once(&w->pass, visitors, 2, error);
  for (size_t d = 0; !status && d < w->ndim; d++) {
    w->pool[d] = pool_walkers(w, d);
    for (size_t k = 0; k < INDICATORS; k++) w->known[d * INDICATORS + k] = is_spread(&w->pool[d]);
  }
  return status;
}

static ens_status measure_times(struct work *w, ens_error *error) {
  bool *known = calloc(w->ndim + 1, sizeof *known);
  if (!known) return ens_error_memory(error);
  for (size_t d = 0; d < w->ndim; d++) known[d] = is_spread(&w->pool[d]);
  ens_tau_walkers walkers = {w->moments, w->nwalkers, w->ndim, 1, .nrows = w->pass.ndraws};
  w->tau = ens_tau_create_walkers(&walkers, 5.0);
  w->plain = ens_ess_create(w->ndim, known, w->pass.ndraws, w->nwalkers * w->ndim, fill_plain, w);
  free(known);
  if (!w->tau || !w->plain) return ens_error_memory(error);
  ens_visitor *visitors[] = {ens_tau_visitor(w->tau), ens_ess_visitor(w->plain), ens_quantile_visitor(w->quantile)};
  return ens_pass_run(&w->pass, visitors, 3, error);
}

static void set_tails(struct work *w) {
  double total = (double)w->nwalkers * (double)w->pass.ndraws;
  for (size_t d = 0; d < w->ndim; d++) {
    w->low_tail[d] = ens_quantile_value(w->quantile, d, Q05);
    w->high_tail[d] = ens_quantile_value(w->quantile, d, Q95);
    w->low_share[d] = (double)ens_quantile_upto(w->quantile, d, Q05) / total;
    w->high_share[d] = (double)ens_quantile_upto(w->quantile, d, Q95) / total;
  }
}

static ens_status measure_ranks(struct work *w, ens_error *error) {
  set_tails(w);
  w->ranked = ens_ess_create(INDICATORS * w->ndim, w->known, w->pass.ndraws, w->nwalkers * w->ndim, fill_ranked, w);
  if (!w->ranked) return ens_error_memory(error);
  ens_ess_expect(w->ranked, ens_ess_lags(w->plain)); /* similar correlations, so that another pass is rare */
  ens_visitor *visitors[] = {ens_ess_visitor(w->ranked)};
  return ens_pass_run(&w->pass, visitors, 1, error);
}

/* The variance of one draw of an indicator. */
static double share_variance(const struct work *w, double share) {
  double total = (double)w->nwalkers * (double)w->pass.ndraws;
  return share * (1 - share) * (total / (total - 1));
}

/* The smaller one; NaN if either is NaN. */
static double smaller(double a, double b) {
  return a < b ? a : isnan(a) ? a : b;
}

static void fill_sizes(struct work *w, size_t d, ens_summary_parameter *out) {
  double tau = ens_tau_value(w->tau, d);
  if (!(tau > 0)) tau = NAN; /* too few steps may give 0 or less */
  out->tau = tau * (double)w->pass.thin;
  w->ess_walkers[d] = (double)w->nwalkers * (double)w->pass.ndraws / tau;
  w->ess_ensemble[d] = ens_ess_value(w->plain, d, 1.0);
  out->ess = smaller(w->ess_walkers[d], w->ess_ensemble[d]);
  const ens_bins *bins = ens_quantile_bins(w->quantile, d);
  out->ess_bulk = ens_ess_value(w->ranked, d * INDICATORS + RANKED, bins->score_variance);
  double low = ens_ess_value(w->ranked, d * INDICATORS + LOW_TAIL, share_variance(w, w->low_share[d]));
  double high = ens_ess_value(w->ranked, d * INDICATORS + HIGH_TAIL, share_variance(w, w->high_share[d]));
  out->ess_tail = smaller(low, high);
}

static void fill_parameter(struct work *w, size_t d, ens_summary_parameter *out) {
  double *quantiles[QUANTILES] = {&out->q05, &out->q16, &out->q50, &out->q84, &out->q95};
  for (size_t i = 0; i < QUANTILES; i++) *quantiles[i] = ens_quantile_value(w->quantile, d, i);
  out->mean = w->pool[d].base + w->pool[d].offset;
  out->sd = w->pool[d].sd;
  out->rhat = NAN;
  fill_sizes(w, d, out);
  out->mcse_mean = out->sd / sqrt(out->ess);
}

static void fill_acceptance(const ens_tally *tally, ens_summary *out) {
  double steps = (double)out->steps, sum = 0;
  out->acceptance_min = INFINITY;
  out->acceptance_max = -INFINITY;
  for (size_t i = 0; i < tally->nwalkers; i++) {
    double fraction = (double)tally->accepted[i] / steps;
    sum += fraction;
    out->acceptance_min = fmin(out->acceptance_min, fraction);
    out->acceptance_max = fmax(out->acceptance_max, fraction);
  }
  out->acceptance_mean = sum / (double)tally->nwalkers;
}

static bool has_converged(const ens_summary *summary) {
  double kept = (double)(summary->steps - summary->discard);
  for (size_t d = 0; d < summary->ndim; d++)
    if (!(kept >= 50.0 * summary->parameter[d].tau)) return false;
  return true;
}

static ens_summary_acceptance judge_all(const ens_tally *tally, uint64_t steps) {
  ens_summary_acceptance all = {.proposed = steps * tally->nwalkers};
  for (size_t k = 0; k < tally->nwalkers; k++) all.accepted += tally->accepted[k];
  return all;
}

static ens_status give_advice(struct work *w, ens_summary *out, ens_error *error) {
  ens_stragglers stragglers;
  ens_modes modes;
  bool *left = calloc(w->nwalkers + 1, sizeof *left);
  if (!left) return ens_error_memory(error);
  ens_modes_walkers walkers = {w->moments, w->nwalkers, w->ndim, w->pass.ndraws, left};
  ens_status status = ens_stragglers_find(&w->tally, left, &stragglers, error);
  if (!status) status = ens_modes_find(&walkers, &modes, error);
  ens_advice advice = {w->request->parameters,
                       &w->tally,
                       left,
                       &stragglers,
                       &modes,
                       w->pass.ndraws,
                       w->ess_walkers,
                       w->ess_ensemble,
                       w->request->acceptance ? *w->request->acceptance : judge_all(&w->tally, out->steps)};
  if (!status) status = ens_advice_give(&advice, out, error);
  free(left);
  return status;
}

static ens_status fill_summary(struct work *w, ens_summary *out, ens_error *error) {
  out->parameter = calloc(w->ndim + 1, sizeof *out->parameter);
  if (!out->parameter) return ens_error_memory(error);
  out->ndim = w->ndim;
  out->steps = w->pass.chain->nsteps;
  out->discard = w->pass.discard;
  out->thin = w->pass.thin;
  for (size_t d = 0; d < w->ndim; d++) fill_parameter(w, d, &out->parameter[d]);
  fill_acceptance(&w->tally, out);
  out->log_prob_max = w->tally.log_prob_max;
  out->log_prob_mean = w->tally.log_prob_mean;
  out->converged = has_converged(out);
  return give_advice(w, out, error);
}

static ens_status measure_all(struct work *w, ens_error *error) {
  ens_status status = ens_tally_count(&w->pass, &w->tally, error);
  if (!status) status = allocate_work(w, error);
  if (!status) status = measure_moments(w, error);
  if (!status) status = measure_times(w, error);
  if (!status) status = measure_ranks(w, error);
  return status;
}

ens_status ens_summary_compute(ens_chain *chain, const ens_summary_request *request, ens_summary *out,
                               ens_error *error) {
  struct work w = {.nwalkers = chain->nwalkers, .ndim = chain->ndim, .request = request};
  uint64_t discard = request->discard;
  ens_status status = ENS_OK;
  *out = (ens_summary){0};
  if (discard == ENS_DISCARD_AUTO) status = ens_discard_auto(chain, &discard, error);
  if (!status) status = ens_pass_init(&w.pass, chain, discard, request->thin, error);
  if (!status) status = measure_all(&w, error);
  if (!status) status = fill_summary(&w, out, error);
  if (status) ens_summary_free(out);
  free_work(&w);
  return status;
}

void ens_summary_free(ens_summary *summary) {
  if (!summary) return;
  ens_list_free(summary->warning, summary->nwarnings);
  free(summary->parameter);
  *summary = (ens_summary){0};
}
