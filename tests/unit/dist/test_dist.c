/* Distributions: densities against 60-digit values, edges of supports, parameters out of range, and draws against
 * moments and distribution functions (dist_reference.h). */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dist/density.h"
#include "dist/dirichlet.h"
#include "dist/dist.h"
#include "dist/multi_normal.h"
#include "dist/prior.h"
#include "dist/rows.h"
#include "dist_reference.h"
#include "unit.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static double lpdf(const char *name, double p0, double p1, double p2, double p3, double x) {
  double p[ENS_DIST_PARAMETERS] = {p0, p1, p2, p3};
  ens_density density = ens_density_make(ens_dist_find(name), p);
  return ens_density_log(&density, x);
}

/* The tolerance is 1e-12 of the value, but of 1 if that is larger: a log density near 0 is a sum of larger terms. */
TEST(log_densities_are_exact) {
  for (size_t i = 0; i < COUNT(dist_values); i++) {
    const ens_dist *dist = ens_dist_find(dist_values[i].name);
    ens_density density = ens_density_make(dist, dist_values[i].p);
    double value = ens_density_log(&density, dist_values[i].x), exact = dist_values[i].value;
    if (fabs(value - exact) <= 1e-12 * fmax(fabs(exact), 1)) continue;
    fprintf(stderr, "%s(%g, %g, %g, %g) at %.17g is %.17g, not %.17g\n", dist->name, density.p[0], density.p[1],
            density.p[2], density.p[3], dist_values[i].x, value, exact);
    CHECK(!"exact to 1e-12");
  }
}

/* Valid parameters for every row. */
static void typical(const ens_dist *dist, double p[ENS_DIST_PARAMETERS]) {
  static const double all[] = {0.5, 0.75, 1, 2};
  memcpy(p, all, sizeof all);
  if (dist->parameter[0].range == ENS_COUNT) p[0] = 3;
}

TEST(every_row_has_values_and_draws) {
  for (size_t i = 0; ens_dist_at(i); i++) {
    const char *name = ens_dist_at(i)->name;
    bool has_values = false, has_draws = strcmp(name, "half_student_t") == 0; /* |student_t| */
    for (size_t k = 0; k < COUNT(dist_values); k++) has_values |= strcmp(dist_values[k].name, name) == 0;
    for (size_t k = 0; k < COUNT(dist_draws); k++) has_draws |= strcmp(dist_draws[k].name, name) == 0;
    CHECK(has_values && has_draws);
    CHECK(ens_dist_find(name) == ens_dist_at(i));
    double p[ENS_DIST_PARAMETERS];
    typical(ens_dist_at(i), p);
    CHECK(ens_dist_bad_parameter(ens_dist_at(i), p) == ens_dist_at(i)->nparameters);
  }
  CHECK(ens_dist_find("norml") == NULL);
}

TEST(infinite_and_missing_arguments) {
  for (size_t i = 0; ens_dist_at(i); i++) {
    double p[ENS_DIST_PARAMETERS];
    typical(ens_dist_at(i), p);
    ens_density density = ens_density_make(ens_dist_at(i), p);
    CHECK(ens_density_log(&density, INFINITY) == -INFINITY);
    CHECK(ens_density_log(&density, -INFINITY) == -INFINITY);
    CHECK(isnan(ens_density_log(&density, NAN)));
    for (size_t k = 0; k < ens_dist_at(i)->nparameters; k++) {
      typical(ens_dist_at(i), p);
      p[k] = NAN;
      CHECK(ens_dist_bad_parameter(ens_dist_at(i), p) == k);
      density = ens_density_make(ens_dist_at(i), p);
      CHECK(isnan(ens_density_log(&density, 0.75)));
    }
  }
}

