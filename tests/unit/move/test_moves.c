/* The promises of a move apart from its distribution (test_invariance.c): its formula on given numbers, the walkers
 * that it reads, its parameters, the ensembles that it needs, and its answer if there is nothing to propose. */
#include <stdlib.h>

#include "base/cholesky.h"
#include "base/dense.h"
#include "move/move.h"
#include "unit.h"

#define WORD ENS_MOVE_WORD

static ens_move *make(const ens_move_kind *kind, const double *value) {
  ens_move *move = NULL;
  CHECK(ens_move_create(kind, value, &move, NULL) == ENS_OK);
  return move;
}

static double scratch[1000];

/* Fills q and returns the factor. */
static double propose(const ens_move *move, ens_stream *stream, const double *x, const double *const *partner, size_t n,
                      size_t ndim, uint64_t step, double *q) {
  ens_move_context context = {
      .scale = 1, .ndim = ndim, .ncomplement = n, .npartners = n, .seed = 1, .step = step, .scratch = scratch};
  return move->ops->propose(move, &context, stream, x, partner, q);
}

static const double x[2] = {1, 2}, a[2] = {4, 6}, b[2] = {0, 1}, c[2] = {2, -1};
static const double *const partner[] = {a, b, c};

TEST(de_steps_along_the_difference_of_two) {
  ens_move *move = make(&ens_move_de, (double[]){WORD(0), 0, 0.25});
  int jumps = 0;
  for (uint64_t i = 0; i < 1000; i++) {
    double q[2];
    ens_stream stream = ens_stream_at(i, 0, 0, ENS_RNG_UPDATE);
    CHECK(propose(move, &stream, x, partner, 2, 2, 1, q) == 0);
    bool jump = q[0] == 1 + 4.0;
    CHECK_NEAR(q[0], 1 + (jump ? 1 : 1.19) * 4, 1e-12);
    CHECK_NEAR(q[1], 2 + (jump ? 1 : 1.19) * 5, 1e-12);
    jumps += jump;
  }
  CHECK(abs(jumps - 250) < 55); /* four standard deviations */
  move->ops->destroy(move);
}

/* The whole formula: u is the unit vector from z to x. */
TEST(snooker_steps_along_the_line_to_a_walker) {
  ens_move *move = make(&ens_move_snooker, (double[]){1.7});
  double q[2], u[2] = {-3.0 / 5, -4.0 / 5};
  ens_stream stream = ens_stream_at(1, 0, 0, ENS_RNG_UPDATE);
  double factor = propose(move, &stream, x, partner, 3, 2, 1, q);
  double along = 1.7 * (u[0] * (b[0] - c[0]) + u[1] * (b[1] - c[1]));
  CHECK_NEAR(q[0], 1 + along * u[0], 1e-14);
  CHECK_NEAR(q[1], 2 + along * u[1], 1e-14);
  CHECK_NEAR(factor, log(hypot(q[0] - 4, q[1] - 6) / 5), 1e-14);
  CHECK(propose(move, &stream, a, partner, 3, 2, 1, q) == -INFINITY); /* there is no line from a to a */
  CHECK(q[0] == a[0] && q[1] == a[1]);
  CHECK(propose(move, &stream, x, partner, 3, 1, 1, q) == 0);
  move->ops->destroy(move);
}

/* The mean of (q - x)(q - x)' over many streams is as expected within five standard errors. */
static void check_covariance(const ens_move *move, size_t n, uint64_t step, const double *want) {
  enum { N = 40000 };
  double sum[3] = {0};
  for (uint64_t i = 0; i < N; i++) {
    double q[2];
    ens_stream stream = ens_stream_at(i, 1, 0, ENS_RNG_UPDATE);
    CHECK(propose(move, &stream, x, partner, n, 2, step, q) == 0);
    double r[2] = {q[0] - x[0], q[1] - x[1]};
    sum[0] += r[0] * r[0] / N, sum[1] += r[0] * r[1] / N, sum[2] += r[1] * r[1] / N;
  }
  double scale[3] = {2 * want[0] * want[0], want[0] * want[2] + want[1] * want[1], 2 * want[2] * want[2]};
  for (int i = 0; i < 3; i++) CHECK_NEAR(sum[i], want[i], 5 * sqrt(scale[i] / N));
}

