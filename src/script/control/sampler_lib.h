/* Models, samplers and stores for lua/ensemble/api/sampler.lua and the modules around it: a thin layer over run.h. It
 * checks for values that would crash C; the Lua side checks for a user's mistakes. */
#ifndef ENS_SCRIPT_CONTROL_SAMPLER_LIB_H
#define ENS_SCRIPT_CONTROL_SAMPLER_LIB_H

#include "script/state/compat.h"

/* Adds models, samplers and stores to the module table on top. */
void ens_sampler_lib_open(lua_State *L);

#endif
