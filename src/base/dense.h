/* Products and triangular systems of small dense matrices, row by row in memory without gaps. Every sum runs in the
 * order of its index, so that an answer has the same bits on every machine. */
#ifndef ENS_BASE_DENSE_H
#define ENS_BASE_DENSE_H

#include <stdbool.h>
#include <stddef.h>

/* c[m][n] = a[m][k] b[k][n]; c is neither of them. */
void ens_dense_multiply(size_t m, size_t k, size_t n, const double *a, const double *b, double *c);
/* L X = B in place of b[n][k], or L' X = B; of l[n][n] only the lower triangle is read. */
void ens_dense_solve(const double *l, size_t n, double *b, size_t k, bool transposed);
/* The product of `row` with each of four rows of a matrix, `width` apart, up to column n: four sums at a time, for the
 * processor to work on beside each other. */
void ens_dense_dot4(const double *row, const double *rows, size_t width, size_t n, double out[4]);

#endif