TEST(walk_steps_with_the_covariance_of_those_it_reads) {
  ens_move *move = make(&ens_move_walk, (double[]){WORD(0), 2});
  check_covariance(move, 3, 1, (double[]){4 * 4, 4 * 5, 4 * 13}); /* of (4, 6), (0, 1), (2, -1); c = 2 */
  move->ops->destroy(move);
}

TEST(side_steps_along_the_difference_of_two) {
  ens_move *move = make(&ens_move_side, (double[]){0.5, WORD(0)});
  double q[2];
  ens_stream stream = ens_stream_at(1, 0, 0, ENS_RNG_UPDATE);
  CHECK(propose(move, &stream, x, partner, 2, 2, 1, q) == 0);
  CHECK_NEAR((q[0] - 1) / 4, (q[1] - 2) / 5, 1e-14);
  check_covariance(move, 2, 1, (double[]){0.25 * 16, 0.25 * 20, 0.25 * 25});
  move->ops->destroy(move);
}

TEST(gaussian_steps_have_the_given_covariance) {
  ens_move *scalar = make(&ens_move_gaussian, (double[]){3, WORD(0), 1, 0, 1, 0.5});
  ens_move *list = make(&ens_move_gaussian, (double[]){3, WORD(0), 1, 1, 2, 0.5, 2});
  ens_move *matrix = make(&ens_move_gaussian, (double[]){3, WORD(0), 1, 2, 2, 2, -1, -1, 3});
  ens_move *random = make(&ens_move_gaussian, (double[]){3, WORD(1), 1, 1, 2, 4, 9});
  ens_move *sequential = make(&ens_move_gaussian, (double[]){3, WORD(2), 1, 1, 2, 4, 9});
  check_covariance(scalar, 0, 1, (double[]){0.5, 0, 0.5});
  check_covariance(list, 0, 1, (double[]){0.5, 0, 2});
  check_covariance(matrix, 0, 1, (double[]){2, -1, 3});
  check_covariance(sequential, 0, 1, (double[]){4, 0, 0});
  check_covariance(sequential, 0, 2, (double[]){0, 0, 9});
  int first = 0;
  for (uint64_t i = 0; i < 1000; i++) {
    double q[2];
    ens_stream stream = ens_stream_at(i, 1, 0, ENS_RNG_UPDATE);
    propose(random, &stream, x, NULL, 0, 2, 1, q);
    CHECK((q[0] != x[0]) + (q[1] != x[1]) == 1);
    first += q[0] != x[0];
  }
  CHECK(abs(first - 500) < 64);
  ens_move *all[] = {scalar, list, matrix, random, sequential};
  for (int i = 0; i < 5; i++) all[i]->ops->destroy(all[i]);
}

/* F is the same for all walkers of a step, and its logarithm is uniform. */
TEST(the_factor_of_gaussian_is_drawn_once_a_step) {
  ens_move *plain = make(&ens_move_gaussian, (double[]){3, WORD(0), 1, 0, 1, 1});
  ens_move *varied = make(&ens_move_gaussian, (double[]){3, WORD(0), 4, 0, 1, 1});
  double sum = 0, sum2 = 0, last = 0;
  for (uint64_t step = 1; step <= 2000; step++)
    for (uint64_t walker = 0; walker < 2; walker++) {
      double q[2], r[2];
      ens_stream one = ens_stream_at(1, step, walker, ENS_RNG_UPDATE), two = one;
      propose(plain, &one, x, NULL, 0, 2, step, q);
      propose(varied, &two, x, NULL, 0, 2, step, r);
      double log_scale = log((r[0] - x[0]) / (q[0] - x[0])) / log(4);
      CHECK_NEAR(log((r[1] - x[1]) / (q[1] - x[1])) / log(4), log_scale, 1e-9);
      if (walker) CHECK_NEAR(log_scale, last, 1e-9);
      CHECK(fabs(log_scale) <= 1 + 1e-9);
      last = log_scale;
      sum += log_scale / 4000, sum2 += log_scale * log_scale / 4000;
    }
  CHECK_NEAR(sum, 0, 4 * sqrt(1 / 3.0 / 2000));
  CHECK_NEAR(sum2, 1 / 3.0, 4 * sqrt(4 / 45.0 / 2000));
  plain->ops->destroy(plain);
  varied->ops->destroy(varied);
}

