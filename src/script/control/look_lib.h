/* The look at a model before a run, for lua/ensemble/cli/checkup.lua: what run.h sees of any model, and what only Lua
 * tells of one in Lua: what setup takes, globals that are written, memory that evaluations take. */
#ifndef ENS_SCRIPT_CONTROL_LOOK_LIB_H
#define ENS_SCRIPT_CONTROL_LOOK_LIB_H

#include "run/run.h"
#include "script/state/compat.h"

/* Looks for about four times `seconds`; pushes a table, or nil, message and kind, and returns how many values. */
int ens_look_push(lua_State *L, ens_run *run, ens_model *model, double seconds);
/* The exact invariance test of the run's moves on the skewed target or the Gaussian one, in as many dimensions as the
 * model has (at most ENS_LAW_DIM): pushes the list of z, or nil, message and kind. */
int ens_look_push_moves(lua_State *L, ens_run *run, size_t ndim, bool skewed, size_t sweeps, size_t replicates);

#endif
