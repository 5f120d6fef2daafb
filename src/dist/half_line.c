/* Distributions of numbers that are not negative. A scale has the units of x, a rate their inverse. */
#include <math.h>

#include "dist/draw.h"
#include "dist/holds.h"
#include "dist/rows.h"
#include "dist/special.h"

/* ---- halves of symmetric distributions: mu = 0, twice the density ---- */

static void half_normal_prepare(const double *p, double *k) {
  k[0] = log(2) - log(p[0]) - ENS_LOG_2PI / 2;
}
static double half_normal_lpdf(double x, const double *p, const double *k) {
  double z = x / p[0];
  return k[0] - z * z / 2;
}
static double half_normal_draw(ens_stream *stream, const double *p) {
  return p[0] * fabs(ens_stream_normal(stream));
}
const ens_dist ens_dist_half_normal = {.name = "half_normal",
                                       .nparameters = 1,
                                       .parameter = {{"sigma", ENS_POSITIVE}},
                                       .support = "numbers from 0 on",
                                       .holds = holds_half_line,
                                       .prepare = half_normal_prepare,
                                       .lpdf = half_normal_lpdf,
                                       .draw = half_normal_draw};

static void half_cauchy_prepare(const double *p, double *k) {
  k[0] = log(2 / ENS_PI) - log(p[0]);
}
static double half_cauchy_lpdf(double x, const double *p, const double *k) {
  return k[0] - ens_special_log1p_square(x / p[0]);
}
static double half_cauchy_draw(ens_stream *stream, const double *p) {
  return p[0] * tan(ENS_PI / 2 * ens_stream_uniform(stream));
}
const ens_dist ens_dist_half_cauchy = {.name = "half_cauchy",
                                       .nparameters = 1,
                                       .parameter = {{"scale", ENS_POSITIVE}},
                                       .support = "numbers from 0 on",
                                       .holds = holds_half_line,
                                       .prepare = half_cauchy_prepare,
                                       .lpdf = half_cauchy_lpdf,
                                       .draw = half_cauchy_draw};

static void half_student_t_prepare(const double *p, double *k) {
  k[0] = log(2) - ens_special_lbeta(p[0] / 2, 0.5) - log(p[0]) / 2 - log(p[1]);
  k[1] = sqrt(p[0]);
}
static double half_student_t_lpdf(double x, const double *p, const double *k) {
  return k[0] - (p[0] + 1) / 2 * ens_special_log1p_square(x / p[1] / k[1]);
}
static double half_student_t_draw(ens_stream *stream, const double *p) {
  return p[1] * fabs(ens_draw_student_t(stream, p[0]));
}
const ens_dist ens_dist_half_student_t = {.name = "half_student_t",
                                          .nparameters = 2,
                                          .parameter = {{"nu", ENS_POSITIVE}, {"sigma", ENS_POSITIVE}},
                                          .support = "numbers from 0 on",
                                          .holds = holds_half_line,
                                          .prepare = half_student_t_prepare,
                                          .lpdf = half_student_t_lpdf,
                                          .draw = half_student_t_draw};

/* ---- log-normal: mu and sigma are those of log x ---- */

static void lognormal_prepare(const double *p, double *k) {
  k[0] = -log(p[1]) - ENS_LOG_2PI / 2;
}
static double lognormal_lpdf(double x, const double *p, const double *k) {
  double l = log(x), z = (l - p[0]) / p[1];
  return k[0] - z * z / 2 - l;
}
static double lognormal_draw(ens_stream *stream, const double *p) {
  return exp(p[0] + p[1] * ens_stream_normal(stream));
}
const ens_dist ens_dist_lognormal = {.name = "lognormal",
                                     .location = 1,
                                     .nparameters = 2,
                                     .parameter = {{"mu", ENS_FINITE}, {"sigma", ENS_POSITIVE}},
                                     .support = "numbers above 0",
                                     .holds = holds_positive,
                                     .prepare = lognormal_prepare,
                                     .lpdf = lognormal_lpdf,
                                     .draw = lognormal_draw};

/* ---- exponential ---- */

static void exponential_prepare(const double *p, double *k) {
  k[0] = log(p[0]);
}
static double exponential_lpdf(double x, const double *p, const double *k) {
  return k[0] - p[0] * x;
}
static double exponential_draw(ens_stream *stream, const double *p) {
  return -log(ens_stream_uniform(stream)) / p[0];
}
const ens_dist ens_dist_exponential = {.name = "exponential",
                                       .nparameters = 1,
                                       .parameter = {{"rate", ENS_POSITIVE}},
                                       .support = "numbers from 0 on",
                                       .holds = holds_half_line,
                                       .prepare = exponential_prepare,
                                       .lpdf = exponential_lpdf,
                                       .draw = exponential_draw};

/* ---- gamma, inverse gamma, chi squared ---- */

/* With m = rate x, the density is (m^a e^-m / Gamma(a + 1)) a / x. The first factor is a Poisson probability, which
 * Loader's form computes without cancellation. */
