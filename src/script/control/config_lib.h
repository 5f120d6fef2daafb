/* Reads the flat table that lua/ensemble/api/config.lua has checked into an ens_run_config. */
#ifndef ENS_SCRIPT_CONTROL_CONFIG_LIB_H
#define ENS_SCRIPT_CONTROL_CONFIG_LIB_H

#include "run/run.h"
#include "script/state/compat.h"

/* Reads the table at `index`. The values are checked already: a wrong one is a mistake of ours, and a Lua error. Fails
 * with ENS_CONFIG for errors that only the core can find, ENS_MODEL for a proposal function that cannot run,
 * ENS_MEMORY. The caller frees *out in any case. */
ens_status ens_config_read(lua_State *L, int index, ens_run_config *out, ens_error *error);
/* Reads the start at `index`: { center, spread }, { coords } or { prior = true }. */
ens_status ens_config_read_start(lua_State *L, int index, ens_run_config_start *out, ens_error *error);

#endif
