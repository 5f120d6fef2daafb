/* Linear algebra of small dense matrices: the program's own (base/dense.h, base/cholesky.h), or LAPACK's on request.
 * The program's own is the default, because LAPACK's last bits depend on the kind of processor: the chain would differ
 * between the ranks of a mixed cluster, and after a resume on another machine. */
#ifndef ENS_EVAL_LINALG_H
#define ENS_EVAL_LINALG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* The contracts are those of base/cholesky.h and base/dense.h; matrices have no gaps. */
typedef struct ens_linalg {
  size_t (*cholesky)(double *a, size_t n);
  void (*solve)(const double *l, size_t n, double *b, size_t k, bool transposed);
  void (*multiply)(size_t m, size_t k, size_t n, const double *a, const double *b, double *c);
} ens_linalg;

/* The functions in use. */
const ens_linalg *ens_linalg_used(void);
/* Uses LAPACK from now on, with one thread. `library` is a path, or "1" for the installed one. Call it before any
 * thread is started. */
ens_status ens_linalg_load(const char *library, ens_error *error);

#endif
