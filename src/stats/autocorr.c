/* Reads the walkers twice: for their moments, then for their lagged products until Sokal's window is reached. */
#include "stats/autocorr.h"

#include <math.h>
#include <stdlib.h>

#include "stats/moments.h"
#include "stats/pass.h"
#include "stats/tau.h"

static ens_status check_width(double c, ens_error *error) {
  if (c > 0) return ENS_OK;
  return ens_error_set(error, ENS_CONFIG, "c is %g: the window of the autocorrelation time must be above 0 (usual: 5)",
                       c);
}

static ens_status sum_series(ens_tau *tau, const double *series, size_t nsteps, ens_error *error) {
  while (!ens_tau_done(tau)) {
    ens_status status = ens_tau_begin(tau, error);
    if (status) return status;
    ens_tau_push(tau, series, nsteps);
    ens_tau_end(tau);
  }
  return ENS_OK;
}

ens_status ens_autocorr_time(const ens_autocorr_series *series, double c, double *tau, ens_error *error) {
  size_t ndim = series->ndim, nseries = series->nwalkers * ndim;
  ens_tau *estimate = NULL;
  ens_status status = check_width(c, error);
  if (status) return status;
  ens_moments *moments = ens_moments_create(nseries, series->stride);
  if (!moments) goto fail;
  ens_moments_push(moments, series->value, series->nsteps, nseries * series->stride);
  ens_tau_walkers walkers = {moments, series->nwalkers, ndim, series->stride, .nrows = series->nsteps};
  estimate = ens_tau_create_walkers(&walkers, c);
  if (!estimate) goto fail;
  status = sum_series(estimate, series->value, series->nsteps, error);
  for (size_t d = 0; !status && d < ndim; d++) tau[d] = ens_tau_value(estimate, d);
  goto done;
fail:
  status = ens_error_memory(error);
done:
  ens_tau_destroy(estimate);
  ens_moments_destroy(moments);
  return status;
}

/* Lagged products of a series of at least one step; sums[ens_lagsum_block(nsteps) + 1]. */
static bool sum_all_lags(const double *series, size_t nsteps, double *sums) {
  ens_moments *moments = ens_moments_create(1, 1);
  if (moments) ens_moments_push(moments, series, nsteps, 1);
  double base = moments ? ens_moments_base(moments, 0) : 0, offset = moments ? ens_moments_offset(moments, 0) : 0;
  bool constant = moments && !(ens_moments_squares(moments, 0) > 0), fine = moments != NULL;
  ens_moments_destroy(moments);
  ens_lagsum_series one = {0, 0, base, offset, constant ? (double)NAN : 1.0};
  ens_lagsum *lagsum = fine ? ens_lagsum_create(&one, 1, 1, (size_t)ens_lagsum_block(nsteps)) : NULL;
  if (!lagsum) return false;
  ens_lagsum_push(lagsum, series, nsteps, 1);
  ens_lagsum_finish(lagsum, sums);
  ens_lagsum_destroy(lagsum);
  return true;
}

ens_status ens_autocorr_function(const double *series, size_t nsteps, double *out, ens_error *error) {
  double *sums = calloc((size_t)ens_lagsum_block(nsteps) + 1, sizeof *sums);
  bool fine = sums && sum_all_lags(series, nsteps, sums);
  for (size_t t = 0; fine && t < nsteps; t++) out[t] = sums[t] / sums[0];
  free(sums);
  return fine ? ENS_OK : ens_error_memory(error);
}

static ens_status sum_chain(const ens_pass *pass, const ens_moments *moments, double c, double *tau, ens_error *error) {
  size_t ndim = pass->chain->ndim;
  ens_tau_walkers walkers = {moments, pass->chain->nwalkers, ndim, 1, .nrows = pass->ndraws};
  ens_tau *estimate = ens_tau_create_walkers(&walkers, c);
  if (!estimate) return ens_error_memory(error);
  ens_visitor *visitors[] = {ens_tau_visitor(estimate)};
  ens_status status = ens_pass_run(pass, visitors, 1, error);
  for (size_t d = 0; !status && d < ndim; d++) tau[d] = ens_tau_value(estimate, d) * (double)pass->thin;
  ens_tau_destroy(estimate);
  return status;
}

ens_status ens_autocorr_chain(ens_chain *chain, uint64_t discard, uint64_t thin, double c, double *tau,
                              ens_error *error) {
  ens_pass pass;
  ens_status status = check_width(c, error);
  if (!status) status = ens_pass_init(&pass, chain, discard, thin, error);
  if (status) return status;
  ens_moments *moments = ens_moments_create(chain->nwalkers * chain->ndim, 1);
  if (!moments) return ens_error_memory(error);
  ens_visitor *visitors[] = {ens_moments_visitor(moments)};
  status = ens_pass_once(&pass, visitors, 1, error);
  if (!status) status = sum_chain(&pass, moments, c, tau, error);
  ens_moments_destroy(moments);
  return status;
}
