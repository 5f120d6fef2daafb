/* Distributions between two ends; the ends are in the support. */
#include <math.h>

#include "dist/draw.h"
#include "dist/holds.h"
#include "dist/rows.h"
#include "dist/special.h"

static bool holds_interval(double x, const double *p) {
  return x >= p[0] && x <= p[1];
}

/* ---- uniform ---- */

static void uniform_prepare(const double *p, double *k) {
  double half = p[1] / 2 - p[0] / 2; /* p[1] - p[0] may overflow */
  k[0] = half > 0x1p1000 ? -log(half) - log(2) : -log(p[1] - p[0]);
}
static double constant_lpdf(double x, const double *p, const double *k) {
  (void)x, (void)p;
  return k[0];
}
static double uniform_draw(ens_stream *stream, const double *p) {
  double u = ens_stream_uniform(stream);
  return fmin(p[1], fmax(p[0], p[0] * (1 - u) + p[1] * u));
}
const ens_dist ens_dist_uniform = {.name = "uniform",
                                   .nparameters = 2,
                                   .parameter = {{"low", ENS_FINITE}, {"high", ENS_FINITE}},
                                   .above = 1,
                                   .support = "numbers from 'low' to 'high'",
                                   .holds = holds_interval,
                                   .prepare = uniform_prepare,
                                   .lpdf = constant_lpdf,
                                   .draw = uniform_draw};

/* ---- log-uniform: log x is uniform ---- */

static double log_ratio(const double *p) {
  double over = (p[1] - p[0]) / p[0];
  return isinf(over) ? log(p[1]) - log(p[0]) : log1p(over);
}
static void loguniform_prepare(const double *p, double *k) {
  k[0] = -log(log_ratio(p));
}
static double loguniform_lpdf(double x, const double *p, const double *k) {
  (void)p;
  return k[0] - log(x);
}
static double loguniform_draw(ens_stream *stream, const double *p) {
  return fmin(p[1], p[0] * exp(log_ratio(p) * ens_stream_uniform(stream)));
}
const ens_dist ens_dist_loguniform = {.name = "loguniform",
                                      .nparameters = 2,
                                      .parameter = {{"low", ENS_POSITIVE}, {"high", ENS_POSITIVE}},
                                      .above = 1,
                                      .support = "numbers from 'low' to 'high'",
                                      .holds = holds_interval,
                                      .prepare = loguniform_prepare,
                                      .lpdf = loguniform_lpdf,
                                      .draw = loguniform_draw};

/* ---- beta ---- */

/* Stirling's terms of the three Gamma functions cancel against x^a (1 - x)^b, which leaves deviances. With n = a + b:
 * log f = -D(a, n x) - D(b, n (1 - x)) + log(a b / (2 pi n)) / 2 + rests - log x - log(1 - x). */
static void beta_prepare(const double *p, double *k) {
  double n = p[0] + p[1];
  k[0] = ens_special_stirling_rest(n) - ens_special_stirling_rest(p[0]) - ens_special_stirling_rest(p[1]) +
         (log(p[0]) + log(p[1] / n) - ENS_LOG_2PI) / 2;
}
static double at_end(double shape, double other) {
  return shape < 1 ? INFINITY : shape > 1 ? -INFINITY : log(other);
}
static double beta_lpdf(double x, const double *p, const double *k) {
  if (x <= 0) return at_end(p[0], p[1]);
  if (x >= 1) return at_end(p[1], p[0]);
  double n = p[0] + p[1];
  if (n * x > 0)
    return k[0] - ens_special_deviance(p[0], n * x) - ens_special_deviance(p[1], n * (1 - x)) - log(x) - log1p(-x);
  return (p[0] - 1) * log(x) - ens_special_lbeta(p[0], p[1]);
}
static double beta_draw(ens_stream *stream, const double *p) {
  return ens_draw_beta(stream, p[0], p[1]);
}
const ens_dist ens_dist_beta = {.name = "beta",
                                .nparameters = 2,
                                .parameter = {{"alpha", ENS_POSITIVE}, {"beta", ENS_POSITIVE}},
                                .support = "numbers from 0 to 1",
                                .holds = holds_unit,
                                .prepare = beta_prepare,
                                .lpdf = beta_lpdf,
                                .draw = beta_draw};

