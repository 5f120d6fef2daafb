/* Models of shared libraries: a bare C function, or a constant as ensemble_model.h declares it. Implements core's
 * ens_model. Never touches Lua. */
#ifndef ENS_EVAL_NATIVE_H
#define ENS_EVAL_NATIVE_H

#include "core/model/evaluator.h"
#include "data/tree.h"
#include "dist/prior.h"

/* The constant's name in a library. */
#define ENS_NATIVE_SYMBOL "ensemble_model_v1"

typedef struct ens_native_spec {
  const char *path;        /* as ens_library_find takes it */
  const char *symbol;      /* of a bare function; NULL: the library has a constant */
  char *const *parameters; /* [ndim] of a bare function; copied */
  size_t ndim;
  ens_prior *prior; /* [ndim] in the order of the parameters; NULL: the script gives none */
  ens_tree *data;   /* sorted; NULL: none */
} ens_native_spec;

/* Loads the library and checks what is in it. Takes the prior and the data, whatever is returned. */
ens_status ens_native_create(const ens_native_spec *spec, ens_model **out, ens_error *error);
/* The names that a library's constant gives to its parameters; they stay as long as the process. */
ens_status ens_native_parameters(const char *path, const char *const **names, size_t *ndim, ens_error *error);

/* What the model's `pack` op has written, its kind ("native") taken already. */
ens_status ens_native_unpack(ens_bundle *bundle, ens_model **out, ens_error *error);

#endif
