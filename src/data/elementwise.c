/* Walks along the last axis of both arrays with their strides; the operation is chosen once per call. */
#include "data/elementwise.h"

#include <math.h>

/* ---- along one axis ---- */

/* Usually there are no strides; only that loop can be vectorised. */
#define LINE(name, value)                                                                                    \
  static void name(size_t n, double *w, ptrdiff_t w_stride, const double *x, ptrdiff_t x_stride, double a) { \
    (void)a;                                                                                                 \
    if (w_stride == 1 && x_stride == 1) {                                                                    \
      for (size_t i = 0; i < n; i++) {                                                                       \
        double W = w[i], X = x[i];                                                                           \
        (void)W, w[i] = (value);                                                                             \
      }                                                                                                      \
    } else {                                                                                                 \
      for (size_t i = 0; i < n; i++, w += w_stride, x += x_stride) {                                         \
        double W = *w, X = *x;                                                                               \
        (void)W, *w = (value);                                                                               \
      }                                                                                                      \
    }                                                                                                        \
  }

/* log(exp(x) + exp(y)) without overflow; -inf stands for a missing term. */
static double log_add_exp(double x, double y) {
  if (x == y) return x + 0.69314718055994530942;
  double most = x > y ? x : y, least = x > y ? y : x;
  if (isnan(x) || isnan(y)) return x + y;
  return most + log1p(exp(least - most));
}

LINE(add, W + X)
LINE(axpy, W + a * X)
LINE(divide, W / X)
LINE(fill, X)
LINE(log_add, log_add_exp(W, X))
LINE(multiply, W *X)
LINE(power, pow(W, X))
LINE(subtract, W - X)

const ens_elementwise ens_elementwise_operations[] = {
    {"add", false, add},   {"axpy", true, axpy},          {"div", false, divide},
    {"fill", false, fill}, {"logaddexp", false, log_add}, {"mul", false, multiply},
    {"pow", false, power}, {"sub", false, subtract},      {.name = NULL}};

const ens_elementwise_function ens_elementwise_functions[] = {
    {"abs", fabs},    {"cos", cos}, {"exp", exp},   {"expm1", expm1}, {"log", log},
    {"log1p", log1p}, {"sin", sin}, {"sqrt", sqrt}, {"tanh", tanh},   {NULL, NULL}};

/* ---- over all axes ---- */

static void apply_axis(const ens_elementwise *operation, const ens_array *w, double *to, const ens_array *x,
                       const double *from, double a, size_t axis) {
  size_t n = w->shape[axis];
  if (axis + 1 == w->rank) {
    operation->line(n, to, w->stride[axis], from, x->stride[axis], a);
    return;
  }
  for (size_t i = 0; i < n; i++, to += w->stride[axis], from += x->stride[axis])
    apply_axis(operation, w, to, x, from, a, axis + 1);
}

void ens_elementwise_apply(const ens_elementwise *operation, const ens_array *w, const ens_array *x, double a) {
  apply_axis(operation, w, w->data, x, x->data, a, 0);
}

static void map_axis(const ens_elementwise_function *function, const ens_array *w, double *to, size_t axis) {
  size_t n = w->shape[axis];
  for (size_t i = 0; i < n; i++, to += w->stride[axis]) {
    if (axis + 1 == w->rank)
      *to = function->of(*to);
    else
      map_axis(function, w, to, axis + 1);
  }
}

void ens_elementwise_map(const ens_elementwise_function *function, const ens_array *w) {
  map_axis(function, w, w->data, 0);
}
