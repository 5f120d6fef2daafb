/* Sokal's window over sums of lagged products. Only groups that need more lags get them, and a pass takes no more
 * series than fit into a fixed memory: a chain far from convergence costs more passes, not more memory. */
#include "stats/tau.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LAGS ((uint64_t)1024)
#define MEMORY ((size_t)128 << 20)

struct ens_tau {
  ens_visitor visitor;
  size_t nseries, ngroups, stride;
  uint64_t nrows, block;
  double c;
  ens_lagsum_series *series; /* of the groups that are not done, with these groups renumbered from 0 */
  size_t *group;             /* [group] the caller's number of a renumbered group */
  size_t nopen;              /* groups that are not done */
  size_t taken, take;        /* series summed with this block length; series in this pass */
  ens_lagsum *lagsum;
  double *sums;            /* [open group][block + 1] */
  double *value, *squares; /* [the caller's group number] */
};

/* There are fewer lags than rows, so that a longer block is of no use. */
static void set_block(ens_tau *tau, uint64_t lags) {
  uint64_t most = tau->nrows > 1 ? tau->nrows - 1 : 1;
  tau->block = ens_lagsum_block(lags < most ? lags : most);
}

/* Renumbers the groups of the remaining series from 0, in order. */
static void number_groups(ens_tau *tau) {
  size_t open = 0;
  for (size_t s = 0; s < tau->nseries; s++) {
    size_t group = tau->series[s].group;
    if (open == 0 || tau->group[open - 1] != group) tau->group[open++] = group;
    tau->series[s].group = open - 1;
  }
  tau->nopen = open;
}

ens_tau *ens_tau_create(const ens_lagsum_series *series, size_t nseries, size_t ngroups, uint64_t nrows, size_t stride,
                        double c) {
  ens_tau *tau = calloc(1, sizeof *tau);
  if (!tau) return NULL;
  *tau = (ens_tau){.nseries = nseries, .ngroups = ngroups, .stride = stride, .nrows = nrows, .c = c};
  tau->series = malloc((nseries + 1) * sizeof *tau->series);
  tau->group = malloc((ngroups + 1) * sizeof *tau->group);
  tau->value = calloc(2 * ngroups + 1, sizeof *tau->value);
  if (!tau->series || !tau->group || !tau->value) goto fail;
  if (nseries > 0) memcpy(tau->series, series, nseries * sizeof *series);
  tau->squares = tau->value + ngroups;
  for (size_t g = 0; g < ngroups; g++) tau->value[g] = NAN;
  number_groups(tau);
  set_block(tau, FIRST_LAGS);
  return tau;
fail:
  ens_tau_destroy(tau);
  return NULL;
}

/* False: the walker never moved, or its squared deviations overflow. */
static bool scale_series(const ens_moments *moments, size_t index, size_t step, size_t group,
                         ens_lagsum_series *series) {
  double squares = ens_moments_squares(moments, index);
  double base = ens_moments_base(moments, index), offset = ens_moments_offset(moments, index);
  *series = (ens_lagsum_series){index * step, group, base, offset, 1.0 / sqrt(squares)};
  return squares > 0 && isfinite(squares);
}

static size_t scale_walkers(const ens_tau_walkers *walkers, ens_lagsum_series *series) {
  size_t count = 0, ndim = walkers->ndim;
  for (size_t d = 0; d < ndim; d++) {
    size_t moving = 0;
    for (size_t w = 0; w < walkers->nwalkers; w++)
      if (scale_series(walkers->moments, w * ndim + d, walkers->step, d, &series[count + moving])) moving++;
    if (walkers->only_moving || moving == walkers->nwalkers) count += moving;
  }
  return count;
}

ens_tau *ens_tau_create_walkers(const ens_tau_walkers *walkers, double c) {
  size_t nseries = walkers->nwalkers * walkers->ndim;
  ens_lagsum_series *series = calloc(nseries + 1, sizeof *series);
  if (!series) return NULL;
  size_t count = scale_walkers(walkers, series);
  ens_tau *tau = ens_tau_create(series, count, walkers->ndim, walkers->nrows, nseries * walkers->step, c);
  free(series);
  return tau;
}

void ens_tau_destroy(ens_tau *tau) {
  if (!tau) return;
  ens_lagsum_destroy(tau->lagsum);
  free(tau->series);
  free(tau->group);
  free(tau->sums);
  free(tau->value);
  free(tau);
}

