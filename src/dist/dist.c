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

ens_density ens_density_make(const ens_dist *dist, const double *p) {
  ens_density density = {.dist = dist};
  memcpy(density.p, p, dist->nparameters * sizeof *p);
  if (dist->prepare) dist->prepare(p, density.k);
  return density;
}

bool ens_density_move(ens_density *density, const double *p) {
  size_t location = density->dist->location;
  if (location && !isfinite(p[location - 1])) return false;
  for (size_t i = 0; i < density->dist->nparameters; i++)
    if (i + 1 != location && memcmp(&p[i], &density->p[i], sizeof *p) != 0) return false;
  if (location) density->p[location - 1] = p[location - 1];
  return true;
}

static bool has_nan(const ens_density *density) {
  for (size_t i = 0; i < density->dist->nparameters; i++)
    if (isnan(density->p[i])) return true;
  return false;
}

double ens_density_log(const ens_density *density, double x) {
  if (isnan(x) || has_nan(density)) return NAN;
  if (isinf(x) || !density->dist->holds(x, density->p)) return -INFINITY;
  return density->dist->lpdf(x, density->p, density->k);
}

double ens_density_log_prior(const ens_density *density, double x) {
  double period = density->dist->period;
  if (period > 0 && fabs(x - density->p[0]) > period / 2) return -INFINITY;
  return ens_density_log(density, x);
}

/* A draw is rounded onto a pole more often than chance has it there: then the number beside it stands for it. */
double ens_density_draw(const ens_density *density, ens_stream *stream) {
  double x = density->dist->draw(stream, density->p);
  return ens_density_log(density, x) < INFINITY ? x : nextafter(x, 0.5);
}
