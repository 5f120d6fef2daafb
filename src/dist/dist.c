/* The tables of rows from the files beside this one, and the checks that their ranges name. */
#include "dist/dist.h"

#include <math.h>
#include <string.h>

#include "dist/rows.h"

static const ens_dist *const rows[] = {&ens_dist_normal,
                                       &ens_dist_half_normal,
                                       &ens_dist_truncated_normal,
                                       &ens_dist_lognormal,
                                       &ens_dist_student_t,
                                       &ens_dist_half_student_t,
                                       &ens_dist_cauchy,
                                       &ens_dist_half_cauchy,
                                       &ens_dist_laplace,
                                       &ens_dist_logistic,
                                       &ens_dist_gumbel,
                                       &ens_dist_von_mises,
                                       &ens_dist_uniform,
                                       &ens_dist_loguniform,
                                       &ens_dist_beta,
                                       &ens_dist_exponential,
                                       &ens_dist_gamma,
                                       &ens_dist_inv_gamma,
                                       &ens_dist_chi2,
                                       &ens_dist_weibull,
                                       &ens_dist_pareto,
                                       &ens_dist_rayleigh,
                                       &ens_dist_poisson,
                                       &ens_dist_binomial,
                                       &ens_dist_neg_binomial,
                                       &ens_dist_bernoulli,
                                       &ens_dist_geometric,
                                       NULL};

static bool is_finite(double x) {
  return isfinite(x);
}
static bool is_positive(double x) {
  return x > 0 && isfinite(x);
}
static bool is_not_negative(double x) {
  return x >= 0 && isfinite(x);
}
static bool is_probability(double x) {
  return x >= 0 && x <= 1;
}
static bool is_chance(double x) {
  return x > 0 && x <= 1;
}
static bool is_count(double x) {
  return x >= 0 && isfinite(x) && x <= floor(x);
}
static bool is_bound(double x) {
  return !isnan(x);
}

static const struct {
  bool (*holds)(double x);
  const char *text;
} ranges[] = {[ENS_FINITE] = {is_finite, "a finite number"},
              [ENS_POSITIVE] = {is_positive, "a finite number above 0"},
              [ENS_NOT_NEGATIVE] = {is_not_negative, "a finite number of at least 0"},
              [ENS_PROBABILITY] = {is_probability, "a number from 0 to 1"},
              [ENS_CHANCE] = {is_chance, "a number above 0 and at most 1"},
              [ENS_COUNT] = {is_count, "a whole number of at least 0"},
              [ENS_BOUND] = {is_bound, "a number or an infinity"}};

const ens_dist *ens_dist_at(size_t i) {
  return rows[i];
}

const ens_dist *ens_dist_find(const char *name) {
  for (size_t i = 0; rows[i]; i++)
    if (strcmp(rows[i]->name, name) == 0) return rows[i];
  return NULL;
}

const char *ens_dist_range_text(ens_dist_range range) {
  return ranges[range].text;
}

size_t ens_dist_bad_parameter(const ens_dist *dist, const double *p) {
  for (size_t i = 0; i < dist->nparameters; i++) {
    if (!ranges[dist->parameter[i].range].holds(p[i])) return i;
    if (i > 0 && i == dist->above && !(p[i - 1] < p[i])) return i;
  }
  return dist->nparameters;
}