/* name, parameters, x, expected; NAN stands for any finite number */
static const struct {
  const char *name;
  double p[ENS_DIST_PARAMETERS], x, expected;
} edges[] = {
    {"half_normal", {2}, -DBL_MIN, -INFINITY},
    {"half_normal", {2}, -0.0, NAN},
    {"half_cauchy", {2}, -1, -INFINITY},
    {"half_student_t", {2, 1}, -1, -INFINITY},
    {"uniform", {-1, 1}, -1, -0.69314718055994530942},
    {"uniform", {-1, 1}, 1, -0.69314718055994530942},
    {"uniform", {-1, 1}, 1 + DBL_EPSILON, -INFINITY},
    {"uniform", {-1, 1}, -1 - DBL_EPSILON, -INFINITY},
    {"loguniform", {1, 2}, 1, NAN},
    {"loguniform", {1, 2}, 2, NAN},
    {"loguniform", {1, 2}, 0, -INFINITY},
    {"loguniform", {1, 2}, 2.5, -INFINITY},
    {"lognormal", {0, 1}, 0, -INFINITY},
    {"lognormal", {0, 1}, -1, -INFINITY},
    {"exponential", {2}, 0, 0.69314718055994530942},
    {"exponential", {2}, -1, -INFINITY},
    {"gamma", {0.5, 2}, 0, INFINITY},
    {"gamma", {1, 2}, 0, 0.69314718055994530942},
    {"gamma", {1.5, 2}, 0, -INFINITY},
    {"gamma", {1.5, 2}, -1, -INFINITY},
    {"gamma", {1.5, 2}, 1e308, -INFINITY},
    {"inv_gamma", {1.5, 2}, 0, -INFINITY},
    {"inv_gamma", {1.5, 2}, 1e-320, -INFINITY},
    {"chi2", {2}, 0, -0.69314718055994530942},
    {"chi2", {1}, 0, INFINITY},
    {"chi2", {3}, 0, -INFINITY},
    {"beta", {0.5, 2}, 0, INFINITY},
    {"beta", {1, 2}, 0, 0.69314718055994530942},
    {"beta", {2, 2}, 0, -INFINITY},
    {"beta", {2, 0.5}, 1, INFINITY},
    {"beta", {2, 1}, 1, 0.69314718055994530942},
    {"beta", {2, 2}, 1, -INFINITY},
    {"beta", {1, 1}, 1.0000001, -INFINITY},
    {"beta", {1, 1}, -1e-300, -INFINITY},
    {"weibull", {0.5, 2}, 0, INFINITY},
    {"weibull", {1, 2}, 0, -0.69314718055994530942},
    {"weibull", {2, 2}, 0, -INFINITY},
    {"weibull", {2, 2}, -1, -INFINITY},
    {"rayleigh", {2}, 0, -INFINITY},
    {"pareto", {2, 1}, 2, -0.69314718055994530942},
    {"pareto", {2, 1}, 1.9999, -INFINITY},
    {"truncated_normal", {0, 1, -1, 1}, 1, NAN},
    {"truncated_normal", {0, 1, -1, 1}, 1.0000001, -INFINITY},
    {"truncated_normal", {0, 1, 1, INFINITY}, 0.9999999, -INFINITY},
    {"gumbel", {0, 1}, -1e5, -INFINITY},
    {"poisson", {2.5}, -1, -INFINITY},
    {"poisson", {2.5}, 1.5, -INFINITY},
    {"poisson", {0}, 0, 0},
    {"poisson", {0}, 1, -INFINITY},
    {"binomial", {3, 0.5}, 4, -INFINITY},
    {"binomial", {3, 0.5}, 1.5, -INFINITY},
    {"binomial", {3, 0}, 0, 0},
    {"binomial", {3, 0}, 1, -INFINITY},
    {"binomial", {3, 0}, 3, -INFINITY},
    {"binomial", {3, 1}, 3, 0},
    {"binomial", {3, 1}, 2, -INFINITY},
    {"binomial", {3, 1}, 0, -INFINITY},
    {"binomial", {0, 0}, 0, 0},
    {"binomial", {0, 1}, 0, 0},
    {"neg_binomial", {2, 1}, 0, 0},
    {"neg_binomial", {2, 1}, 1, -INFINITY},
    {"neg_binomial", {2, 0.5}, -1, -INFINITY},
    {"neg_binomial", {2, 0.5}, 0.5, -INFINITY},
    {"bernoulli", {0}, 0, 0},
    {"bernoulli", {0}, 1, -INFINITY},
    {"bernoulli", {1}, 1, 0},
    {"bernoulli", {0.5}, 2, -INFINITY},
    {"bernoulli", {0.5}, 0.5, -INFINITY},
    {"geometric", {0.5}, 0, -INFINITY},
    {"geometric", {1}, 1, 0},
    {"geometric", {1}, 2, -INFINITY},
    {"geometric", {0.5}, 1.5, -INFINITY},
};

