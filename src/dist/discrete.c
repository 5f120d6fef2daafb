/* Distributions of whole numbers; they have probabilities instead of densities. */
#include <math.h>

#include "dist/draw.h"
#include "dist/holds.h"
#include "dist/rows.h"
#include "dist/special.h"

/* ---- Poisson ---- */

static double poisson_lpmf(double x, const double *p, const double *k) {
  (void)k;
  return ens_special_poisson_log(x, p[0], ens_special_poisson_rest(x));
}
static double poisson_draw(ens_stream *stream, const double *p) {
  return ens_draw_poisson(stream, p[0]);
}
const ens_dist ens_dist_poisson = {.name = "poisson",
                                   .discrete = true,
                                   .nparameters = 1,
                                   .parameter = {{"rate", ENS_NOT_NEGATIVE}},
                                   .support = "whole numbers from 0 on",
                                   .holds = holds_whole,
                                   .lpdf = poisson_lpmf,
                                   .draw = poisson_draw};

/* ---- binomial ---- */

/* Loader's form. x need not be whole: the negative binomial uses other numbers. */
static double binomial_log(double x, double n, double p) {
  if (x <= 0) return n > 0 ? n * log1p(-p) : 0;
  if (x >= n) return n * log(p);
  if (p <= 0 || p >= 1) return -INFINITY;
  double rest = ens_special_stirling_rest(n) - ens_special_stirling_rest(x) - ens_special_stirling_rest(n - x);
  double root = (ENS_LOG_2PI + log(x) + log1p(-x / n)) / 2;
  return rest - ens_special_deviance(x, n * p) - ens_special_deviance(n - x, n * (1 - p)) - root;
}
static bool binomial_holds(double x, const double *p) {
  return holds_whole(x, p) && x <= p[0];
}
static double binomial_lpmf(double x, const double *p, const double *k) {
  (void)k;
  return binomial_log(x, p[0], p[1]);
}
static double binomial_draw(ens_stream *stream, const double *p) {
  return ens_draw_binomial(stream, p[0], p[1]);
}
const ens_dist ens_dist_binomial = {.name = "binomial",
                                    .discrete = true,
                                    .nparameters = 2,
                                    .parameter = {{"n", ENS_COUNT}, {"p", ENS_PROBABILITY}},
                                    .support = "whole numbers from 0 to 'n'",
                                    .holds = binomial_holds,
                                    .lpdf = binomial_lpmf,
                                    .draw = binomial_draw};

/* ---- negative binomial: failures before the n-th success; n is any positive number ---- */

static double neg_binomial_lpmf(double x, const double *p, const double *k) {
  (void)k;
  if (x <= 0) return p[0] * log(p[1]);
  if (p[1] >= 1) return -INFINITY;
  if (p[0] < 1e-10 * x) /* n would be lost in the rounding of n + x */
    return p[0] * log(p[1]) + x * log1p(-p[1]) + log(p[0]) - log(x) - ens_special_lgamma(p[0] + 1);
  return log(p[0] / (p[0] + x)) + binomial_log(p[0], p[0] + x, p[1]);
}
static double neg_binomial_draw(ens_stream *stream, const double *p) {
  return p[1] < 1 ? ens_draw_poisson(stream, ens_draw_gamma(stream, p[0]) * (1 - p[1]) / p[1]) : 0;
}
const ens_dist ens_dist_neg_binomial = {.name = "neg_binomial",
                                        .discrete = true,
                                        .nparameters = 2,
                                        .parameter = {{"n", ENS_POSITIVE}, {"p", ENS_CHANCE}},
                                        .support = "whole numbers from 0 on",
                                        .holds = holds_whole,
                                        .lpdf = neg_binomial_lpmf,
                                        .draw = neg_binomial_draw};

/* ---- Bernoulli ---- */

static bool bernoulli_holds(double x, const double *p) {
  return holds_whole(x, p) && x <= 1;
}
static double bernoulli_lpmf(double x, const double *p, const double *k) {
  (void)k;
  return x > 0 ? log(p[0]) : log1p(-p[0]);
}
static double bernoulli_draw(ens_stream *stream, const double *p) {
  return ens_stream_uniform(stream) < p[0];
}
const ens_dist ens_dist_bernoulli = {.name = "bernoulli",
                                     .discrete = true,
                                     .nparameters = 1,
                                     .parameter = {{"p", ENS_PROBABILITY}},
                                     .support = "0 and 1",
                                     .holds = bernoulli_holds,
                                     .lpdf = bernoulli_lpmf,
                                     .draw = bernoulli_draw};

/* ---- geometric: trials up to the first success ---- */

static bool geometric_holds(double x, const double *p) {
  return holds_whole(x, p) && x >= 1;
}
static double geometric_lpmf(double x, const double *p, const double *k) {
  (void)k;
  return log(p[0]) + (x > 1 ? (x - 1) * log1p(-p[0]) : 0);
}
static double geometric_draw(ens_stream *stream, const double *p) {
  return fmax(1, p[0] < 1 ? ceil(log(ens_stream_uniform(stream)) / log1p(-p[0])) : 1);
}
const ens_dist ens_dist_geometric = {.name = "geometric",
                                     .discrete = true,
                                     .nparameters = 1,
                                     .parameter = {{"p", ENS_CHANCE}},
                                     .support = "whole numbers from 1 on",
                                     .holds = geometric_holds,
                                     .lpdf = geometric_lpmf,
                                     .draw = geometric_draw};
