/* The module ensemble.core, the C side of our Lua modules, in every state, the script's and the models': clock, arrays,
 * densities, linear algebra, readers. Errors are nil, message, kind (state/fail.h). */
#ifndef ENS_SCRIPT_LIB_CORE_LIB_H
#define ENS_SCRIPT_LIB_CORE_LIB_H

#include "script/state/compat.h"

/* Makes the module. worker: the number of a model's state, from 1; 0 in the control state. */
void ens_core_lib_open(lua_State *L, unsigned worker);

#endif
