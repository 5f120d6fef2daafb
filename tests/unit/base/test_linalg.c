/* The program's own linear algebra against LAPACK, if it is installed, and against its inverse operations. */
#include "eval/linalg.h"

#include <stdlib.h>

#include "base/cholesky.h"
#include "base/dense.h"
#include "base/stream.h"
#include "unit.h"

enum { MOST = 67 };

static void fill(double *x, size_t n, uint64_t seed) {
  ens_stream stream = ens_stream_at(seed, 0, 0, ENS_RNG_MODEL);
  for (size_t i = 0; i < n; i++) x[i] = ens_stream_normal(&stream);
}

/* B B' + 1: symmetric, positive definite. */
static void fill_positive(double *a, size_t n, uint64_t seed) {
  static double b[MOST * MOST];
  fill(b, n * n, seed);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      a[i * n + j] = i == j;
      for (size_t k = 0; k < n; k++) a[i * n + j] += b[i * n + k] * b[j * n + k];
    }
}

static double largest(const double *x, size_t n) {
  double most = 0;
  for (size_t i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
  return most;
}

static double difference(const double *x, const double *y, size_t n) {
  double most = 0;
  for (size_t i = 0; i < n; i++) most = fmax(most, fabs(x[i] - y[i]));
  return most;
}

static const size_t orders[] = {1, 2, 3, 4, 5, 8, 11, 32, MOST};
enum { NORDERS = sizeof orders / sizeof orders[0] };
static const ens_linalg plain = {ens_cholesky, ens_dense_solve, ens_dense_multiply};

/* L (L' x) = A x, and solving gives x back. */
static void check_system(const ens_linalg *with, size_t n) {
  static double a[MOST * MOST], l[MOST * MOST], x[MOST * 3], b[MOST * 3];
  fill_positive(a, n, n);
  memcpy(l, a, n * n * sizeof *l);
  CHECK(with->cholesky(l, n) == 0);
  for (size_t k = 1; k <= 3; k += 2) {
    fill(x, n * k, n + 100);
    with->multiply(n, n, k, a, x, b);
    with->solve(l, n, b, k, false);
    with->solve(l, n, b, k, true);
    CHECK(difference(b, x, n * k) <= 1e-11 * largest(x, n * k));
  }
}

TEST(a_system_is_solved) {
  for (size_t i = 0; i < NORDERS; i++) check_system(&plain, orders[i]);
}

TEST(a_product_is_the_sum_over_the_inner_index) {
  double a[6] = {1, 2, 3, 4, 5, 6}, b[6] = {1, 0, -1, 2, 3, 1}, c[4];
  plain.multiply(2, 3, 2, a, b, c);
  CHECK(c[0] == 8 && c[1] == 7 && c[2] == 17 && c[3] == 16);
  plain.multiply(2, 3, 1, a, b, c);
  CHECK(c[0] == -2 && c[1] == -2);
}

TEST(the_order_of_a_bad_minor_is_named) {
  for (size_t n = 1; n <= 9; n++)
    for (size_t bad = 1; bad <= n; bad++) {
      double a[81];
      fill_positive(a, n, n);
      a[(bad - 1) * n + bad - 1] = -1;
      CHECK(ens_linalg_used()->cholesky(a, n) == bad);
    }
  CHECK(ens_linalg_used()->cholesky((double[]){0.01, 0.03, 0.03, 0.09}, 2) == 2); /* singular except for rounding */
  CHECK(ens_linalg_used()->cholesky((double[]){NAN}, 1) == 1);
}

TEST(what_is_no_lapack_is_refused) {
  ens_error error = ENS_ERROR_NONE;
  CHECK(ens_linalg_load("./no/such/liblapack.so", &error) == ENS_CONFIG);
  CHECK(strstr(ens_error_text(&error), "ENSEMBLE_LAPACK is './no/such/liblapack.so', but no LAPACK can be loaded: "));
  ens_error_clear(&error);
  CHECK(ens_linalg_load("libz.so.1", &error) == ENS_CONFIG);
  CHECK(strstr(ens_error_text(&error), "ENSEMBLE_LAPACK is 'libz.so.1', which is not a LAPACK library: "));
  ens_error_clear(&error);
  CHECK(ens_linalg_used()->cholesky == ens_cholesky);
}

static void compare(size_t n) {
  static double a[MOST * MOST], b[MOST * MOST], x[MOST * 3], y[MOST * 3], c[MOST * 3];
  fill_positive(a, n, n);
  memcpy(b, a, n * n * sizeof *b);
  CHECK(plain.cholesky(a, n) == 0 && ens_linalg_used()->cholesky(b, n) == 0);
  for (size_t i = 0; i < n; i++) CHECK(difference(a + i * n, b + i * n, i + 1) <= 1e-12 * largest(a + i * n, i + 1));
  for (size_t k = 1; k <= 3; k++) {
    fill(x, n * k, k);
    memcpy(y, x, n * k * sizeof *y);
    for (int transposed = 0; transposed < 2; transposed++) {
      plain.solve(a, n, x, k, transposed);
      ens_linalg_used()->solve(a, n, y, k, transposed);
      CHECK(difference(x, y, n * k) <= 1e-12 * largest(x, n * k));
    }
    plain.multiply(n, n, k, a, x, c);
    ens_linalg_used()->multiply(n, n, k, a, x, y);
    CHECK(difference(c, y, n * k) <= 1e-12 * largest(c, n * k));
  }
}

TEST(lapack_agrees) {
  for (size_t i = 0; i < NORDERS; i++) {
    compare(orders[i]);
    check_system(ens_linalg_used(), orders[i]);
  }
}

int main(void) {
  RUN(a_system_is_solved);
  RUN(a_product_is_the_sum_over_the_inner_index);
  RUN(the_order_of_a_bad_minor_is_named);
  RUN(what_is_no_lapack_is_refused);
  ens_error error = ENS_ERROR_NONE;
  if (ens_linalg_load("1", &error) == ENS_OK) {
    RUN(lapack_agrees);
    RUN(the_order_of_a_bad_minor_is_named);
  }
  ens_error_clear(&error);
  return unit_report();
}