TEST(edges_of_supports) {
  for (size_t i = 0; i < COUNT(edges); i++) {
    const double *p = edges[i].p;
    double value = lpdf(edges[i].name, p[0], p[1], p[2], p[3], edges[i].x);
    bool right = isnan(edges[i].expected)   ? isfinite(value)
                 : isinf(edges[i].expected) ? value == edges[i].expected
                                            : fabs(value - edges[i].expected) < 1e-15;
    if (right) continue;
    fprintf(stderr, "%s(%g, %g, ...) at %.17g is %.17g, not %g\n", edges[i].name, p[0], p[1], edges[i].x, value,
            edges[i].expected);
    CHECK(!"the edge is right");
  }
}

/* name, parameters, the index of the first one that is out of range */
static const struct {
  const char *name;
  double p[ENS_DIST_PARAMETERS];
  size_t bad;
} refused[] = {
    {"normal", {0, 0}, 1},
    {"normal", {0, -1}, 1},
    {"normal", {INFINITY, 1}, 0},
    {"normal", {0, INFINITY}, 1},
    {"uniform", {1, 1}, 1},
    {"uniform", {2, 1}, 1},
    {"uniform", {-INFINITY, 1}, 0},
    {"loguniform", {0, 1}, 0},
    {"loguniform", {2, 1}, 1},
    {"student_t", {0, 0, 1}, 0},
    {"student_t", {1, 0, 0}, 2},
    {"gamma", {0, 1}, 0},
    {"gamma", {1, 0}, 1},
    {"beta", {1, -1}, 1},
    {"truncated_normal", {0, 1, 2, 2}, 3},
    {"poisson", {-1}, 0},
    {"truncated_normal", {0, 1, 2, 1}, 3},
    {"binomial", {1.5, 0.5}, 0},
    {"binomial", {-1, 0.5}, 0},
    {"binomial", {1, 1.5}, 1},
    {"neg_binomial", {0, 0.5}, 0},
    {"neg_binomial", {1, 0}, 1},
    {"bernoulli", {-0.1}, 0},
    {"geometric", {0}, 0},
    {"von_mises", {0, -1}, 1},
    {"pareto", {0, 1}, 0},
};

TEST(parameters_out_of_range) {
  for (size_t i = 0; i < COUNT(refused); i++)
    CHECK(ens_dist_bad_parameter(ens_dist_find(refused[i].name), refused[i].p) == refused[i].bad);
}

/* If a row names a location, its `prepare` must not use it. */
TEST(a_moved_density_equals_a_new_one) {
  for (size_t i = 0; ens_dist_at(i); i++) {
    double p[ENS_DIST_PARAMETERS];
    typical(ens_dist_at(i), p);
    size_t at = ens_dist_at(i)->location;
    ens_density density = ens_density_make(ens_dist_at(i), p);
    CHECK(ens_density_move(&density, p));
    if (at) p[at - 1] += 0.125;
    CHECK(ens_density_move(&density, p));
    ens_density made = ens_density_make(ens_dist_at(i), p);
    CHECK_NEAR(ens_density_log(&density, 1), ens_density_log(&made, 1), 0);
    p[at == 1 ? 1 : 0] *= 0.5;
    CHECK(!ens_density_move(&density, p));
  }
}

TEST(a_density_moves_to_finite_places_only) {
  double p[ENS_DIST_PARAMETERS] = {0, 1};
  ens_density density = ens_density_make(ens_dist_find("normal"), p);
  p[0] = NAN;
  CHECK(!ens_density_move(&density, p));
  p[0] = INFINITY;
  CHECK(!ens_density_move(&density, p));
}

