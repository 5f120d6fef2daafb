/* Start positions: the draws, the limits of the checks, and their messages. */
#include <stdint.h>
#include <stdlib.h>

#include "base/stream.h"
#include "core/start.h"
#include "unit.h"

enum { MOST_WALKERS = 64, MOST_DIMS = 20 };

static void draw_ball(uint64_t seed, uint64_t attempt, size_t walker, size_t ndim, const double *center,
                      const double *spread, double *out) {
  ens_stream stream = ens_stream_at(seed, attempt, walker, ENS_RNG_START);
  ens_start_ball(&stream, ndim, center, spread, out);
}

static char name_text[MOST_DIMS][8];
static char *names[MOST_DIMS];

static void set_names(void) {
  for (size_t d = 0; d < MOST_DIMS; d++) {
    snprintf(name_text[d], sizeof name_text[d], "p%zu", d + 1);
    names[d] = name_text[d];
  }
}

/* coords[nwalkers][ndim] ~ N(0, 1) */
static void fill_normal(double *coords, size_t nwalkers, size_t ndim, uint64_t seed) {
  double center[MOST_DIMS] = {0}, spread[MOST_DIMS];
  for (size_t d = 0; d < ndim; d++) spread[d] = 1.0;
  for (size_t w = 0; w < nwalkers; w++) draw_ball(seed, 0, w, ndim, center, spread, coords + w * ndim);
}

static ens_status check(const double *coords, size_t nwalkers, size_t ndim) {
  return ens_start_check(coords, nwalkers, ndim, names, NULL);
}

static void check_message(const double *coords, size_t nwalkers, size_t ndim, const char *message) {
  ens_error error = ENS_ERROR_NONE;
  CHECK(ens_start_check(coords, nwalkers, ndim, names, &error) == ENS_CONFIG);
  CHECK(error.status == ENS_CONFIG);
  CHECK_STRING(ens_error_text(&error), message);
  ens_error_clear(&error);
}

/* Mean and variance within four standard errors. */
TEST(ball_has_its_center_and_spread) {
  enum { N = 20000 };
  double center[] = {-3.0, 100.0}, spread[] = {0.5, 1e-4}, x[2], sum[2] = {0}, squares[2] = {0}, product = 0;
  for (size_t w = 0; w < N; w++) {
    draw_ball(42, 0, w, 2, center, spread, x);
    double z[] = {(x[0] - center[0]) / spread[0], (x[1] - center[1]) / spread[1]};
    for (int d = 0; d < 2; d++) sum[d] += z[d], squares[d] += z[d] * z[d];
    product += z[0] * z[1];
  }
  for (int d = 0; d < 2; d++) {
    CHECK_NEAR(sum[d] / N, 0.0, 4.0 / sqrt(N));
    CHECK_NEAR(squares[d] / N, 1.0, 4.0 * sqrt(2.0 / N));
  }
  CHECK_NEAR(product / N, 0.0, 4.0 / sqrt(N));
}

TEST(ball_is_a_function_of_its_arguments) {
  double center[] = {0, 0, 0}, spread[] = {1, 1, 1}, a[3], b[3];
  draw_ball(7, 2, 5, 3, center, spread, a);
  draw_ball(7, 2, 5, 3, center, spread, b);
  CHECK(memcmp(a, b, sizeof a) == 0);
  draw_ball(7, 2, 6, 3, center, spread, b);
  CHECK(a[0] != b[0]);
  draw_ball(7, 3, 5, 3, center, spread, b);
  CHECK(a[0] != b[0]);
  draw_ball(8, 2, 5, 3, center, spread, b);
  CHECK(a[0] != b[0]);
  spread[1] = 0.0;
  center[1] = 4.0;
  draw_ball(7, 2, 5, 3, center, spread, b);
  CHECK(b[0] == a[0] && b[1] == 4.0 && b[2] == a[2]);
}

TEST(random_walkers_pass) {
  double x[MOST_WALKERS * MOST_DIMS];
  for (uint64_t seed = 0; seed < 20; seed++) {
    size_t ndim = 1 + seed % 10;
    fill_normal(x, 2 * ndim + 2, ndim, seed);
    CHECK(check(x, 2 * ndim + 2, ndim) == ENS_OK);
  }
}

TEST(large_offsets_pass_until_nothing_is_left) {
  double offsets[] = {1e5, 1e10, 1e14}, x[30 * 10];
  for (size_t i = 0; i < 3; i++) {
    fill_normal(x, 30, 10, i);
    for (size_t k = 0; k < 300; k++) x[k] += offsets[i];
    CHECK(check(x, 30, 10) == ENS_OK);
  }
  fill_normal(x, 30, 10, 3);
  for (size_t k = 0; k < 300; k++) x[k] += 10.0 / 2.220446049250313e-16;
  CHECK(check(x, 30, 10) == ENS_CONFIG);
}

TEST(scales_do_not_matter) {
  double scales[] = {1, 1e10, 1e100, 1e200, 1e-10, 1e-100, 1e-200, 1e307, 1e-307};
  double x[45 * 9];
  fill_normal(x, 45, 9, 1);
  for (size_t k = 0; k < 45 * 9; k++) x[k] *= scales[k % 9];
  CHECK(check(x, 45, 9) == ENS_OK);
}

/* Scales the component of each walker along a direction by `keep`. */
static void squash(double *x, size_t nwalkers, size_t ndim, const double *direction, double keep) {
  double squares = 0;
  for (size_t d = 0; d < ndim; d++) squares += direction[d] * direction[d];
  for (size_t w = 0; w < nwalkers; w++) {
    double along = 0;
    for (size_t d = 0; d < ndim; d++) along += direction[d] * x[w * ndim + d];
    for (size_t d = 0; d < ndim; d++) x[w * ndim + d] -= (1 - keep) * along * direction[d] / squares;
  }
}

