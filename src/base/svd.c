/* One-sided Jacobi rotations (Hestenes 1958, J. SIAM 6, 51; accuracy for scaled columns: Demmel and Veselic 1992, SIAM
 * J. Matrix Anal. Appl. 13, 1204). */
#include "base/svd.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/dense.h"

enum { MAX_SWEEPS = 40 }; /* ten suffice usually; the noise columns of a singular matrix may never converge */

static void rotate(double *x, double *y, size_t n, double cosine, double sine) {
  for (size_t i = 0; i < n; i++) {
    double u = x[i], w = y[i];
    x[i] = cosine * u - sine * w;
    y[i] = sine * u + cosine * w;
  }
}

/* The square root of 1 + x^2. From 2^27 on the 1 is below half a unit in the last place, and x^2 may overflow. It
 * replaces C's hypot, because binaries that call hypot of glibc 2.35 do not run on older systems. */
static double hypotenuse(double x) {
  return fabs(x) < 0x1p27 ? sqrt(1.0 + x * x) : fabs(x);
}

/* Makes columns x and y orthogonal. False: they were already. */
static bool turn_pair(double *x, double *y, size_t nrows, double *vx, double *vy, size_t ncols) {
  double xx = ens_dense_dot(x, x, nrows), yy = ens_dense_dot(y, y, nrows), xy = ens_dense_dot(x, y, nrows);
  if (fabs(xy) <= 1e-15 * sqrt(xx) * sqrt(yy)) return false;
  double zeta = (yy - xx) / (2.0 * xy);
  double tangent = copysign(1.0, zeta) / (fabs(zeta) + hypotenuse(zeta));
  double cosine = 1.0 / hypotenuse(tangent);
  rotate(x, y, nrows, cosine, cosine * tangent);
  rotate(vx, vy, ncols, cosine, cosine * tangent);
  return true;
}

static bool sweep(double *a, size_t nrows, size_t ncols, double *v) {
  bool turned = false;
  for (size_t i = 0; i + 1 < ncols; i++)
    for (size_t j = i + 1; j < ncols; j++)
      turned = turn_pair(a + i * nrows, a + j * nrows, nrows, v + i * ncols, v + j * ncols, ncols) || turned;
  return turned;
}

void ens_svd_turn(double *a, size_t nrows, size_t ncols, double *v, double *values) {
  memset(v, 0, ncols * ncols * sizeof *v);
  for (size_t j = 0; j < ncols; j++) v[j * ncols + j] = 1.0;
  for (int i = 0; i < MAX_SWEEPS && sweep(a, nrows, ncols, v); i++) continue;
  for (size_t j = 0; j < ncols; j++) values[j] = sqrt(ens_dense_dot(a + j * nrows, a + j * nrows, nrows));
}