/* One-dimensional kernels, computed by hand. */
/* The lessons of a rejected and an accepted proposal in three dimensions, with the step at `scale`. */
static void check_lesson(const ens_move_kind *kind, const double *value, double scale, double aim) {
  ens_move *move = make(kind, value);
  ens_move_context context = {.scale = scale, .ndim = 3, .ncomplement = 8};
  CHECK_NEAR(move->ops->lesson(move, &context, false), -aim, 1e-15);
  CHECK_NEAR(move->ops->lesson(move, &context, true), 1 - aim, 1e-15);
  move->ops->destroy(move);
}

TEST(steps_along_a_line_aim_at_more_acceptance_than_others) {
  check_lesson(&ens_move_de, (double[]){WORD(0), 0, 0.1}, 1, 0.25);
  check_lesson(&ens_move_walk, (double[]){WORD(0), WORD(0)}, 1, 0.25);
  check_lesson(&ens_move_side, (double[]){WORD(0), WORD(0)}, 1, 0.44);
  check_lesson(&ens_move_snooker, (double[]){1.7}, 1, 0.44);
  check_lesson(&ens_move_stretch, (double[]){1 + 2.152 / sqrt(3), WORD(0)}, 1, 0.44);
  check_lesson(&ens_move_gaussian, (double[]){3, WORD(0), 1, 0, 1, 0.5}, 1, 0.25);
  check_lesson(&ens_move_gaussian, (double[]){3, WORD(1), 1, 0, 1, 0.5}, 1, 0.44);
  check_lesson(&ens_move_gaussian, (double[]){3, WORD(2), 1, 0, 1, 0.5}, 1, 0.44);
}

/* Shorter than the best step on Gaussians, by its own scale or by tuning. */
TEST(a_step_is_made_short_only_where_hardly_any_is_accepted) {
  check_lesson(&ens_move_de, (double[]){WORD(0), 0, 0.1}, 0.99, 0.03);
  check_lesson(&ens_move_de, (double[]){2, 0, 0.1}, 0.99, 0.25);
  check_lesson(&ens_move_de, (double[]){2, 0, 0.1}, 0.48, 0.03);
  check_lesson(&ens_move_walk, (double[]){WORD(0), WORD(0)}, 0.99, 0.03);
  check_lesson(&ens_move_walk, (double[]){WORD(0), 1}, 1.4, 0.25);
  check_lesson(&ens_move_walk, (double[]){WORD(0), 1}, 1.3, 0.03);
  check_lesson(&ens_move_side, (double[]){WORD(0), WORD(0)}, 0.99, 0.03);
  check_lesson(&ens_move_side, (double[]){2, WORD(0)}, 0.48, 0.03);
  check_lesson(&ens_move_snooker, (double[]){3.4}, 0.51, 0.44);
  check_lesson(&ens_move_snooker, (double[]){3.4}, 0.49, 0.03);
  check_lesson(&ens_move_stretch, (double[]){2, WORD(0)}, 1.25, 0.44);
  check_lesson(&ens_move_stretch, (double[]){2, WORD(0)}, 1.24, 0.03);
  check_lesson(&ens_move_gaussian, (double[]){3, WORD(0), 1, 0, 1, 0.5}, 1e-3,
               0.25); /* its step has units of its own */
}

