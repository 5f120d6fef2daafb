/* Models of shared libraries, from what lua/ensemble/api/native.lua says of them. */
#ifndef ENS_SCRIPT_LIB_NATIVE_LIB_H
#define ENS_SCRIPT_LIB_NATIVE_LIB_H

#include "core/model/evaluator.h"
#include "script/state/compat.h"

/* Reads the description at `spec` ({ path, symbol, parameters, priors }) and the data at `data` (nil: none). No Lua
 * error is raised but of memory. */
ens_status ens_native_lib_create(lua_State *L, int spec, int data, ens_model **out, ens_error *error);
/* native_parameters(path) -> the names that a library gives to its parameters; nil, message, kind. */
int ens_native_lib_parameters(lua_State *L);

#endif
