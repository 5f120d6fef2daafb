/* Changes the elements of writable arrays: operations with a number or with an array of the same shape, and functions
 * of each element. */
#ifndef ENS_DATA_ELEMENTWISE_H
#define ENS_DATA_ELEMENTWISE_H

#include <stdbool.h>

#include "data/array.h"

/* w = w op x, for one operation: its name, and the loop along one axis. */
typedef struct ens_elementwise {
  const char *name;
  bool has_factor; /* it uses the number `a` */
  void (*line)(size_t n, double *w, ptrdiff_t w_stride, const double *x, ptrdiff_t x_stride, double a);
} ens_elementwise;

/* w = f(w) */
typedef struct ens_elementwise_function {
  const char *name;
  double (*of)(double x);
} ens_elementwise_function;

/* Sorted by name; name NULL ends the list. */
extern const ens_elementwise ens_elementwise_operations[];
extern const ens_elementwise_function ens_elementwise_functions[];

/* `x` has the shape of w. It is w itself, or shares no element with it. For a number, x is a view with strides 0. */
void ens_elementwise_apply(const ens_elementwise *operation, const ens_array *w, const ens_array *x, double a);
void ens_elementwise_map(const ens_elementwise_function *function, const ens_array *w);

#endif
