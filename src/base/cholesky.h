/* Cholesky's factor of a small dense matrix, row by row, and what is done with it. */
#ifndef ENS_BASE_CHOLESKY_H
#define ENS_BASE_CHOLESKY_H

#include <stddef.h>

/* Replaces the lower triangle of the symmetric a[n][n], which alone is read, by L with L L' = a. 0, or the order of the
 * first leading minor that is not positive to the precision of its numbers; then the lower triangle is lost. */
size_t ens_cholesky(double *a, size_t n);
/* How small a pivot may be beside its diagonal element. */
double ens_cholesky_least(size_t n);
/* out = L x; out and x are not the same. */
void ens_cholesky_multiply(const double *l, size_t n, const double *x, double *out);

#endif
