/* The Cholesky factor of a small dense matrix, stored row by row, and products with it. */
#ifndef ENS_BASE_CHOLESKY_H
#define ENS_BASE_CHOLESKY_H

#include <stddef.h>

/* Replaces the lower triangle of the symmetric matrix a[n][n] by L with L L' = a; the upper one is not read. Returns 0,
 * or the order of the first leading minor that is not positive within rounding; the lower triangle is then undefined.
 */
size_t ens_cholesky(double *a, size_t n);
/* The smallest ratio of a pivot to its diagonal element that does not count as zero: 4 n epsilon. */
double ens_cholesky_least(size_t n);
/* out = L x; out must not overlap x. */
void ens_cholesky_multiply(const double *l, size_t n, const double *x, double *out);

#endif
