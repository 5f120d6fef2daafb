/* What ensemble.core has in the control state alone: the process, the moves, models, samplers and stores. */
#ifndef ENS_SCRIPT_CONTROL_CONTROL_LIB_H
#define ENS_SCRIPT_CONTROL_CONTROL_LIB_H

#include "script/state/compat.h"

/* Adds the functions to ensemble.core, after ens_core_lib_open. */
void ens_control_lib_open(lua_State *L);

#endif