TEST(kde_returns_the_ratio_of_densities) {
  ens_move *move = make(&ens_move_kde, (double[]){0.5});
  for (uint64_t i = 0; i < 100; i++) {
    double q, k[2] = {0, 0}, h2 = 0.25 * 4; /* the variance of 4, 0, 2 is 4 */
    ens_stream stream = ens_stream_at(i, 0, 0, ENS_RNG_UPDATE);
    double factor = propose(move, &stream, x, partner, 3, 1, 1, &q);
    for (int j = 0; j < 3; j++) {
      k[0] += exp(-(x[0] - partner[j][0]) * (x[0] - partner[j][0]) / (2 * h2));
      k[1] += exp(-(q - partner[j][0]) * (q - partner[j][0]) / (2 * h2));
    }
    CHECK_NEAR(factor, log(k[0] / k[1]), 1e-12);
  }
  move->ops->destroy(move);
}

TEST(kde_is_finite_far_away_and_on_any_scale) {
  ens_move *move = make(&ens_move_kde, (double[]){WORD(0)});
  double q[2], far[2] = {1e6, 1e6};
  ens_stream stream = ens_stream_at(1, 0, 0, ENS_RNG_UPDATE);
  double factor = propose(move, &stream, far, partner, 3, 2, 1, q);
  CHECK(isfinite(factor) && factor < -1e10);
  double s[3][2] = {{4e150, 6e-200}, {0, 1e-200}, {2e150, -1e-200}}, at[2] = {1e150, 2e-200}, r[2];
  const double *const scaled[] = {s[0], s[1], s[2]};
  ens_stream one = ens_stream_at(2, 0, 0, ENS_RNG_UPDATE), two = one;
  CHECK_NEAR(propose(move, &one, at, scaled, 3, 2, 1, q), propose(move, &two, x, partner, 3, 2, 1, r), 1e-9);
  CHECK_NEAR(q[0] / 1e150, r[0], 1e-9);
  CHECK_NEAR(q[1] / 1e-200, r[1], 1e-9);
  move->ops->destroy(move);
}

TEST(kde_refuses_where_walkers_span_no_volume) {
  ens_move *move = make(&ens_move_kde, (double[]){WORD(0)});
  double line[4][2] = {{0, 0}, {1, 3}, {2, 6}, {0.1, 0.3}}, q[2];
  const double *const on_a_line[] = {line[0], line[1], line[2], line[3]};
  const double *const in_a_point[] = {a, a, a};
  ens_stream stream = ens_stream_at(1, 0, 0, ENS_RNG_UPDATE);
  CHECK(propose(move, &stream, x, on_a_line, 4, 2, 1, q) == -INFINITY && q[0] == x[0] && q[1] == x[1]);
  CHECK(propose(move, &stream, x, in_a_point, 3, 2, 1, q) == -INFINITY && q[0] == x[0] && q[1] == x[1]);
  move->ops->destroy(move);
}

/* Each of the 60 ordered choices of 3 of 5 is equally likely. */
TEST(choices_are_distinct_and_uniform) {
  enum { N = 60000 };
  static int count[125];
  for (uint64_t i = 0; i < N; i++) {
    size_t index[3];
    ens_stream stream = ens_stream_at(i, 0, 0, ENS_RNG_UPDATE);
    ens_move_choose(&stream, 5, 3, index);
    CHECK(index[0] < 5 && index[1] < 5 && index[2] < 5);
    count[index[0] * 25 + index[1] * 5 + index[2]]++;
  }
  double chi2 = 0;
  for (size_t i = 0; i < 125; i++) {
    bool distinct = i / 25 != i / 5 % 5 && i / 5 % 5 != i % 5 && i / 25 != i % 5;
    double want = distinct ? N / 60.0 : 0;
    if (distinct) chi2 += (count[i] - want) * (count[i] - want) / want;
    CHECK(distinct || count[i] == 0);
  }
  CHECK(chi2 < 59 + 4 * sqrt(2 * 59.0));
}

