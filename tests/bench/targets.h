/* The targets of the compared loops, as C functions of the type that ensemble.native calls, so that a bare loop, the
 * core's sampler and the program evaluate the same function. Included by one file of each program. */
#ifndef BENCH_TARGETS_H
#define BENCH_TARGETS_H

#include <stddef.h>
#include <stdlib.h>

static inline double gaussian(const double *theta, size_t ndim, void *context) {
  (void)context;
  double sum = 0;
  for (size_t i = 0; i < ndim; i++) sum += theta[i] * theta[i];
  return -0.5 * sum;
}

/* -x'Px/2 with a dense P, [ndim][ndim], ndim at most 64. Four rows at a time are added to a vector: this vectorises
 * without reordering a sum, and loads and stores the vector a quarter as often. */
static inline double dense_gaussian(const double *theta, size_t ndim, void *context) {
  const double *row = context;
  double product[64] = {0};
  size_t i = 0;
  for (; i + 4 <= ndim; i += 4, row += 4 * ndim)
    for (size_t j = 0; j < ndim; j++)
      product[j] += row[j] * theta[i] + row[ndim + j] * theta[i + 1] + row[2 * ndim + j] * theta[i + 2] +
                    row[3 * ndim + j] * theta[i + 3];
  for (; i < ndim; i++, row += ndim)
    for (size_t j = 0; j < ndim; j++) product[j] += row[j] * theta[i];
  double sum = 0;
  for (i = 0; i < ndim; i++) sum += product[i] * theta[i];
  return -0.5 * sum;
}

/* P = I + 11'/n, whose inverse is I - 11'/2n. */
static inline double *precision_create(size_t ndim) {
  double *precision = malloc(ndim * ndim * sizeof *precision);
  if (!precision) return NULL;
  for (size_t i = 0; i < ndim; i++)
    for (size_t j = 0; j < ndim; j++) precision[i * ndim + j] = (i == j ? 1.0 : 0.0) + 1.0 / (double)ndim;
  return precision;
}

#endif
