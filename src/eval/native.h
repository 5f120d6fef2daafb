/* A model that is a bare C function of a shared library: double f(const double *theta, size_t ndim, void *context).
 * Implements core's ens_model. Never touches Lua. */
#ifndef ENS_EVAL_NATIVE_H
#define ENS_EVAL_NATIVE_H

#include "core/evaluator.h"

/* theta[ndim]: the parameters in the order of their names. context: NULL. Called by several threads at a time. */
typedef double ens_bare_log_prob(const double *theta, size_t ndim, void *context);

/* Loads `path` (as dlopen takes it: a path with a slash, or a name that the linker looks up) and finds `symbol`.
 * `parameters` [ndim] are copied. ENS_CONFIG says what is wrong with the file or that the symbol is missing. */
ens_status ens_native_create(const char *path, const char *symbol, char *const *parameters, size_t ndim,
                             ens_model **out, ens_error *error);

#endif
