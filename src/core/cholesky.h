/* Cholesky's factor of a small dense matrix, row by row, and what is done with it. */
#ifndef ENS_CORE_CHOLESKY_H
#define ENS_CORE_CHOLESKY_H

#include <stdbool.h>
#include <stddef.h>

/* Replaces the lower triangle of the symmetric a[n][n], which alone is read, by L with L L' = a. False: a is not
 * positive definite to the precision of its numbers, and its lower triangle is lost. */
bool ens_cholesky(double *a, size_t n);
/* L x = b in place. */
void ens_cholesky_solve(const double *l, size_t n, double *b);
/* out = L x; out and x are not the same. */
void ens_cholesky_multiply(const double *l, size_t n, const double *x, double *out);

#endif