TEST(the_factor_of_a_matrix_gives_it_back) {
  double m[9] = {4, 0, 0, 2, 5, 0, -2, 1, 6}, l[9], back[3], b3[3] = {1, -2, 3};
  memcpy(l, m, sizeof l);
  CHECK(ens_cholesky(l, 3) == 0);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j <= i; j++) {
      double sum = 0;
      for (int k = 0; k <= j; k++) sum += l[3 * i + k] * l[3 * j + k];
      CHECK_NEAR(sum, m[3 * i + j], 1e-14);
    }
  double solved[3] = {1, -2, 3};
  ens_dense_solve(l, 3, solved, 1, false);
  ens_cholesky_multiply(l, 3, solved, back);
  for (int i = 0; i < 3; i++) CHECK_NEAR(back[i], b3[i], 1e-14);
  CHECK(ens_cholesky((double[]){1, 0, 2, 1}, 2) == 2);
  CHECK(ens_cholesky((double[]){0.01, 0, 0.03, 0.09}, 2) == 2); /* singular except for rounding */
  CHECK(ens_cholesky((double[]){NAN}, 1) == 1);
  CHECK(ens_cholesky((double[]){INFINITY}, 1) == 1);
}

static void refuses(const ens_move_kind *kind, const double *value, const char *message) {
  ens_move *move = NULL;
  ens_error error = ENS_ERROR_NONE;
  CHECK(ens_move_create(kind, value, &move, &error) == ENS_CONFIG);
  CHECK_STRING(ens_error_text(&error), message);
  ens_error_clear(&error);
}

TEST(parameters_are_checked) {
  refuses(&ens_move_side, (double[]){0, WORD(0)},
          "move 'side': sigma is 0: it must be above 0 and at most 1e+06 (the step in "
          "differences; 'auto' is 1.687 / sqrt(ndim))");
  refuses(&ens_move_side, (double[]){WORD(1), WORD(0)},
          "move 'side': sigma is -2: it must be above 0 and at most 1e+06 (the "
          "step in differences; 'auto' is 1.687 / sqrt(ndim))");
  refuses(&ens_move_stretch, (double[]){2, 2}, "move 'stretch': delayed is 2: it must be below a, which is 2");
  refuses(&ens_move_slice, (double[]){1, WORD(0), 0},
          "move 'slice': max_steps is 0: it must be at least 1 and at most 1e+09 (how often the interval may be "
          "stepped out)");
  refuses(&ens_move_walk, (double[]){2.5, 1},
          "move 'walk': s is 2.5: it must be at least 2 and at most 1e+06 (how many walkers an update reads)");
  refuses(&ens_move_de, (double[]){1, 0, 1.5},
          "move 'de': jump is 1.5: it must be at least 0 and at most 1 (the "
          "probability of a step of one whole difference)");
  refuses(&ens_move_gaussian, (double[]){3, WORD(0), 0.5, 0, 1, 1},
          "move 'gaussian': factor is 0.5: it must be at least 1 and at most 1e+06 (the largest factor by which a "
          "step's scale is varied)");
  refuses(&ens_move_gaussian, (double[]){3, WORD(0), 1, 0, 1, 0},
          "move 'gaussian': cov has the variance 0: it must be above 0");
  refuses(&ens_move_gaussian, (double[]){3, WORD(0), 1, 1, 2, 1, INFINITY},
          "move 'gaussian': cov has the variance inf: it must be above 0");
  refuses(&ens_move_gaussian, (double[]){3, WORD(0), 1, 2, 3, 1, 2, 3, 4, 5, 6},
          "move 'gaussian': cov has 2 rows of 3: it must be a square");
  refuses(&ens_move_gaussian, (double[]){3, WORD(0), 1, 2, 2, 1, 2, 3, 4},
          "move 'gaussian': cov is not symmetric: [1][2] is 2, [2][1] is 3");
  refuses(&ens_move_gaussian, (double[]){3, WORD(0), 1, 2, 2, 1, 2, 2, 1},
          "move 'gaussian': cov is not positive definite");
  refuses(&ens_move_gaussian, (double[]){3, WORD(2), 1, 2, 2, 1, 0, 0, 1},
          "move 'gaussian': cov is a full matrix, which moves all dimensions: the mode must be 'vector'");
  for (const ens_move_kind *const *kind = ens_move_kinds; *kind; kind++) CHECK(ens_move_find((*kind)->name) == *kind);
}

