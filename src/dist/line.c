/* Distributions on the whole line: location mu and a scale. */
#include <math.h>

#include "dist/draw.h"
#include "dist/holds.h"
#include "dist/rows.h"
#include "dist/special.h"

#define MU_AND(scale)   \
  {"mu", ENS_FINITE}, { \
    scale, ENS_POSITIVE \
  }

/* ---- normal ---- */

static void normal_prepare(const double *p, double *k) {
  k[0] = -log(p[1]) - ENS_LOG_2PI / 2;
}
static double normal_lpdf(double x, const double *p, const double *k) {
  double z = (x - p[0]) / p[1];
  return k[0] - z * z / 2;
}
static double normal_draw(ens_stream *stream, const double *p) {
  return p[0] + p[1] * ens_stream_normal(stream);
}
/* The loop that most likelihoods of data use. */
static bool normal_sum(size_t n, const ens_dist_column *arguments, double *out) {
  const double *x = arguments[0].data, *mu = arguments[1].data, *sigma = arguments[2].data;
  double p[2] = {0, 0}, k[1] = {0}, sum = 0;
  for (size_t i = 0; i < n; i++) {
    p[0] = mu[(ptrdiff_t)i * arguments[1].stride];
    double width = sigma[(ptrdiff_t)i * arguments[2].stride];
    if (width != p[1]) {
      if (!(width > 0 && width < INFINITY)) return false;
      p[1] = width;
      normal_prepare(p, k);
    }
    sum += normal_lpdf(x[(ptrdiff_t)i * arguments[0].stride], p, k);
  }
  *out = sum;
  return isfinite(sum) && p[1] > 0;
}
const ens_dist ens_dist_normal = {.name = "normal",
                                  .location = 1,
                                  .nparameters = 2,
                                  .parameter = {MU_AND("sigma")},
                                  .support = "all numbers",
                                  .holds = holds_line,
                                  .prepare = normal_prepare,
                                  .lpdf = normal_lpdf,
                                  .draw = normal_draw,
                                  .sum = normal_sum};

/* ---- Student's t ---- */

static void student_t_prepare(const double *p, double *k) {
  k[0] = -ens_special_lbeta(p[0] / 2, 0.5) - log(p[0]) / 2 - log(p[2]);
  k[1] = sqrt(p[0]);
}
static double student_t_lpdf(double x, const double *p, const double *k) {
  return k[0] - (p[0] + 1) / 2 * ens_special_log1p_square((x - p[1]) / p[2] / k[1]);
}
static double student_t_draw(ens_stream *stream, const double *p) {
  return p[1] + p[2] * ens_draw_student_t(stream, p[0]);
}
const ens_dist ens_dist_student_t = {.name = "student_t",
                                     .location = 2,
                                     .nparameters = 3,
                                     .parameter = {{"nu", ENS_POSITIVE}, MU_AND("sigma")},
                                     .support = "all numbers",
                                     .holds = holds_line,
                                     .prepare = student_t_prepare,
                                     .lpdf = student_t_lpdf,
                                     .draw = student_t_draw};

/* ---- Cauchy ---- */

static void cauchy_prepare(const double *p, double *k) {
  k[0] = -log(ENS_PI) - log(p[1]);
}
static double cauchy_lpdf(double x, const double *p, const double *k) {
  return k[0] - ens_special_log1p_square((x - p[0]) / p[1]);
}
static double cauchy_draw(ens_stream *stream, const double *p) {
  return p[0] + p[1] * tan(ENS_PI * (ens_stream_uniform(stream) - 0.5));
}
const ens_dist ens_dist_cauchy = {.name = "cauchy",
                                  .location = 1,
                                  .nparameters = 2,
                                  .parameter = {MU_AND("scale")},
                                  .support = "all numbers",
                                  .holds = holds_line,
                                  .prepare = cauchy_prepare,
                                  .lpdf = cauchy_lpdf,
                                  .draw = cauchy_draw};

/* ---- Laplace ---- */

static void laplace_prepare(const double *p, double *k) {
  k[0] = -log(2) - log(p[1]);
}
static double laplace_lpdf(double x, const double *p, const double *k) {
  return k[0] - fabs(x - p[0]) / p[1];
}
static double laplace_draw(ens_stream *stream, const double *p) {
  double u = ens_stream_uniform(stream);
  return p[0] + p[1] * (u < 0.5 ? log(2 * u) : -log(2 * (1 - u)));
}
const ens_dist ens_dist_laplace = {.name = "laplace",
                                   .location = 1,
                                   .nparameters = 2,
                                   .parameter = {MU_AND("scale")},
                                   .support = "all numbers",
                                   .holds = holds_line,
                                   .prepare = laplace_prepare,
                                   .lpdf = laplace_lpdf,
                                   .draw = laplace_draw};

/* ---- logistic ---- */

static void logistic_prepare(const double *p, double *k) {
  k[0] = -log(p[1]);
}
static double logistic_lpdf(double x, const double *p, const double *k) {
  double z = fabs(x - p[0]) / p[1];
  return k[0] - z - 2 * log1p(exp(-z));
}
static double logistic_draw(ens_stream *stream, const double *p) {
  double u = ens_stream_uniform(stream);
  return p[0] + p[1] * (log(u) - log1p(-u));
}
const ens_dist ens_dist_logistic = {.name = "logistic",
                                    .location = 1,
                                    .nparameters = 2,
                                    .parameter = {MU_AND("scale")},
                                    .support = "all numbers",
                                    .holds = holds_line,
                                    .prepare = logistic_prepare,
                                    .lpdf = logistic_lpdf,
                                    .draw = logistic_draw};

/* ---- Gumbel, of maxima ---- */

static double gumbel_lpdf(double x, const double *p, const double *k) {
  double z = (x - p[0]) / p[1];
  return k[0] - (z + exp(-z));
}
static double gumbel_draw(ens_stream *stream, const double *p) {
  return p[0] - p[1] * log(-log(ens_stream_uniform(stream)));
}
const ens_dist ens_dist_gumbel = {.name = "gumbel",
                                  .location = 1,
                                  .nparameters = 2,
                                  .parameter = {MU_AND("scale")},
                                  .support = "all numbers",
                                  .holds = holds_line,
                                  .prepare = logistic_prepare,
                                  .lpdf = gumbel_lpdf,
                                  .draw = gumbel_draw};

/* ---- von Mises: an angle; as a prior, within half a turn of mu ---- */

static void von_mises_prepare(const double *p, double *k) {
  k[0] = -ENS_LOG_2PI - ens_special_log_i0e(p[1]);
}
/* kappa (cos d - 1), because for large kappa the difference kappa cos d - log I0 would consist of rounding errors. */
static double von_mises_lpdf(double x, const double *p, const double *k) {
  double half = sin((x - p[0]) / 2);
  return k[0] - 2 * p[1] * half * half;
}
static double von_mises_draw(ens_stream *stream, const double *p) {
  return p[0] + ens_draw_von_mises(stream, p[1]);
}
const ens_dist ens_dist_von_mises = {.name = "von_mises",
                                     .location = 1,
                                     .nparameters = 2,
                                     .parameter = {{"mu", ENS_FINITE}, {"kappa", ENS_NOT_NEGATIVE}},
                                     .period = 2 * ENS_PI,
                                     .support = "all angles",
                                     .holds = holds_line,
                                     .prepare = von_mises_prepare,
                                     .lpdf = von_mises_lpdf,
                                     .draw = von_mises_draw};
