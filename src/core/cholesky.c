#include "core/cholesky.h"

#include <float.h>
#include <math.h>

/* The product of rows i and j of L up to column n. */
static double dot(const double *a, const double *b, size_t n) {
  double sum = 0;
  for (size_t k = 0; k < n; k++) sum += a[k] * b[k];
  return sum;
}

/* A pivot that is what rounding leaves of its diagonal element is a zero. */
bool ens_cholesky(double *a, size_t n) {
  double least = 4 * (double)n * DBL_EPSILON;
  for (size_t i = 0; i < n; i++) {
    double *row = a + i * n, diagonal = row[i];
    for (size_t j = 0; j < i; j++) row[j] = (row[j] - dot(row, a + j * n, j)) / a[j * n + j];
    double pivot = diagonal - dot(row, row, i);
    if (!(pivot > least * diagonal) || !isfinite(pivot)) return false;
    row[i] = sqrt(pivot);
  }
  return true;
}

void ens_cholesky_solve(const double *l, size_t n, double *b) {
  for (size_t i = 0; i < n; i++) b[i] = (b[i] - dot(l + i * n, b, i)) / l[i * n + i];
}

void ens_cholesky_multiply(const double *l, size_t n, const double *x, double *out) {
  for (size_t i = 0; i < n; i++) out[i] = dot(l + i * n, x, i + 1);
}
