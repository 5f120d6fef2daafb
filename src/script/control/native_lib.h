/* Models from shared libraries, described by lua/ensemble/api/native.lua. */
#ifndef ENS_SCRIPT_CONTROL_NATIVE_LIB_H
#define ENS_SCRIPT_CONTROL_NATIVE_LIB_H

#include "core/model/evaluator.h"
#include "script/state/compat.h"

/* Makes the model from the description at `spec` ({ path, symbol, parameters, priors }) and the data at `data` (nil:
 * none). Raises a Lua error without memory only. */
ens_status ens_native_lib_create(lua_State *L, int spec, int data, ens_model **out, ens_error *error);
/* native_parameters(path) -> the names of the parameters that the library describes, or nil, message, kind. */
int ens_native_lib_parameters(lua_State *L);

#endif
