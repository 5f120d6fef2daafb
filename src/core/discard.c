/* Two readings of the second half of a chain. */
#include "core/discard.h"

#include <math.h>

#include "core/moments.h"
#include "core/pass.h"
#include "core/tau.h"

static double longest_tau(const ens_tau *tau, size_t ndim) {
  double longest = 0;
  for (size_t d = 0; d < ndim; d++) longest = fmax(longest, ens_tau_value(tau, d)); /* fmax passes over NaN */
  return longest;
}

static ens_status measure(const ens_pass *half, const ens_moments *moments, double *longest, ens_error *error) {
  const ens_chain *chain = half->chain;
  ens_tau *tau = ens_tau_create_walkers(moments, chain->nwalkers, chain->ndim, 1, true, half->ndraws, 5.0);
  if (!tau) return ens_error_memory(error);
  ens_visitor *visitors[] = {ens_tau_visitor(tau)};
  ens_status status = ens_pass_run(half, visitors, 1, error);
  if (status == ENS_OK) *longest = longest_tau(tau, chain->ndim);
  ens_tau_destroy(tau);
  return status;
}

ens_status ens_discard_auto(ens_chain *chain, uint64_t *discard, ens_error *error) {
  ens_pass half;
  double longest = 0;
  ens_status status = ens_pass_init(&half, chain, chain->nsteps / 2, 1, error);
  if (status != ENS_OK) return status;
  ens_moments *moments = ens_moments_create(chain->nwalkers * chain->ndim, 1);
  if (!moments) return ens_error_memory(error);
  ens_visitor *visitors[] = {ens_moments_visitor(moments)};
  status = ens_pass_once(&half, visitors, 1, error);
  if (status == ENS_OK) status = measure(&half, moments, &longest, error);
  ens_moments_destroy(moments);
  double wanted = ceil(5.0 * longest), middle = (double)(chain->nsteps / 2);
  *discard = wanted < middle ? (uint64_t)wanted : chain->nsteps / 2;
  return status;
}