static double gamma_log(double x, double shape, double rate, const double *k) {
  if (x > 0) return ens_special_poisson_log(shape, rate * x, k[0]) + k[1] - log(x);
  return shape < 1 ? INFINITY : shape > 1 ? -INFINITY : log(rate);
}
static void gamma_prepare(const double *p, double *k) {
  k[0] = ens_special_poisson_rest(p[0]);
  k[1] = log(p[0]);
}
static double gamma_lpdf(double x, const double *p, const double *k) {
  return gamma_log(x, p[0], p[1], k);
}
static double gamma_draw(ens_stream *stream, const double *p) {
  return ens_draw_gamma(stream, p[0]) / p[1];
}
const ens_dist ens_dist_gamma = {.name = "gamma",
                                 .nparameters = 2,
                                 .parameter = {{"shape", ENS_POSITIVE}, {"rate", ENS_POSITIVE}},
                                 .support = "numbers from 0 on",
                                 .holds = holds_half_line,
                                 .prepare = gamma_prepare,
                                 .lpdf = gamma_lpdf,
                                 .draw = gamma_draw};

static void chi2_prepare(const double *p, double *k) {
  k[0] = ens_special_poisson_rest(p[0] / 2);
  k[1] = log(p[0] / 2);
}
static double chi2_lpdf(double x, const double *p, const double *k) {
  return gamma_log(x, p[0] / 2, 0.5, k);
}
static double chi2_draw(ens_stream *stream, const double *p) {
  return 2 * ens_draw_gamma(stream, p[0] / 2);
}
const ens_dist ens_dist_chi2 = {.name = "chi2",
                                .nparameters = 1,
                                .parameter = {{"nu", ENS_POSITIVE}},
                                .support = "numbers from 0 on",
                                .holds = holds_half_line,
                                .prepare = chi2_prepare,
                                .lpdf = chi2_lpdf,
                                .draw = chi2_draw};

/* 1 / x has the distribution gamma(shape, scale). Its factor a / x, times the Jacobian 1 / x^2, is a / x again. */
static double inv_gamma_lpdf(double x, const double *p, const double *k) {
  double m = p[1] / x;
  return isinf(m) ? -INFINITY : ens_special_poisson_log(p[0], m, k[0]) + k[1] - log(x);
}
static double inv_gamma_draw(ens_stream *stream, const double *p) {
  return p[1] / ens_draw_gamma(stream, p[0]);
}
const ens_dist ens_dist_inv_gamma = {.name = "inv_gamma",
                                     .nparameters = 2,
                                     .parameter = {{"shape", ENS_POSITIVE}, {"scale", ENS_POSITIVE}},
                                     .support = "numbers above 0",
                                     .holds = holds_positive,
                                     .prepare = gamma_prepare,
                                     .lpdf = inv_gamma_lpdf,
                                     .draw = inv_gamma_draw};

/* ---- Weibull and its special case, Rayleigh ---- */

static double weibull_log(double x, double shape, double scale) {
  double z = x / scale;
  if (z > 0) return log(shape) - log(scale) + (shape - 1) * log(z) - pow(z, shape);
  return shape < 1 ? INFINITY : shape > 1 ? -INFINITY : -log(scale);
}
static double weibull_lpdf(double x, const double *p, const double *k) {
  (void)k;
  return weibull_log(x, p[0], p[1]);
}
static double weibull_draw(ens_stream *stream, const double *p) {
  return p[1] * pow(-log(ens_stream_uniform(stream)), 1 / p[0]);
}
const ens_dist ens_dist_weibull = {.name = "weibull",
                                   .nparameters = 2,
                                   .parameter = {{"shape", ENS_POSITIVE}, {"scale", ENS_POSITIVE}},
                                   .support = "numbers from 0 on",
                                   .holds = holds_half_line,
                                   .lpdf = weibull_lpdf,
                                   .draw = weibull_draw};

static double rayleigh_lpdf(double x, const double *p, const double *k) {
  (void)k;
  double z = x / p[0];
  return log(z) - log(p[0]) - z * z / 2;
}
static double rayleigh_draw(ens_stream *stream, const double *p) {
  return p[0] * sqrt(-2 * log(ens_stream_uniform(stream)));
}
const ens_dist ens_dist_rayleigh = {.name = "rayleigh",
                                    .nparameters = 1,
                                    .parameter = {{"sigma", ENS_POSITIVE}},
                                    .support = "numbers from 0 on",
                                    .holds = holds_half_line,
                                    .lpdf = rayleigh_lpdf,
                                    .draw = rayleigh_draw};

/* ---- Pareto ---- */

static bool pareto_holds(double x, const double *p) {
  return x >= p[0];
}
static double pareto_lpdf(double x, const double *p, const double *k) {
  (void)k;
  double over = (x - p[0]) / p[0];
  return log(p[1]) - p[1] * (isinf(over) ? log(x) - log(p[0]) : log1p(over)) - log(x);
}
static double pareto_draw(ens_stream *stream, const double *p) {
  return p[0] * exp(-log(ens_stream_uniform(stream)) / p[1]);
}
const ens_dist ens_dist_pareto = {.name = "pareto",
                                  .nparameters = 2,
                                  .parameter = {{"low", ENS_POSITIVE}, {"shape", ENS_POSITIVE}},
                                  .support = "numbers from 'low' on",
                                  .holds = pareto_holds,
                                  .lpdf = pareto_lpdf,
                                  .draw = pareto_draw};
