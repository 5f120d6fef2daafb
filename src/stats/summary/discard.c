/* Reads the second half of the chain twice, and log_prob of that half and of the steps until all walkers have arrived.
 */
#include "stats/summary/discard.h"

#include <math.h>
#include <stdlib.h>

#include "stats/moments.h"
#include "stats/pass.h"
#include "stats/tau.h"

static double longest_tau(const ens_tau *tau, size_t ndim) {
  double longest = 0;
  for (size_t d = 0; d < ndim; d++) longest = fmax(longest, ens_tau_value(tau, d)); /* fmax ignores NaN */
  return longest;
}

static ens_status measure(const ens_pass *half, const ens_moments *moments, double *longest, ens_error *error) {
  const ens_chain *chain = half->chain;
  ens_tau_walkers walkers = {moments, chain->nwalkers, chain->ndim, 1, .only_moving = true, .nrows = half->ndraws};
  ens_tau *tau = ens_tau_create_walkers(&walkers, 5.0);
  if (!tau) return ens_error_memory(error);
  ens_visitor *visitors[] = {ens_tau_visitor(tau)};
  ens_status status = ens_pass_run(half, visitors, 1, error);
  if (!status) *longest = longest_tau(tau, chain->ndim);
  ens_tau_destroy(tau);
  return status;
}

static ens_status find_longest(ens_chain *chain, double *longest, ens_error *error) {
  ens_pass half;
  ens_status status = ens_pass_init(&half, chain, chain->nsteps / 2, 1, error);
  if (status) return status;
  ens_moments *moments = ens_moments_create(chain->nwalkers * chain->ndim, 1);
  if (!moments) return ens_error_memory(error);
  ens_visitor *visitors[] = {ens_moments_visitor(moments)};
  status = ens_pass_once(&half, visitors, 1, error);
  if (!status) status = measure(&half, moments, longest, error);
  ens_moments_destroy(moments);
  return status;
}

/* ---- the arrival of the walkers ---- */

typedef struct reading {
  ens_chain *chain;
  size_t room; /* steps of a block */
  double *log_prob;
  double lowest, highest; /* log_prob range of the second half; lowest > highest: no value is finite */
  bool *arrived;          /* [walker] */
  size_t missing;         /* walkers that have not arrived */
  uint64_t last;          /* the step (from 0) at which the last walker arrived */
} reading;

static bool widen(reading *r, uint64_t step, const double *log_prob) {
  (void)step;
  for (size_t w = 0; w < r->chain->nwalkers; w++) {
    if (!isfinite(log_prob[w])) continue;
    r->lowest = fmin(r->lowest, log_prob[w]);
    r->highest = fmax(r->highest, log_prob[w]);
  }
  return true;
}

static bool welcome(reading *r, uint64_t step, const double *log_prob) {
  for (size_t w = 0; w < r->chain->nwalkers; w++) {
    if (r->arrived[w] || !(log_prob[w] >= r->highest - 2 * (r->highest - r->lowest))) continue;
    r->arrived[w] = true;
    r->missing--;
    r->last = step;
  }
  return r->missing > 0;
}

/* Calls `take` for the log_prob of the steps from .. upto - 1 until it returns false. */
static ens_status read_steps(reading *r, uint64_t from, uint64_t upto,
                             bool (*take)(reading *r, uint64_t step, const double *log_prob), ens_error *error) {
  for (bool more = true; more && from < upto;) {
    size_t count = upto - from < r->room ? (size_t)(upto - from) : r->room;
    ens_status status =
        ens_chain_read(r->chain, &(ens_chain_steps){.start = from, .count = count, .log_prob = r->log_prob}, error);
    if (status) return status;
    for (size_t t = 0; more && t < count; t++) more = take(r, from + t, r->log_prob + t * r->chain->nwalkers);
    from += count;
  }
  return ENS_OK;
}

/* The number of steps until the last arrival. Walkers that never arrive are ignored. */
static ens_status find_arrival(ens_chain *chain, uint64_t *arrival, ens_error *error) {
  size_t room = ens_pass_block(chain->nwalkers * sizeof(double));
  reading r = {.chain = chain, .room = room, .lowest = INFINITY, .highest = -INFINITY, .missing = chain->nwalkers};
  r.log_prob = malloc((room * chain->nwalkers + 1) * sizeof *r.log_prob);
  r.arrived = calloc(chain->nwalkers + 1, sizeof *r.arrived);
  ens_status status = r.log_prob && r.arrived ? ENS_OK : ens_error_memory(error);
  if (!status) status = read_steps(&r, chain->nsteps / 2, chain->nsteps, widen, error);
  if (!status) status = read_steps(&r, 0, chain->nsteps / 2, welcome, error);
  *arrival = r.last;
  free(r.log_prob);
  free(r.arrived);
  return status;
}

ens_status ens_discard_auto(ens_chain *chain, uint64_t *discard, ens_error *error) {
  double longest = 0;
  uint64_t arrival = 0, middle = chain->nsteps / 2;
  ens_status status = find_longest(chain, &longest, error);
  if (!status) status = find_arrival(chain, &arrival, error);
  double wanted = (double)arrival + ceil(5.0 * longest);
  *discard = wanted < (double)middle ? (uint64_t)wanted : middle;
  return status;
}
