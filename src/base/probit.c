/* A first guess with an error of 4.5e-4 (Abramowitz and Stegun 1964, 26.2.23), then two of Halley's steps on the C
 * library's erfc. Each step triples the digits, so the accuracy does not depend on a table of coefficients. */
#include "base/probit.h"

#include <math.h>

/* For p <= 1/2, where erfc is accurate relative to its value. */
static double guess_lower(double p) {
  double t = sqrt(-2.0 * log(p));
  double above = 2.515517 + t * (0.802853 + t * 0.010328);
  double below = 1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return above / below - t;
}

static double halley_step(double z, double p) {
  const double root_half = 0.70710678118654752440, root_two_pi = 2.50662827463100050242;
  double miss = 0.5 * erfc(-z * root_half) - p;
  double u = miss * root_two_pi * exp(0.5 * z * z);
  return z - u / (1.0 + 0.5 * z * u);
}

static double probit_lower(double p) {
  double z = guess_lower(p);
  if (p < 1e-300) return z; /* exp(z^2/2) would nearly overflow, and no rank is so small */
  z = halley_step(z, p);
  return halley_step(z, p);
}

double ens_probit(double p) {
  if (!(p >= 0.0 && p <= 1.0)) return NAN;
  if (p == 0.0) return -INFINITY;
  if (p == 1.0) return INFINITY;
  if (p == 0.5) return 0.0;
  return p < 0.5 ? probit_lower(p) : -probit_lower(1.0 - p);
}
