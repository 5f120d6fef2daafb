/* Singular values of a small dense matrix, with high relative accuracy. */
#ifndef ENS_BASE_SVD_H
#define ENS_BASE_SVD_H

#include <stddef.h>

/* Rotates the columns of `a` until they are orthogonal: a becomes a v. `values[ncols]` are the lengths of the new
 * columns: the singular values, in no order. Matrices are stored by columns: column j of a[ncols][nrows] begins at
 * a[j * nrows], column j of v[ncols][ncols] at v[j * ncols]. */
void ens_svd_turn(double *a, size_t nrows, size_t ncols, double *v, double *values);

#endif
