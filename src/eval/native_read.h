/* Reads the constant that describes a library's model, and checks it before any of its functions is called. Errors are
 * ENS_CONFIG and name the library's path. */
#ifndef ENS_EVAL_NATIVE_READ_H
#define ENS_EVAL_NATIVE_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "ensemble_model.h"

/* The name of the constant in a library. */
#define ENS_NATIVE_SYMBOL "ensemble_model_v1"

/* Copies the constant and checks its fields, except for the presence of the functions. */
ens_status ens_native_read(const char *path, ensemble_model *out, ens_error *error);
/* Checks that the model has the functions that it needs, with the script's priors or without. */
ens_status ens_native_read_functions(const char *path, const ensemble_model *model, bool with_priors, ens_error *error);
/* The names of the parameters in the constant; they stay valid as long as the process. */
ens_status ens_native_read_parameters(const char *path, const char *const **names, size_t *ndim, ens_error *error);

#endif