/* ---- truncated normal ---- */

/* The density is exp(-(z^2 - c^2) / 2) / (sigma sqrt(2 pi) M). Here c is the point of the interval nearest to mu, and M
 * the mass of the interval times exp(c^2 / 2). So nothing underflows, however far the interval is from mu, and z^2 -
 * c^2 is a product. */
enum { GAUSS_POINTS = 4 }; /* of eight; the others follow by symmetry */

/* The integral of exp(-a t - t^2 / 2) over 0 .. w by Gauss-Legendre quadrature, for a w + w^2 / 2 < 1. */
static double narrow_mass(double a, double w) {
  static const double node[GAUSS_POINTS] = {0.18343464249564980494, 0.52553240991632898582, 0.79666647741362673959,
                                            0.96028985649753623168};
  static const double weight[GAUSS_POINTS] = {0.36268378337836198297, 0.31370664587788728734, 0.22238103445337447054,
                                              0.10122853629037625915};
  double sum = 0;
  for (int i = 0; i < GAUSS_POINTS; i++)
    for (int side = -1; side <= 1; side += 2) {
      double t = w * (1 + side * node[i]) / 2;
      sum += weight[i] * exp(-t * (a + t / 2));
    }
  return sum * w / 2;
}

/* log M of the interval [a, a + w] with a >= 0, in units of sigma. */
static double log_tail(double a, double w) {
  if (a * w + w * w / 2 < 1) return log(narrow_mass(a, w)) - ENS_LOG_2PI / 2;
  double near = ens_special_erfcx(a * M_SQRT1_2);
  if (isinf(w)) return log(near / 2);
  double far = ens_special_erfcx((a + w) * M_SQRT1_2), fall = exp(-w * (a + w / 2));
  return log(near / 2) + log1p(-fall * far / near);
}

/* k[0]: the constant; k[1]: c in the units of x. */
static void truncated_normal_prepare(const double *p, double *k) {
  double a = (p[2] - p[0]) / p[1], b = (p[3] - p[0]) / p[1], width = (p[3] - p[2]) / p[1], mass;
  k[1] = p[0];
  if (a >= 0) {
    mass = log_tail(a, width);
    k[1] = p[2];
  } else if (b <= 0) {
    mass = log_tail(-b, width);
    k[1] = p[3];
  } else {
    mass = log((erf(b * M_SQRT1_2) - erf(a * M_SQRT1_2)) / 2);
  }
  k[0] = -log(p[1]) - ENS_LOG_2PI / 2 - mass;
}
static bool truncated_normal_holds(double x, const double *p) {
  return x >= p[2] && x <= p[3];
}
static double truncated_normal_lpdf(double x, const double *p, const double *k) {
  return k[0] - (x - k[1]) / p[1] * (((x - p[0]) + (k[1] - p[0])) / p[1]) / 2;
}
static double truncated_normal_draw(ens_stream *stream, const double *p) {
  double z = ens_draw_normal_between(stream, (p[2] - p[0]) / p[1], (p[3] - p[0]) / p[1]);
  return fmin(p[3], fmax(p[2], p[0] + p[1] * z));
}
const ens_dist ens_dist_truncated_normal = {
    .name = "truncated_normal",
    .nparameters = 4,
    .parameter = {{"mu", ENS_FINITE}, {"sigma", ENS_POSITIVE}, {"low", ENS_BOUND}, {"high", ENS_BOUND}},
    .above = 3,
    .support = "numbers from 'low' to 'high'",
    .holds = truncated_normal_holds,
    .prepare = truncated_normal_prepare,
    .lpdf = truncated_normal_lpdf,
    .draw = truncated_normal_draw};
