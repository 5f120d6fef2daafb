/* Rejection methods for gamma, von Mises, truncated normal, Poisson and binomial numbers; the others follow from
 * these. */
#include "dist/draw.h"

#include <math.h>
#include <stdbool.h>

#include "dist/special.h"

/* ---- gamma: Marsaglia and Tsang 2000 for shapes >= 1, G(shape + 1) U^(1 / shape) for smaller ones ---- */

static double gamma_from_one(ens_stream *stream, double shape) {
  double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
  for (;;) {
    double x = ens_stream_normal(stream), root = 1 + c * x, v = root * root * root;
    double u = ens_stream_uniform(stream);
    if (v > 0 && log(u) < x * x / 2 + d - d * v + d * log(v)) return d * v;
  }
}

double ens_draw_log_gamma(ens_stream *stream, double shape) {
  if (shape >= 1) return log(gamma_from_one(stream, shape));
  double larger = log(gamma_from_one(stream, shape + 1));
  return larger + log(ens_stream_uniform(stream)) / shape;
}

double ens_draw_gamma(ens_stream *stream, double shape) {
  return shape >= 1 ? gamma_from_one(stream, shape) : exp(ens_draw_log_gamma(stream, shape));
}

double ens_draw_beta(ens_stream *stream, double a, double b) {
  double x = ens_draw_log_gamma(stream, a), y = ens_draw_log_gamma(stream, b);
  return x > y ? 1 / (1 + exp(y - x)) : exp(x - y) / (1 + exp(x - y));
}

double ens_draw_student_t(ens_stream *stream, double nu) {
  double z = ens_stream_normal(stream);
  return z * exp((log(nu / 2) - ens_draw_log_gamma(stream, nu / 2)) / 2);
}

/* ---- von Mises: Best and Fisher 1979, from a wrapped Cauchy ---- */

/* The parameter of the Cauchy distribution. For small kappa the exact form cancels, so the leading terms replace it. */
static double cauchy_parameter(double kappa) {
  if (kappa < 1e-5) return 1 / kappa + kappa;
  double r = 1 + sqrt(1 + 4 * kappa * kappa), rho = (r - sqrt(2 * r)) / (2 * kappa);
  return (1 + rho * rho) / (2 * rho);
}

double ens_draw_von_mises(ens_stream *stream, double kappa) {
  if (kappa < 1e-8) return ENS_PI * (2 * ens_stream_uniform(stream) - 1);
  if (kappa > 1e6) return remainder(ens_stream_normal(stream) / sqrt(kappa), 2 * ENS_PI); /* exact to 1 / kappa */
  double s = cauchy_parameter(kappa);
  for (;;) {
    double z = cos(ENS_PI * ens_stream_uniform(stream)), w = (1 + s * z) / (s + z), y = kappa * (s - w);
    double v = ens_stream_uniform(stream), side = ens_stream_uniform(stream);
    if (y * (2 - y) >= v || log(y / v) + 1 >= y) return copysign(acos(fmin(1, fmax(-1, w))), side - 0.5);
  }
}

/* ---- normal between two ends: Robert 1995 ---- */

static double uniform_between(ens_stream *stream, double a, double b, double peak) {
  for (;;) {
    double z = a + (b - a) * ens_stream_uniform(stream);
    if (log(ens_stream_uniform(stream)) <= (peak - z) * (peak + z) / 2) return z;
  }
}

/* Draws from an exponential, cut at b, with the rate that rejects least; 0 <= a. */
static double tail_between(ens_stream *stream, double a, double b) {
  double rate = (a + sqrt(a * a + 4)) / 2, mass = -expm1(-rate * (b - a));
  for (;;) {
    double step = -log1p(-mass * ens_stream_uniform(stream)) / rate, off = a + step - rate;
    if (log(ens_stream_uniform(stream)) <= -off * off / 2) return fmin(b, a + step);
  }
}

double ens_draw_normal_between(ens_stream *stream, double a, double b) {
  if (b < 0) return -ens_draw_normal_between(stream, -b, -a);
  if (a >= 0) return (b - a) * (a + b) / 2 < 1 ? uniform_between(stream, a, b, a) : tail_between(stream, a, b);
  if (b - a < 2.5) return uniform_between(stream, a, b, 0);
  for (;;) {
    double z = ens_stream_normal(stream);
    if (z >= a && z <= b) return z;
  }
}

/* ---- counts: by inversion for small means, else Hoermann's transformed rejection (1993: PTRS and BTRS) ---- */

enum { FEW = 10 };

static double few_poisson(ens_stream *stream, double rate) {
  double u = ens_stream_uniform(stream), p = exp(-rate), k = 0;
  while (u > p && k < 1000) {
    u -= p;
    k++;
    p *= rate / k;
  }
  return k;
}

double ens_draw_poisson(ens_stream *stream, double rate) {
  if (rate < FEW) return few_poisson(stream, rate);
  double b = 0.931 + 2.53 * sqrt(rate), a = -0.059 + 0.02483 * b, fits = 0.9277 - 3.6224 / (b - 2);
  double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  for (;;) {
    double u = ens_stream_uniform(stream) - 0.5, v = ens_stream_uniform(stream), us = 0.5 - fabs(u);
    double k = floor((2 * a / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= fits) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (log(v * inverse_alpha / (a / (us * us) + b)) <= ens_special_poisson_log(k, rate, ens_special_poisson_rest(k)))
      return k;
  }
}

/* In the functions below, p <= 1/2. */
static double few_binomial(ens_stream *stream, double n, double p) {
  double u = ens_stream_uniform(stream), f = exp(n * log1p(-p)), k = 0;
  while (u > f && k < n) {
    u -= f;
    k++;
    f *= (n - k + 1) / k * (p / (1 - p));
  }
  return k;
}

/* The log of the probability of k, relative to that of the mode. */
static double binomial_height(double n, double k, double mode, double log_odds) {
  return ens_special_lgamma(mode + 1) + ens_special_lgamma(n - mode + 1) - ens_special_lgamma(k + 1) -
         ens_special_lgamma(n - k + 1) + (k - mode) * log_odds;
}

static double many_binomial(ens_stream *stream, double n, double p) {
  double spread = sqrt(n * p * (1 - p)), b = 1.15 + 2.53 * spread, a = -0.0873 + 0.0248 * b + 0.01 * p;
  double alpha = (2.83 + 5.1 / b) * spread, fits = 0.92 - 4.2 / b, mode = floor((n + 1) * p);
  double log_odds = log(p) - log1p(-p);
  for (;;) {
    double u = ens_stream_uniform(stream) - 0.5, v = ens_stream_uniform(stream), us = 0.5 - fabs(u);
    double k = floor((2 * a / us + b) * u + n * p + 0.5);
    if (us >= 0.07 && v <= fits) return k;
    if (k < 0 || k > n) continue;
    if (log(v * alpha / (a / (us * us) + b)) <= binomial_height(n, k, mode, log_odds)) return k;
  }
}

double ens_draw_binomial(ens_stream *stream, double n, double p) {
  if (p > 0.5) return n - ens_draw_binomial(stream, n, 1 - p);
  return n * p < FEW ? few_binomial(stream, n, p) : many_binomial(stream, n, p);
}