/* The message; "" if the move fits. */
static void check_needs(const ens_move_kind *kind, const double *value, size_t nwalkers, size_t nsplits, size_t ndim,
                        const char *message) {
  ens_move *move = make(kind, value);
  ens_error error = ENS_ERROR_NONE;
  CHECK(ens_move_check(move, nwalkers, nsplits, ndim, &error) == (*message ? ENS_CONFIG : ENS_OK));
  CHECK_STRING(ens_error_text(&error), message);
  ens_error_clear(&error);
  move->ops->destroy(move);
}

TEST(an_ensemble_must_have_what_a_move_reads) {
  const double snooker[] = {1.7}, de[] = {1, 0, 0}, kde[] = {1}, all[] = {WORD(0), 1}, five[] = {5, 1};
  check_needs(&ens_move_snooker, snooker, 6, 2, 1, "");
  check_needs(&ens_move_snooker, snooker, 5, 2, 1,
              "move 'snooker' needs 3 walkers to propose from, and a walker has only 2 of the 5 outside its own set: "
              "give at least 6 walkers");
  check_needs(&ens_move_snooker, snooker, 5, 5, 1, "");
  check_needs(&ens_move_de, de, 3, 2, 1,
              "move 'de' needs 2 walkers to propose from, and a walker has only 1 of the 3 outside its own set: give "
              "at least 4 walkers");
  check_needs(&ens_move_kde, kde, 12, 2, 5, "");
  check_needs(&ens_move_kde, kde, 11, 2, 5,
              "move 'kde' needs 6 walkers to propose from, and a walker has only 5 of the 11 outside its own set: give "
              "at least 12 walkers");
  check_needs(&ens_move_walk, all, 4, 2, 2, "");
  check_needs(&ens_move_walk, five, 9, 2, 2,
              "move 'walk' needs 5 walkers to propose from, and a walker has only 4 of the 9 outside its own set: give "
              "at least 10 walkers");
  check_needs(&ens_move_gaussian, (double[]){3, WORD(0), 1, 1, 2, 1, 1}, 2, 2, 2, "");
  check_needs(&ens_move_gaussian, (double[]){3, WORD(0), 1, 1, 2, 1, 1}, 6, 2, 3,
              "move 'gaussian': cov is for 2 parameters, the model has 3");
}

int main(void) {
  RUN(de_steps_along_the_difference_of_two);
  RUN(snooker_steps_along_the_line_to_a_walker);
  RUN(walk_steps_with_the_covariance_of_those_it_reads);
  RUN(side_steps_along_the_difference_of_two);
  RUN(gaussian_steps_have_the_given_covariance);
  RUN(the_factor_of_gaussian_is_drawn_once_a_step);
  RUN(steps_along_a_line_aim_at_more_acceptance_than_others);
  RUN(a_step_is_made_short_only_where_hardly_any_is_accepted);
  RUN(kde_returns_the_ratio_of_densities);
  RUN(kde_is_finite_far_away_and_on_any_scale);
  RUN(kde_refuses_where_walkers_span_no_volume);
  RUN(choices_are_distinct_and_uniform);
  RUN(the_factor_of_a_matrix_gives_it_back);
  RUN(parameters_are_checked);
  RUN(an_ensemble_must_have_what_a_move_reads);
  return unit_report();
}
