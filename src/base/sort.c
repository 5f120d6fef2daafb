/* qsort with one comparison for doubles. */
#include "base/sort.h"

#include <stdlib.h>

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void ens_sort_doubles(double *x, size_t n) {
  qsort(x, n, sizeof *x, compare);
}
