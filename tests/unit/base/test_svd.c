/* Singular values of matrices with known values, and their directions. */
#include <stdint.h>
#include <stdlib.h>

#include "base/svd.h"
#include "unit.h"

enum { ROWS = 9, COLS = 5 };

static double noise(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) / 9007199254740992.0 - 0.5;
}

static double dot(const double *x, const double *y, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += x[i] * y[i];
  return sum;
}

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

TEST(columns_become_orthogonal) {
  for (uint64_t seed = 1; seed < 30; seed++) {
    uint64_t state = seed;
    double a[COLS * ROWS], before[COLS * ROWS], v[COLS * COLS], values[COLS];
    for (size_t i = 0; i < COLS * ROWS; i++) before[i] = a[i] = noise(&state);
    ens_svd_turn(a, ROWS, COLS, v, values);
    for (size_t i = 0; i < COLS; i++)
      for (size_t j = 0; j <= i; j++) {
        CHECK_NEAR(dot(a + i * ROWS, a + j * ROWS, ROWS), i == j ? values[i] * values[i] : 0.0, 1e-14);
        CHECK_NEAR(dot(v + i * COLS, v + j * COLS, COLS), i == j, 1e-14);
      }
    for (size_t j = 0; j < COLS; j++) /* a before times v is a after */
      for (size_t r = 0; r < ROWS; r++) {
        double sum = 0;
        for (size_t k = 0; k < COLS; k++) sum += before[k * ROWS + r] * v[j * COLS + k];
        CHECK_NEAR(sum, a[j * ROWS + r], 1e-14);
      }
  }
}

/* [[1, 1], [0, e]]: the product of the values is e, the sum of their squares 2 + e^2. */
TEST(small_values_are_accurate) {
  for (double e = 1e-2; e > 1e-15; e /= 10) {
    double a[] = {1, 0, 1, e}, v[4], values[2];
    ens_svd_turn(a, 2, 2, v, values);
    CHECK_NEAR(values[0] * values[1], e, 1e-12 * e);
    CHECK_NEAR(values[0] * values[0] + values[1] * values[1], 2 + e * e, 1e-14);
  }
}

/* Orthogonal columns of very different lengths do not change. */
TEST(scales_are_kept) {
  double a[] = {1e200 * 1e-60, 0, 0, 0, 1e-100, 0, 0, 0, 3}, v[9], values[3];
  ens_svd_turn(a, 3, 3, v, values);
  qsort(values, 3, sizeof *values, compare_doubles);
  CHECK_NEAR(values[0], 1e-100, 1e-114);
  CHECK_NEAR(values[1], 3.0, 1e-15);
  CHECK_NEAR(values[2], 1e140, 1e126);
}

/* Angles between columns whose lengths differ by more than the square root of the largest number. */
TEST(turns_of_very_long_columns) {
  double a[] = {1e-150, 1e-150, 1e150, 0}, v[4], values[2];
  ens_svd_turn(a, 2, 2, v, values);
  CHECK_NEAR(values[0], 1e-150, 1e-164);
  CHECK_NEAR(values[1], 1e150, 1e136);
  CHECK_NEAR(v[0], 1, 0);
}

TEST(a_repeated_column_has_value_zero) {
  uint64_t state = 5;
  double a[3 * ROWS], v[9], values[3];
  for (size_t i = 0; i < 2 * ROWS; i++) a[i] = noise(&state);
  for (size_t i = 0; i < ROWS; i++) a[2 * ROWS + i] = 2.0 * a[i];
  ens_svd_turn(a, ROWS, 3, v, values);
  qsort(values, 3, sizeof *values, compare_doubles);
  CHECK(values[0] < 1e-15 && values[1] > 0.1);
}

TEST(one_column_is_its_length) {
  double a[] = {3, 4}, v[1], values[1];
  ens_svd_turn(a, 2, 1, v, values);
  CHECK(values[0] == 5.0 && v[0] == 1.0);
}

int main(void) {
  RUN(columns_become_orthogonal);
  RUN(small_values_are_accurate);
  RUN(scales_are_kept);
  RUN(turns_of_very_long_columns);
  RUN(a_repeated_column_has_value_zero);
  RUN(one_column_is_its_length);
  return unit_report();
}
