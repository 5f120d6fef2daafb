/* A table of LAPACK's functions, filled by dlsym; each function of the header calls it or the program's own. */
#include "eval/linalg.h"

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cholesky.h"
#include "base/dense.h"
#include "eval/foreign.h"

static const ens_linalg own = {ens_cholesky, ens_dense_solve, ens_dense_multiply};
static const ens_linalg *used = &own;

const ens_linalg *ens_linalg_used(void) {
  return used;
}

/* ---- LAPACK ---- */

/* Fortran stores matrices by columns, so that every matrix is the transpose of ours. The lengths of texts come last. */
static struct {
  void (*dpotrf)(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t);
  void (*dtrsm)(const char *side, const char *uplo, const char *trans, const char *diag, const int *m, const int *n,
                const double *alpha, const double *a, const int *lda, double *b, const int *ldb, size_t, size_t, size_t,
                size_t);
  void (*dgemm)(const char *transa, const char *transb, const int *m, const int *n, const int *k, const double *alpha,
                const double *a, const int *lda, const double *b, const int *ldb, const double *beta, double *c,
                const int *ldc, size_t, size_t);
} lapack;

static const double one = 1, zero = 0;

/* The number of the first of `done` pivots that is too small by the rule of ens_cholesky; 0: none is. */
static size_t find_bad_pivot(const double *l, const double *diagonal, size_t n, size_t done) {
  double least = ens_cholesky_least(n);
  for (size_t i = 0; i < done; i++) {
    double pivot = l[i * n + i] * l[i * n + i];
    if (!(pivot > least * diagonal[i]) || !isfinite(pivot)) return i + 1;
  }
  return done < n ? done + 1 : 0;
}

static size_t lapack_cholesky(double *a, size_t n) {
  double *diagonal = malloc(n * sizeof *diagonal);
  if (!diagonal) return ens_cholesky(a, n);
  for (size_t i = 0; i < n; i++) diagonal[i] = a[i * n + i];
  int order = (int)n, info = 0;
  lapack.dpotrf("U", &order, a, &order, &info, 1);
  size_t bad = find_bad_pivot(a, diagonal, n, info > 0 ? (size_t)info - 1 : n);
  free(diagonal);
  return bad;
}

/* For LAPACK a leading dimension of 0 is an error; our own functions do nothing then. */
static void lapack_solve(const double *l, size_t n, double *b, size_t k, bool transposed) {
  if (!n || !k) return;
  int order = (int)n, count = (int)k;
  lapack.dtrsm("R", "U", transposed ? "T" : "N", "N", &count, &order, &one, l, &order, b, &count, 1, 1, 1, 1);
}

static void lapack_multiply(size_t m, size_t k, size_t n, const double *a, const double *b, double *c) {
  if (!m || !k || !n) {
    ens_dense_multiply(m, k, n, a, b, c);
    return;
  }
  int rows = (int)m, inner = (int)k, columns = (int)n;
  lapack.dgemm("N", "N", &columns, &rows, &inner, &one, b, &columns, a, &inner, &zero, c, &columns, 1, 1);
}

/* ---- loading ---- */

static void *open_library(const char *library) {
  static const char *const installed[] = {"liblapack.so.3", "libopenblas.so.0", NULL};
  if (strcmp(library, "1") != 0) return dlopen(library, RTLD_NOW | RTLD_LOCAL);
  void *handle = NULL;
  for (int i = 0; !handle && installed[i]; i++) handle = dlopen(installed[i], RTLD_NOW | RTLD_LOCAL);
  return handle;
}

/* POSIX gives a function's address as a pointer to data. */
static bool find(void *handle, const char *name, void *to) {
  void *address = dlsym(handle, name);
  memcpy(to, &address, sizeof address);
  return address != NULL;
}

ens_status ens_linalg_load(const char *library, ens_error *error) {
  static const ens_linalg from_lapack = {lapack_cholesky, lapack_solve, lapack_multiply};
  void *handle = open_library(library);
  if (!handle)
    return ens_error_set(error, ENS_CONFIG, "ENSEMBLE_LAPACK is '%s', but no LAPACK can be loaded: %s", library,
                         dlerror());
  if (!find(handle, "dpotrf_", &lapack.dpotrf) || !find(handle, "dtrsm_", &lapack.dtrsm) ||
      !find(handle, "dgemm_", &lapack.dgemm))
    return ens_error_set(error, ENS_CONFIG, "ENSEMBLE_LAPACK is '%s', which is not a LAPACK library: %s", library,
                         dlerror());
  ens_foreign_set_loaded(handle);
  used = &from_lapack;
  return ENS_OK;
}
