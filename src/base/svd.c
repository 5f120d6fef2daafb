/* One-sided Jacobi rotations (Hestenes 1958; Demmel and Veselic 1992 on its accuracy for scaled columns). */
#include "base/svd.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { MAX_SWEEPS = 40 }; /* ten are usual; noise columns of a singular matrix may never settle */

static double dot(const double *x, const double *y, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += x[i] * y[i];
  return sum;
}

static void rotate(double *x, double *y, size_t n, double cosine, double sine) {
  for (size_t i = 0; i < n; i++) {
    double u = x[i], w = y[i];
    x[i] = cosine * u - sine * w;
    y[i] = sine * u + cosine * w;
  }
}

/* The square root of 1 + x^2. From 2^27 on the 1 is below half a unit in the last place, and x^2 may overflow. C's
 * hypot would do, but binaries that call glibc 2.35's cannot run on older systems. */
static double hypotenuse(double x) {
  return fabs(x) < 0x1p27 ? sqrt(1.0 + x * x) : fabs(x);
}

/* Makes columns x and y orthogonal; false when they were. */
static bool turn_pair(double *x, double *y, size_t nrows, double *vx, double *vy, size_t ncols) {
  double xx = dot(x, x, nrows), yy = dot(y, y, nrows), xy = dot(x, y, nrows);
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
  for (size_t j = 0; j < ncols; j++) values[j] = sqrt(dot(a + j * nrows, a + j * nrows, nrows));
}
