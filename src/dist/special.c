/* Each function names the source of its formula. Errors are a few units in the last place of the largest term. */
#include "dist/special.h"

#include <float.h>
#include <math.h>

double ens_special_lgamma(double x) {
  int sign;
  return lgamma_r(x, &sign);
}

/* Stirling's series (Abramowitz and Stegun 6.1.41) for x >= 10, where the first omitted term is below 2e-17. */
double ens_special_stirling_rest(double x) {
  static const double term[] = {1.0 / 12,        -1.0 / 360, 1.0 / 1260,       -1.0 / 1680,     1.0 / 1188,
                                -691.0 / 360360, 1.0 / 156,  -3617.0 / 122400, 43867.0 / 244188};
  if (x < 10) return ens_special_lgamma(x) - ((x - 0.5) * log(x) - x + ENS_LOG_2PI / 2);
  double sum = 0, over = 1 / (x * x);
  for (int i = sizeof term / sizeof *term; i-- > 0;) sum = sum * over + term[i];
  return sum / x;
}

double ens_special_deviance(double x, double m) {
  double difference = x - m;
  if (fabs(difference) >= 0.1 * (x + m)) return x * log(x / m) - difference;
  double v = difference / (x + m), sum = difference * v, power = 2 * x * v, before;
  for (int i = 1; i < 1000; i++) {
    power *= v * v;
    before = sum;
    sum += power / (2 * i + 1);
    if (!(sum < before) && !(sum > before)) break;
  }
  return sum;
}

double ens_special_lbeta(double a, double b) {
  double p = fmin(a, b), q = fmax(a, b);
  if (q < 10) return ens_special_lgamma(p) + ens_special_lgamma(q) - ens_special_lgamma(p + q);
  double rest = ens_special_stirling_rest(q) - ens_special_stirling_rest(p + q), share = p / (p + q);
  if (p < 10) return ens_special_lgamma(p) + rest + p - p * log(p + q) + (q - 0.5) * log1p(-share);
  return (ENS_LOG_2PI - log(q)) / 2 + ens_special_stirling_rest(p) + rest + (p - 0.5) * log(share) + q * log1p(-share);
}

double ens_special_poisson_rest(double x) {
  return x > 0 ? ens_special_stirling_rest(x) + (ENS_LOG_2PI + log(x)) / 2 : 0;
}

double ens_special_poisson_log(double x, double m, double rest) {
  if (x <= m * DBL_MIN) return -m;
  if (m <= x * DBL_MIN) return m > 0 ? x * log(m) - m - ens_special_lgamma(x + 1) : -INFINITY;
  return -rest - ens_special_deviance(x, m);
}

double ens_special_log1p_square(double z) {
  return fabs(z) > 1e9 ? 2 * log(fabs(z)) : log1p(z * z);
}

/* For x >= 8 the asymptotic series, whose terms fall below 1e-17 before they grow (Abramowitz and Stegun 7.1.23). */
double ens_special_erfcx(double x) {
  if (x < 8) return exp(x * x) * erfc(x);
  double sum = 1, term = 1;
  for (int i = 1; i < 40 && fabs(term) > 1e-18; i++) {
    term *= -(2 * i - 1) / (2 * x * x);
    sum += term;
  }
  return sum / (x * 1.7724538509055160273); /* sqrt(pi) */
}

/* The power series for x <= 30, else the asymptotic series (Abramowitz and Stegun 9.6.12 and 9.7.1). */
double ens_special_log_i0e(double x) {
  double sum = 0, term = 1;
  if (x <= 30) {
    for (int i = 1; term > 1e-18 * (1 + sum); i++) {
      term *= x / (2 * i) * (x / (2 * i));
      sum += term;
    }
    return log1p(sum) - x;
  }
  for (int i = 1; i < 30 && term > 1e-18; i++) {
    term *= (2.0 * i - 1) * (2.0 * i - 1) / (8 * i * x);
    sum += term;
  }
  return log1p(sum) - (ENS_LOG_2PI + log(x)) / 2;
}
