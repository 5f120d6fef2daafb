/* Quantiles in passes are exactly those of the sorted draws. */
#include <stdint.h>
#include <stdlib.h>

#include "scarce.h"
#include "stats/quantile.h"
#include "unit.h"

enum { NQ = 7 };

static const double wanted[NQ] = {0.0, 0.05, 0.16, 0.5, 0.84, 0.95, 1.0};

static double noise(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) / 9007199254740992.0;
}

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* numpy.quantile's default, from sorted values */
static double sorted_quantile(const double *sorted, size_t n, double q) {
  double at = q * (double)(n - 1), part = at - floor(at);
  size_t low = (size_t)at, high = low + 1 < n ? low + 1 : n - 1;
  double a = sorted[low], b = sorted[high];
  return part < 0.5 ? a + (b - a) * part : b - (b - a) * (1 - part);
}

static int run_passes(ens_quantile *quantile, const double *x, size_t nsteps, size_t width, size_t block) {
  ens_visitor *visitor = ens_quantile_visitor(quantile);
  int passes = 0;
  for (; !visitor->done && passes < 20; passes++) {
    if (visitor->ops->begin(visitor, NULL) != ENS_OK) return -1;
    for (size_t t = 0; t < nsteps; t += block)
      visitor->ops->draws(visitor, x + t * width, nsteps - t < block ? nsteps - t : block);
    visitor->ops->end(visitor);
  }
  return visitor->done ? passes : -1;
}

/* x[nsteps][nwalkers][ndim]. Returns the number of passes. */
static int check_quantiles(const double *x, size_t nsteps, size_t nwalkers, size_t ndim) {
  size_t n = nsteps * nwalkers;
  double *sorted = malloc(n * sizeof *sorted);
  ens_quantile *quantile = ens_quantile_create(nwalkers, ndim, nsteps, wanted, NQ);
  int passes = run_passes(quantile, x, nsteps, nwalkers * ndim, 777);
  CHECK(passes > 0);
  for (size_t d = 0; d < ndim && passes > 0; d++) {
    for (size_t i = 0; i < n; i++) sorted[i] = x[i * ndim + d];
    qsort(sorted, n, sizeof *sorted, compare_doubles);
    for (size_t q = 0; q < NQ; q++) {
      double expected = sorted_quantile(sorted, n, wanted[q]);
      uint64_t upto = 0;
      while (upto < n && sorted[upto] <= expected) upto++;
      CHECK(ens_quantile_value(quantile, d, q) == expected);
      CHECK(ens_quantile_upto(quantile, d, q) == upto);
    }
  }
  ens_quantile_destroy(quantile);
  free(sorted);
  return passes;
}

TEST(few_draws) {
  uint64_t state = 1;
  double x[60];
  for (size_t i = 0; i < 60; i++) x[i] = noise(&state);
  for (size_t n = 1; n <= 10; n++) {
    check_quantiles(x, n, 1, 1);
    check_quantiles(x, n, 2, 3);
  }
}

TEST(many_draws) {
  size_t nsteps = 20000, width = 12;
  uint64_t state = 2;
  double *x = malloc(nsteps * width * sizeof *x);
  for (size_t i = 0; i < nsteps * width; i++) x[i] = noise(&state) + noise(&state) - noise(&state);
  CHECK(check_quantiles(x, nsteps, 4, 3) == 3);
  CHECK(check_quantiles(x, nsteps, 12, 1) == 3);
  CHECK(check_quantiles(x, nsteps * 12, 1, 1) == 3);
  free(x);
}

/* Repeats as from rejected proposals; two values; one value; both zeros. */
TEST(repeated_values) {
  size_t n = 30000;
  uint64_t state = 3;
  double *x = malloc(n * sizeof *x), now = 0;
  for (size_t i = 0; i < n; i++) x[i] = now = noise(&state) < 0.1 ? noise(&state) : now;
  check_quantiles(x, n / 3, 3, 1);
  for (size_t i = 0; i < n; i++) x[i] = noise(&state) < 0.3 ? -1.0 : 2.0;
  CHECK(check_quantiles(x, n / 3, 3, 1) == 2);
  for (size_t i = 0; i < n; i++) x[i] = 0.1;
  CHECK(check_quantiles(x, n / 3, 3, 1) == 2);
  for (size_t i = 0; i < n; i++) x[i] = i % 2 ? 0.0 : -0.0;
  check_quantiles(x, n / 3, 3, 1);
  free(x);
}

