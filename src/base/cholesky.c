/* The factor row by row from the top, with a test of each pivot against rounding; then products with the factor. */
#include "base/cholesky.h"

#include <float.h>
#include <math.h>

#include "base/dense.h"

double ens_cholesky_least(size_t n) {
  return 4 * (double)n * DBL_EPSILON;
}

/* Row i of L left of the diagonal, four columns at a time: their sums are independent up to the first of the columns.
 */
static void fill_row(double *a, size_t n, size_t i) {
  double *row = a + i * n, sum[4];
  size_t j = 0;
  for (; j + 4 <= i; j += 4) {
    ens_dense_dot4(row, a + j * n, n, j, sum);
    for (size_t c = j; c < j + 4; c++) {
      const double *other = a + c * n;
      for (size_t k = j; k < c; k++) sum[c - j] += row[k] * other[k];
      row[c] = (row[c] - sum[c - j]) / other[c];
    }
  }
  for (; j < i; j++) row[j] = (row[j] - ens_dense_dot(row, a + j * n, j)) / a[j * n + j];
}

size_t ens_cholesky(double *a, size_t n) {
  double least = ens_cholesky_least(n);
  for (size_t i = 0; i < n; i++) {
    double *row = a + i * n, diagonal = row[i];
    fill_row(a, n, i);
    double pivot = diagonal - ens_dense_dot(row, row, i);
    if (!(pivot > least * diagonal) || !isfinite(pivot)) return i + 1;
    row[i] = sqrt(pivot);
  }
  return 0;
}

void ens_cholesky_multiply(const double *l, size_t n, const double *x, double *out) {
  for (size_t i = 0; i < n; i++) out[i] = ens_dense_dot(l + i * n, x, i + 1);
}
