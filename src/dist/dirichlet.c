/* The density as a sum of terms, and draws as normalized gamma numbers on the scale of logarithms. */
#include "dist/dirichlet.h"

#include <float.h>
#include <math.h>

#include "dist/draw.h"
#include "dist/special.h"

/* At 0 the density has a pole, a zero or neither, for alpha below, above or equal to 1. */
static double dirichlet_term(double x, double alpha) {
  if (x > 0) return (alpha - 1) * log(x);
  return alpha < 1 ? INFINITY : alpha > 1 ? -INFINITY : 0;
}

double ens_dirichlet_log(size_t n, const double *x, const double *alpha) {
  double total = 0, shapes = 0, sum = 0;
  for (size_t i = 0; i < n; i++) {
    if (isnan(x[i])) return NAN;
    if (!(x[i] >= 0)) return -INFINITY;
    total += x[i];
    shapes += alpha[i];
  }
  if (!(fabs(total - 1) <= 8 * (double)n * DBL_EPSILON)) return -INFINITY;
  for (size_t i = 0; i < n; i++) sum += dirichlet_term(x[i], alpha[i]) - ens_special_lgamma(alpha[i]);
  return sum + ens_special_lgamma(shapes);
}

void ens_dirichlet_draw(size_t n, const double *alpha, ens_stream *stream, double *x) {
  double most = -INFINITY, sum = 0;
  for (size_t i = 0; i < n; i++) {
    x[i] = ens_draw_log_gamma(stream, alpha[i]);
    most = fmax(most, x[i]);
  }
  for (size_t i = 0; i < n; i++) sum += x[i] = exp(x[i] - most);
  for (size_t i = 0; i < n; i++) x[i] /= sum;
}