/* Both signs and all magnitudes, also denormal numbers. */
TEST(heavy_tails) {
  size_t n = 40000;
  uint64_t state = 4;
  double *x = malloc(n * sizeof *x);
  for (size_t i = 0; i < n; i++) {
    double size = exp(1400.0 * (noise(&state) - 0.5));
    x[i] = noise(&state) < 0.5 ? -size : size;
  }
  x[5] = 5e-324;
  x[6] = -5e-324;
  x[7] = 1.7e308;
  x[8] = -1.7e308;
  check_quantiles(x, n / 4, 4, 1);
  check_quantiles(x, n / 4, 2, 2);
  free(x);
}

TEST(sorted_draws) {
  size_t n = 50000;
  double *x = malloc(n * sizeof *x);
  for (size_t i = 0; i < n; i++) x[i] = sqrt((double)i);
  check_quantiles(x, n, 1, 1);
  for (size_t i = 0; i < n; i++) x[i] = -sqrt((double)i);
  check_quantiles(x, n / 5, 5, 1);
  free(x);
}

/* A chain with the period of the sample: the sample sees one value only, and there are too many others to collect. */
TEST(a_sample_that_misleads) {
  size_t every = 100, n = ENS_BINS_SAMPLE * every;
  uint64_t state = 5;
  double *x = malloc(n * sizeof *x);
  for (size_t i = 0; i < n; i++) x[i] = i % every == 0 ? 0.0 : noise(&state) + 1e-3;
  CHECK(check_quantiles(x, n, 1, 1) > 3);
  for (size_t i = 0; i < n; i++) x[i] = i % every == 0 ? 0.0 : i % 3 ? 1.0 : 1.0 + 1e-15;
  CHECK(check_quantiles(x, n, 1, 1) > 3);
  free(x);
}

/* The sample includes every walker, even if its step would divide their number. Otherwise walker 2 would be a gap that
 * is too large to collect. */
TEST(a_sample_meets_every_walker) {
  size_t n = (size_t)ENS_BINS_SAMPLE * 200;
  uint64_t state = 7;
  double *x = malloc(n * sizeof *x);
  for (size_t i = 0; i < n; i++) x[i] = noise(&state) + (i % 2 ? 10.0 : 0.0);
  CHECK(check_quantiles(x, n / 2, 2, 1) == 3);
  free(x);
}

TEST(scores_are_normal_scores_of_ranks) {
  size_t n = 1000;
  double *x = malloc(n * sizeof *x), q[] = {0.5};
  for (size_t i = 0; i < n; i++) x[i] = (double)(i * 7919 % n); /* each of 0 .. n - 1 once */
  ens_quantile *quantile = ens_quantile_create(1, 1, n, q, 1);
  CHECK(run_passes(quantile, x, n, 1, n) == 2);
  const ens_bins *bins = ens_quantile_bins(quantile, 0);
  for (size_t i = 0; i < n; i++) {
    double p = ((double)i + 1 - 0.375) / ((double)n + 0.25), z = bins->score[ens_bins_find(bins, (double)i)];
    CHECK_NEAR(0.5 * erfc(-z / sqrt(2.0)), p, 1e-14);
  }
  CHECK_NEAR(bins->score_mean, 0.0, 1e-14);
  CHECK_NEAR(bins->score_variance, 1.0, 0.01);
  ens_quantile_destroy(quantile);
  free(x);
}

TEST(every_allocation_may_fail) {
#if SCARCE
  size_t n = 30000;
  uint64_t state = 6;
  double *x = malloc(n * sizeof *x);
  for (size_t i = 0; i < n; i++) x[i] = noise(&state);
  long left = 0;
  for (int passes = -1; passes < 0 && left < 100; left++) {
    scarce_left = left;
    ens_quantile *quantile = ens_quantile_create(3, 2, n / 6, wanted, NQ);
    passes = quantile ? run_passes(quantile, x, n / 6, 6, 1000) : -1;
    scarce_left = -1;
    ens_quantile_destroy(quantile);
  }
  CHECK(left > 5 && left < 100);
  free(x);
#endif
}

int main(void) {
  RUN(few_draws);
  RUN(many_draws);
  RUN(repeated_values);
  RUN(heavy_tails);
  RUN(sorted_draws);
  RUN(a_sample_that_misleads);
  RUN(a_sample_meets_every_walker);
  RUN(scores_are_normal_scores_of_ranks);
  RUN(every_allocation_may_fail);
  return unit_report();
}
