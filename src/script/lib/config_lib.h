/* From the flat table that lua/ensemble/api/config.lua has checked to an ens_run_config. */
#ifndef ENS_SCRIPT_LIB_CONFIG_LIB_H
#define ENS_SCRIPT_LIB_CONFIG_LIB_H

#include "run/run.h"
#include "script/state/compat.h"

/* Reads the table at `index`. The values are checked already: what is wrong here is a mistake of ours, and a Lua error.
 * ENS_CONFIG for what only the core can tell, ENS_MEMORY. `out` is to be freed whatever is returned. */
ens_status ens_config_read(lua_State *L, int index, ens_run_config *out, ens_error *error);
/* { kind = "ball", center, spread } or { kind = "positions", coords } at `index`. */
ens_status ens_config_read_start(lua_State *L, int index, ens_run_config_start *out, ens_error *error);

#endif
