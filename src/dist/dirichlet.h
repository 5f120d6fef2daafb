/* Dirichlet's distribution of several numbers. */
#ifndef ENS_DIST_DIRICHLET_H
#define ENS_DIST_DIRICHLET_H

#include <stddef.h>

#include "base/stream.h"

/* The log density of x[0 .. n - 2]. -inf if x[n] is not on the simplex: its sum must be 1 up to n roundings. */
double ens_dirichlet_log(size_t n, const double *x, const double *alpha);
void ens_dirichlet_draw(size_t n, const double *alpha, ens_stream *stream, double *x);

#endif
