/* The module ensemble.core: what the C side gives to our Lua modules. In a model's state it has clock, arrays and
 * readers; in the control state also models and samplers (sampler_lib.c). Failures are nil, message, kind. */
#ifndef ENS_SCRIPT_LIB_CORE_LIB_H
#define ENS_SCRIPT_LIB_CORE_LIB_H

#include "base/error.h"
#include "script/state/compat.h"

/* worker: from 1 in a model's state; 0: the control state, with models and samplers. */
void ens_core_lib_open(lua_State *L, unsigned worker);

/* Pushes nil, the error's text and its kind ("config", "model", "io", "memory"), clears it; returns 3. */
int ens_fail(lua_State *L, ens_error *error);

/* Adds models, samplers and stores to the module table on top. */
void ens_sampler_lib_open(lua_State *L);

#endif
