/* Singular values of a small dense matrix, to high relative accuracy. */
#ifndef ENS_BASE_SVD_H
#define ENS_BASE_SVD_H

#include <stddef.h>

/* Turns the columns of `a` (column j is a[j * nrows ..]) until they are orthogonal: `values[ncols]` are their lengths,
 * the singular values in no order, and v (column j is v[j * ncols ..]) the directions: a before times v is a after. */
void ens_svd_turn(double *a, size_t nrows, size_t ncols, double *v, double *values);

#endif
