/* Linear algebra of small dense matrices: the program's own (base/dense.h, base/cholesky.h), or LAPACK's where that was
 * asked for. The own one is what runs otherwise, for LAPACK's bits differ from one kind of processor to the next: a
 * chain would not be the same on the ranks of a mixed cluster, or after a resume on another machine. */
#ifndef ENS_EVAL_LINALG_H
#define ENS_EVAL_LINALG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* As base/cholesky.h and base/dense.h say; matrices have no gaps. */
typedef struct ens_linalg {
  size_t (*cholesky)(double *a, size_t n);
  void (*solve)(const double *l, size_t n, double *b, size_t k, bool transposed);
  void (*multiply)(size_t m, size_t k, size_t n, const double *a, const double *b, double *c);
} ens_linalg;

/* The one that is in use. */
const ens_linalg *ens_linalg_used(void);
/* Takes LAPACK's from now on, with one thread: `library` is a path, or "1" for the one that is installed. To be called
 * before any thread is started. */
ens_status ens_linalg_load(const char *library, ens_error *error);

#endif