/* ---- draws ---- */

enum { DRAWS = 20000 };

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Mean and variance must be within four standard errors; that of the variance follows from the kurtosis. */
static void check_moments(size_t row, const double *x) {
  double mean = 0, variance = 0;
  for (size_t i = 0; i < DRAWS; i++) mean += x[i] / DRAWS;
  for (size_t i = 0; i < DRAWS; i++) variance += (x[i] - mean) * (x[i] - mean) / (DRAWS - 1);
  if (isnan(dist_draws[row].mean) || isnan(dist_draws[row].variance)) return;
  CHECK_NEAR(mean, dist_draws[row].mean, 4 * sqrt(dist_draws[row].variance / DRAWS));
  if (isnan(dist_draws[row].kurtosis)) return;
  CHECK_NEAR(variance, dist_draws[row].variance,
             4 * dist_draws[row].variance * sqrt((dist_draws[row].kurtosis + 2) / DRAWS));
}

/* The largest distance between the distribution functions. It exceeds 1.95 / sqrt(n) one time in a thousand. */
static void check_distance(size_t row, double *x) {
  double most = 0;
  size_t below = 0;
  qsort(x, DRAWS, sizeof *x, compare);
  for (int i = 0; i < dist_draws[row].n; i++) {
    double at = dist_draws[row].at[i];
    while (below < DRAWS && x[below] <= at + 1e-12 * fabs(at)) below++;
    most = fmax(most, fabs((double)below / DRAWS - dist_draws[row].cdf[i]));
  }
  CHECK_NEAR(most, 0, 1.95 / sqrt(DRAWS));
}

static void draw_many(const ens_density *density, uint64_t seed, double *x) {
  for (size_t i = 0; i < DRAWS; i++) {
    ens_stream stream = ens_stream_at(seed, 0, i, ENS_RNG_START);
    x[i] = ens_density_draw(density, &stream);
    if (!isfinite(ens_density_log_prior(density, x[i])) && !isinf(ens_density_log_prior(density, x[i])))
      CHECK(!"a draw has a density");
    if (ens_density_log_prior(density, x[i]) == -INFINITY) CHECK(!"a draw is in the support");
  }
}

TEST(draws_follow_the_distribution) {
  static double x[DRAWS];
  for (size_t row = 0; row < COUNT(dist_draws); row++) {
    ens_density density = ens_density_make(ens_dist_find(dist_draws[row].name), dist_draws[row].p);
    int bad = unit_bad;
    unit_bad = 0;
    draw_many(&density, 7, x);
    check_moments(row, x);
    check_distance(row, x);
    if (unit_bad) fprintf(stderr, "  that was %s, row %zu\n", density.dist->name, row);
    unit_bad |= bad;
  }
}

/* Half of these draws round to the ends, where log_prob would be inf. */
TEST(draws_keep_off_poles) {
  const ens_density poles[] = {ens_density_make(ens_dist_find("beta"), (double[]){0.01, 0.01}),
                               ens_density_make(ens_dist_find("gamma"), (double[]){0.001, 1}),
                               ens_density_make(ens_dist_find("weibull"), (double[]){0.001, 1}),
                               ens_density_make(ens_dist_find("chi2"), (double[]){0.002})};
  for (size_t i = 0; i < COUNT(poles); i++)
    for (uint64_t k = 0; k < 100; k++) {
      ens_stream stream = ens_stream_at(9, 0, k, ENS_RNG_START);
      CHECK(ens_density_log(&poles[i], ens_density_draw(&poles[i], &stream)) < INFINITY);
    }
}

TEST(uniform_draws_stay_within_neighbours) {
  double p[ENS_DIST_PARAMETERS] = {0.1, nextafter(0.1, 1)};
  ens_density density = ens_density_make(ens_dist_find("uniform"), p);
  for (uint64_t k = 0; k < 100; k++) {
    ens_stream stream = ens_stream_at(9, 0, k, ENS_RNG_START);
    CHECK(isfinite(ens_density_log(&density, ens_density_draw(&density, &stream))));
  }
}

