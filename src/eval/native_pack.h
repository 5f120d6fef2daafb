/* Sends a model of a shared library to other ranks. Each rank loads the library by its path, which must exist on every
 * host. */
#ifndef ENS_EVAL_NATIVE_PACK_H
#define ENS_EVAL_NATIVE_PACK_H

#include "core/model/evaluator.h"

/* The `pack` op of the models that ens_native_create makes; it begins with the text "native". */
ens_status ens_native_pack(const ens_model *model, ens_bundle *out, ens_error *error);
/* Makes a model from the bundle; the caller has taken the text "native" already. */
ens_status ens_native_pack_take(ens_bundle *bundle, ens_model **out, ens_error *error);

#endif