void ens_tau_expect(ens_tau *tau, uint64_t lags) {
  if (lags > tau->block) set_block(tau, lags);
}

bool ens_tau_done(const ens_tau *tau) {
  return tau->nseries == 0;
}

static ens_status allocate_sums(ens_tau *tau, ens_error *error) {
  if (tau->block > SIZE_MAX / sizeof(double) / (tau->nopen + 1) - 1) return ens_error_memory(error);
  free(tau->sums);
  tau->sums = calloc(tau->nopen * ((size_t)tau->block + 1) + 1, sizeof *tau->sums);
  return tau->sums ? ENS_OK : ens_error_memory(error);
}

ens_status ens_tau_begin(ens_tau *tau, ens_error *error) {
  if (tau->taken == 0 && allocate_sums(tau, error)) return ENS_MEMORY;
  size_t fit = MEMORY / ens_lagsum_bytes((size_t)tau->block), left = tau->nseries - tau->taken;
  if (fit < 2) fit = 2;
  tau->take = left < fit ? left : fit;
  tau->lagsum = ens_lagsum_create(tau->series + tau->taken, tau->take, tau->nopen, (size_t)tau->block);
  return tau->lagsum ? ENS_OK : ens_error_memory(error);
}

void ens_tau_push(ens_tau *tau, const double *rows, size_t count) {
  ens_lagsum_push(tau->lagsum, rows, count, tau->stride);
}

/* The first lag m with m >= c tau(m), tau(m) = 2 sum_{t <= m} rho(t) - 1. False: it is beyond these lags. The last lag
 * of the series always meets the condition, because the biased rho sum to 0 over all lags. */
static bool find_window(const ens_tau *tau, const double *sums, double *value) {
  double total = 0;
  for (uint64_t m = 0; m <= tau->block; m++) {
    total += sums[m] / sums[0];
    *value = 2.0 * total - 1.0;
    if (!((double)m < tau->c * *value) || m + 1 == tau->nrows) return true;
  }
  return false;
}

/* Keeps only the series of groups that need more lags. Returns the largest tau of these groups so far. */
static double keep_open(ens_tau *tau) {
  double largest = 0;
  size_t kept = 0;
  bool done = false;
  for (size_t s = 0; s < tau->nseries; s++) {
    size_t open = tau->series[s].group, group = tau->group[open];
    if (s == 0 || tau->series[s - 1].group != open) {
      const double *sums = tau->sums + open * ((size_t)tau->block + 1);
      tau->squares[group] = sums[0];
      done = find_window(tau, sums, &tau->value[group]);
      if (!done) largest = fmax(largest, tau->value[group]);
    }
    if (!done) tau->series[kept++] = tau->series[s];
  }
  tau->nseries = kept;
  return largest;
}

static void restore_groups(ens_tau *tau) {
  for (size_t s = 0; s < tau->nseries; s++) tau->series[s].group = tau->group[tau->series[s].group];
}

void ens_tau_end(ens_tau *tau) {
  ens_lagsum_finish(tau->lagsum, tau->sums);
  ens_lagsum_destroy(tau->lagsum);
  tau->lagsum = NULL;
  tau->taken += tau->take;
  if (tau->taken < tau->nseries) return;
  tau->taken = 0;
  double largest = keep_open(tau);
  restore_groups(tau);
  number_groups(tau);
  double guess = fmin(2.0 * tau->c * largest, 9e15);
  if (tau->nseries > 0) set_block(tau, (uint64_t)fmax(guess, 4.0 * (double)tau->block));
}

double ens_tau_value(const ens_tau *tau, size_t group) {
  return tau->value[group];
}

double ens_tau_squares(const ens_tau *tau, size_t group) {
  return tau->squares[group];
}

uint64_t ens_tau_lags(const ens_tau *tau) {
  return tau->block;
}

static ens_status visit_begin(ens_visitor *self, ens_error *error) {
  return ens_tau_begin((ens_tau *)self, error);
}

static void visit_draws(ens_visitor *self, const double *coords, size_t count) {
  ens_tau_push((ens_tau *)self, coords, count);
}

static void visit_end(ens_visitor *self) {
  ens_tau_end((ens_tau *)self);
  self->done = ens_tau_done((const ens_tau *)self);
}

static const ens_visitor_ops tau_ops = {visit_begin, visit_draws, visit_end};

ens_visitor *ens_tau_visitor(ens_tau *tau) {
  tau->visitor = (ens_visitor){&tau_ops, ens_tau_done(tau)};
  return &tau->visitor;
}