TEST(draws_depend_on_the_stream_alone) {
  for (size_t i = 0; ens_dist_at(i); i++) {
    double p[ENS_DIST_PARAMETERS];
    typical(ens_dist_at(i), p);
    ens_density density = ens_density_make(ens_dist_at(i), p);
    ens_stream a = ens_stream_at(1, 2, 3, ENS_RNG_START), b = a;
    double first = ens_density_draw(&density, &a), again = ens_density_draw(&density, &b);
    CHECK(memcmp(&first, &again, sizeof first) == 0);
  }
}

/* ---- priors and vectors ---- */

TEST(a_prior_is_a_sum) {
  ens_prior *prior = ens_prior_create(2);
  prior->density[0] = ens_density_make(ens_dist_find("uniform"), (double[]){0, 2});
  prior->density[1] = ens_density_make(ens_dist_find("gamma"), (double[]){0.5, 2});
  CHECK_NEAR(ens_prior_log(prior, (double[]){1, 3}), -log(2) + lpdf("gamma", 0.5, 2, 0, 0, 3), 1e-15);
  CHECK(ens_prior_log(prior, (double[]){3, 0}) == -INFINITY); /* not NaN, although the second term is a pole */
  CHECK(ens_prior_log(prior, (double[]){1, 0}) == -INFINITY);
  CHECK(isnan(ens_prior_log(prior, (double[]){NAN, 1})));
  double a[2], b[2];
  ens_stream stream = ens_stream_at(1, 0, 5, ENS_RNG_START), same = stream;
  ens_prior_draw(prior, &stream, a);
  for (int i = 0; i < 2; i++) b[i] = ens_density_draw(&prior->density[i], &same);
  CHECK(memcmp(a, b, sizeof a) == 0);
  free(prior);
}

/* An improper prior would never let a chain converge. So an angle is bounded as a prior, but periodic as data. */
TEST(a_periodic_prior_has_one_period) {
  ens_density density = ens_density_make(ens_dist_find("von_mises"), (double[]){1, 2});
  CHECK_NEAR(ens_density_log(&density, 1.5 + 8 * atan(1)), ens_density_log(&density, 1.5), 1e-14);
  CHECK(ens_density_log_prior(&density, 1.5 + 8 * atan(1)) == -INFINITY);
  CHECK(isfinite(ens_density_log_prior(&density, 4.14)));
}

static ens_multi_normal *normal_of_three(void) {
  static const double mean[] = {1, -2, 0.5}, covariance[] = {4, 1.5, 0.5, 1.5, 2, -0.25, 0.5, -0.25, 1};
  ens_multi_normal *self = malloc(ens_multi_normal_bytes(3));
  ens_multi_normal_lay_out(self, 3);
  memcpy(self->mean, mean, sizeof mean);
  memcpy(self->factor, covariance, sizeof covariance);
  return self;
}

TEST(multivariate_normal) {
  ens_multi_normal *self = normal_of_three();
  CHECK(ens_multi_normal_prepare(self));
  for (size_t i = 0; i < COUNT(multi_normal_values); i++)
    CHECK_NEAR(ens_multi_normal_log(self, multi_normal_values[i].x), multi_normal_values[i].value,
               1e-12 * fabs(multi_normal_values[i].value));
  CHECK(ens_multi_normal_log(self, (double[]){INFINITY, 0, 0}) == -INFINITY);
  CHECK(isnan(ens_multi_normal_log(self, (double[]){NAN, 0, 0})));
  free(self);
  self = normal_of_three();
  self->factor[8] = 0;
  CHECK(!ens_multi_normal_prepare(self));
  free(self);
}

TEST(multivariate_normal_draws) {
  ens_multi_normal *self = normal_of_three();
  double x[3], mean = 0, product = 0;
  CHECK(ens_multi_normal_prepare(self));
  for (size_t i = 0; i < DRAWS; i++) {
    ens_stream stream = ens_stream_at(3, 0, i, ENS_RNG_START);
    ens_multi_normal_draw(self, &stream, x);
    mean += x[1] / DRAWS;
    product += (x[0] - 1) * (x[1] + 2) / DRAWS;
  }
  CHECK_NEAR(mean, -2, 4 * sqrt(2.0 / DRAWS));
  CHECK_NEAR(product, 1.5, 4 * sqrt((4 * 2 + 1.5 * 1.5) / DRAWS));
  free(self);
}

