/* One parameter at a time; the parameter with the largest ratio is reported. */
#include "stats/summary/modes.h"

#include <math.h>
#include <stdlib.h>

#include "base/sort.h"

enum { STEPS_LEAST = 50, SIDE_LEAST = 2 };

/* The means of the walkers that count, sorted; returns how many. *within: the sum of squared deviations from them. */
static size_t sort_means(const ens_modes_walkers *walkers, size_t d, double *mean, double *within) {
  size_t n = 0;
  *within = 0;
  for (size_t w = 0; w < walkers->nwalkers; w++) {
    if (walkers->skip[w]) continue;
    mean[n++] = ens_moments_mean(walkers->moments, w * walkers->ndim + d);
    *within += ens_moments_squares(walkers->moments, w * walkers->ndim + d);
  }
  ens_sort_doubles(mean, n);
  return n;
}

static double squares_about(const double *x, size_t n, double *mean) {
  double sum = 0, squares = 0;
  for (size_t i = 0; i < n; i++) sum += x[i] - x[0];
  *mean = x[0] + sum / (double)n;
  for (size_t i = 0; i < n; i++) squares += (x[i] - *mean) * (x[i] - *mean);
  return squares;
}

static size_t widest_gap(const double *mean, size_t n) {
  size_t best = SIDE_LEAST;
  for (size_t i = SIDE_LEAST; i + SIDE_LEAST <= n; i++)
    if (mean[i] - mean[i - 1] > mean[best] - mean[best - 1]) best = i;
  return best;
}

/* Splits sorted means at the widest gap. `within` is the variance of a walker about its mean. */
static ens_modes split(const double *mean, size_t n, double within, size_t d) {
  size_t k = widest_gap(mean, n);
  ens_modes modes = {.dim = d, .nlow = k, .nhigh = n - k};
  double between = squares_about(mean, k, &modes.low) + squares_about(mean + k, n - k, &modes.high);
  double spread = sqrt(fmax(within, between / (double)(n - 2)));
  modes.ratio = spread > 0 ? (mean[k] - mean[k - 1]) / spread : 0;
  return modes;
}

ens_status ens_modes_find(const ens_modes_walkers *walkers, ens_modes *out, ens_error *error) {
  *out = (ens_modes){0};
  if (walkers->nsteps < STEPS_LEAST) return ENS_OK;
  double *mean = malloc((walkers->nwalkers + 1) * sizeof *mean), within;
  if (!mean) return ens_error_memory(error);
  for (size_t d = 0; d < walkers->ndim; d++) {
    size_t n = sort_means(walkers, d, mean, &within);
    if (n < 2 * SIDE_LEAST) break;
    ens_modes modes = split(mean, n, within / ((double)n * (double)walkers->nsteps), d);
    if (modes.ratio > out->ratio) *out = modes;
  }
  free(mean);
  return ENS_OK;
}