TEST(planes_are_refused) {
  double x[30 * 10], direction[10];
  for (uint64_t seed = 0; seed < 10; seed++) {
    fill_normal(x, 30, 10, seed);
    fill_normal(direction, 1, 10, seed + 100);
    squash(x, 30, 10, direction, 0.0);
    CHECK(check(x, 30, 10) == ENS_CONFIG);
    for (size_t k = 0; k < 300; k++) x[k] += direction[k % 10];
    CHECK(check(x, 30, 10) == ENS_CONFIG);
    fill_normal(x, 30, 10, seed);
    squash(x, 30, 10, direction, 1e-8);
    CHECK(check(x, 30, 10) == ENS_CONFIG);
    fill_normal(x, 30, 10, seed);
    squash(x, 30, 10, direction, 1e-6);
    CHECK(check(x, 30, 10) == ENS_OK);
  }
}

TEST(a_plane_is_named) {
  double x[32 * 3];
  char *mine[] = {"m", "b", "c"};
  ens_error error = ENS_ERROR_NONE;
  fill_normal(x, 32, 3, 9);
  for (size_t w = 0; w < 32; w++) x[w * 3 + 1] = x[w * 3] + 5.0;
  CHECK(ens_start_check(x, 32, 3, mine, &error) == ENS_CONFIG);
  CHECK(strstr(ens_error_text(&error), "the combination 0.71*m - 0.71*b does not vary between the walkers") != NULL);
  for (size_t w = 0; w < 32; w++) x[w * 3 + 1] = -1e-3 * x[w * 3];
  CHECK(ens_start_check(x, 32, 3, mine, &error) == ENS_CONFIG);
  CHECK(strstr(ens_error_text(&error), "the combination 0.001*m + 1*b does not vary") != NULL);
  ens_error_clear(&error);
}

/* After centring, two columns at an angle of about e / 2 to each other: the condition number is 2 / e. */
TEST(columns_are_centred) {
  double t[] = {1, 1, -1, -1}, s[] = {1, -1, 1, -1}, x[8];
  ens_error error = ENS_ERROR_NONE;
  for (size_t w = 0; w < 4; w++) x[2 * w] = 3.0 + t[w], x[2 * w + 1] = t[w] + 1e-9 * s[w];
  CHECK(ens_start_check(x, 4, 2, names, &error) == ENS_CONFIG);
  CHECK(strstr(ens_error_text(&error), "(condition number 2.0e+09, at most 1e+08 is allowed)") != NULL);
  for (size_t w = 0; w < 4; w++) x[2 * w + 1] = t[w] + 2.1e-8 * s[w];
  CHECK(ens_start_check(x, 4, 2, names, &error) == ENS_OK);
  for (size_t w = 0; w < 4; w++) x[2 * w + 1] = t[w] + 1.9e-8 * s[w];
  CHECK(ens_start_check(x, 4, 2, names, &error) == ENS_CONFIG);
  ens_error_clear(&error);
}

TEST(a_constant_is_named) {
  double x[10 * 3];
  fill_normal(x, 10, 3, 2);
  for (size_t w = 0; w < 10; w++) x[w * 3 + 1] = 1.0;
  check_message(x, 10, 3,
                "parameter 'p2' has the value 1 in every walker: walkers must differ in every parameter; widen the "
                "spread of the start");
  for (size_t w = 0; w < 10; w++) x[w * 3 + 1] = 0.1; /* its mean is not 0.1 */
  CHECK(check(x, 10, 3) == ENS_CONFIG);
}

TEST(numbers_that_are_none_are_named) {
  double x[10 * 3];
  fill_normal(x, 10, 3, 2);
  x[2 * 3 + 0] = NAN;
  check_message(x, 10, 3, "walker 3: parameter 'p1' is nan: a start must be a finite number");
  x[2 * 3 + 0] = 0;
  x[9 * 3 + 2] = INFINITY;
  check_message(x, 10, 3, "walker 10: parameter 'p3' is inf: a start must be a finite number");
  x[9 * 3 + 2] = -INFINITY;
  check_message(x, 10, 3, "walker 10: parameter 'p3' is -inf: a start must be a finite number");
}

TEST(too_few_walkers_are_counted) {
  double x[12 * 3];
  fill_normal(x, 12, 3, 4);
  check_message(x, 3, 3, "3 walkers cannot span 3 parameters: at least 4 are needed");
  check_message(x, 1, 1, "1 walker cannot span 1 parameter: at least 2 are needed");
  CHECK(check(x, 4, 3) == ENS_OK);
  for (size_t w = 3; w < 12; w++) memcpy(x + w * 3, x + (w % 3) * 3, 3 * sizeof *x);
  check_message(x, 12, 3,
                "only 3 of the 12 walkers start at different places: 3 parameters need at least 4 different walkers");
}

int main(void) {
  set_names();
  RUN(ball_has_its_center_and_spread);
  RUN(ball_is_a_function_of_its_arguments);
  RUN(random_walkers_pass);
  RUN(large_offsets_pass_until_nothing_is_left);
  RUN(scales_do_not_matter);
  RUN(planes_are_refused);
  RUN(a_plane_is_named);
  RUN(columns_are_centred);
  RUN(a_constant_is_named);
  RUN(numbers_that_are_none_are_named);
  RUN(too_few_walkers_are_counted);
  return unit_report();
}
