/* Two readings of the walkers: their moments, then their lagged products until Sokal's window is reached. */
#include "core/autocorr.h"

#include "core/moments.h"
#include "core/pass.h"
#include "core/tau.h"

static ens_status check_width(double c, ens_error *error) {
  if (c > 0) return ENS_OK;
  return ens_error_set(error, ENS_CONFIG, "c is %g: the window of the autocorrelation time must be above 0 (usual: 5)",
                       c);
}

static ens_status sum_series(ens_tau *tau, const double *series, size_t nsteps, ens_error *error) {
  while (!ens_tau_done(tau)) {
    ens_status status = ens_tau_begin(tau, error);
    if (status != ENS_OK) return status;
    ens_tau_push(tau, series, nsteps);
    ens_tau_end(tau);
  }
  return ENS_OK;
}

ens_status ens_autocorr_time(const double *series, size_t nsteps, size_t nwalkers, size_t stride, double c, double *tau,
                             ens_error *error) {
  ens_tau *estimate = NULL;
  ens_status status = check_width(c, error);
  if (status != ENS_OK) return status;
  ens_moments *moments = ens_moments_create(nwalkers, stride);
  if (!moments) goto fail;
  ens_moments_push(moments, series, nsteps, nwalkers * stride);
  estimate = ens_tau_create_walkers(moments, nwalkers, 1, stride, false, nsteps, c);
  if (!estimate) goto fail;
  status = sum_series(estimate, series, nsteps, error);
  if (status == ENS_OK) *tau = ens_tau_value(estimate, 0);
  goto done;
fail:
  status = ens_error_memory(error);
done:
  ens_tau_destroy(estimate);
  ens_moments_destroy(moments);
  return status;
}

static ens_status sum_chain(const ens_pass *pass, const ens_moments *moments, double c, double *tau, ens_error *error) {
  size_t ndim = pass->chain->ndim;
  ens_tau *estimate = ens_tau_create_walkers(moments, pass->chain->nwalkers, ndim, 1, false, pass->ndraws, c);
  if (!estimate) return ens_error_memory(error);
  ens_visitor *visitors[] = {ens_tau_visitor(estimate)};
  ens_status status = ens_pass_run(pass, visitors, 1, error);
  for (size_t d = 0; status == ENS_OK && d < ndim; d++) tau[d] = ens_tau_value(estimate, d) * (double)pass->thin;
  ens_tau_destroy(estimate);
  return status;
}

ens_status ens_autocorr_chain(ens_chain *chain, uint64_t discard, uint64_t thin, double c, double *tau,
                              ens_error *error) {
  ens_pass pass;
  ens_status status = check_width(c, error);
  if (status == ENS_OK) status = ens_pass_init(&pass, chain, discard, thin, error);
  if (status != ENS_OK) return status;
  ens_moments *moments = ens_moments_create(chain->nwalkers * chain->ndim, 1);
  if (!moments) return ens_error_memory(error);
  ens_visitor *visitors[] = {ens_moments_visitor(moments)};
  status = ens_pass_once(&pass, visitors, 1, error);
  if (status == ENS_OK) status = sum_chain(&pass, moments, c, tau, error);
  ens_moments_destroy(moments);
  return status;
}