TEST(dirichlet) {
  static const double alpha[] = {0.5, 2, 3.5};
  for (size_t i = 0; i < COUNT(dirichlet_values); i++)
    CHECK_NEAR(ens_dirichlet_log(3, dirichlet_values[i].x, alpha), dirichlet_values[i].value, 1e-12);
  CHECK(ens_dirichlet_log(3, (double[]){0.5, 0.5, 0.5}, alpha) == -INFINITY);
  CHECK(ens_dirichlet_log(3, (double[]){-0.5, 1, 0.5}, alpha) == -INFINITY);
  CHECK(ens_dirichlet_log(3, (double[]){0.5, 0, 0.5}, alpha) == -INFINITY);
  CHECK(ens_dirichlet_log(3, (double[]){0, 0.5, 0.5}, alpha) == INFINITY);
  CHECK(isnan(ens_dirichlet_log(3, (double[]){NAN, 0.5, 0.5}, alpha)));
  double x[3], mean = 0;
  for (size_t i = 0; i < DRAWS; i++) {
    ens_stream stream = ens_stream_at(4, 0, i, ENS_RNG_START);
    ens_dirichlet_draw(3, alpha, &stream, x);
    CHECK(isfinite(ens_dirichlet_log(3, x, alpha)));
    mean += x[2] / DRAWS;
  }
  CHECK_NEAR(mean, 3.5 / 6, 4 * sqrt(3.5 / 6 * (2.5 / 6) / 7 / DRAWS));
}

TEST(a_sum_at_once_has_the_bits_of_one_by_one) {
  double x[3] = {0.5, -2, 7}, mu[3] = {0, 1, 2}, sigma[3] = {1, 1, 0.3}, sum = 0, one = 0;
  ens_dist_column columns[3] = {{x, 1}, {mu, 1}, {sigma, 1}};
  for (int i = 0; i < 3; i++) {
    ens_density density = ens_density_make(&ens_dist_normal, (double[]){mu[i], sigma[i]});
    one += ens_density_log(&density, x[i]);
  }
  CHECK(ens_dist_normal.sum(3, columns, &sum) && sum == one);
  columns[1].stride = columns[2].stride = 0;
  CHECK(ens_dist_normal.sum(3, columns, &sum));
  CHECK_NEAR(sum, -1.5 * log(2 * acos(-1)) - (0.25 + 4 + 49) / 2, 1e-13);
}

TEST(a_sum_at_once_leaves_bad_arguments) {
  double good = 1, sum = 0, bad[] = {INFINITY, -INFINITY, NAN, 0, -1};
  for (int argument = 0; argument < 3; argument++)
    for (int i = 0; i < (argument < 2 ? 3 : 5); i++) {
      ens_dist_column columns[3] = {{&good, 0}, {&good, 0}, {&good, 0}};
      columns[argument].data = &bad[i];
      CHECK(!ens_dist_normal.sum(2, columns, &sum));
    }
}

int main(void) {
  RUN(log_densities_are_exact);
  RUN(every_row_has_values_and_draws);
  RUN(infinite_and_missing_arguments);
  RUN(edges_of_supports);
  RUN(parameters_out_of_range);
  RUN(a_moved_density_equals_a_new_one);
  RUN(a_density_moves_to_finite_places_only);
  RUN(draws_follow_the_distribution);
  RUN(draws_keep_off_poles);
  RUN(uniform_draws_stay_within_neighbours);
  RUN(draws_depend_on_the_stream_alone);
  RUN(a_prior_is_a_sum);
  RUN(a_periodic_prior_has_one_period);
  RUN(multivariate_normal);
  RUN(multivariate_normal_draws);
  RUN(dirichlet);
  RUN(a_sum_at_once_has_the_bits_of_one_by_one);
  RUN(a_sum_at_once_leaves_bad_arguments);
  return unit_report();
}
