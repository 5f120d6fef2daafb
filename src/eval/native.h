/* Models of shared libraries: a bare C function, or a constant as ensemble_model.h declares it. They implement the
 * ens_model of core and never touch Lua. */
#ifndef ENS_EVAL_NATIVE_H
#define ENS_EVAL_NATIVE_H

#include "core/model/evaluator.h"
#include "data/tree.h"
#include "dist/prior.h"

typedef struct ens_native_spec {
  const char *path;        /* as for ens_library_find */
  const char *symbol;      /* the name of a bare function; NULL: the library has a constant */
  char *const *parameters; /* [ndim] names for a bare function; copied */
  size_t ndim;
  ens_prior *prior; /* [ndim] in the order of the parameters; NULL: the script gives none */
  ens_tree *data;   /* sorted; NULL: none */
} ens_native_spec;

/* Loads the library and checks its contents. Takes the prior and the data, also after an error. */
ens_status ens_native_create(const ens_native_spec *spec, ens_model **out, ens_error *error);

#endif
