/* Sorting numbers. */
#ifndef ENS_BASE_SORT_H
#define ENS_BASE_SORT_H

#include <stddef.h>

void ens_sort_doubles(double *x, size_t n); /* ascending; NaN must not be among them */

#endif
