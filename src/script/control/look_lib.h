/* The look at a model before a run, for lua/ensemble/cli/checkup.lua: the look of run.h at any model and, of a model in
 * Lua, its setup's time and memory, the globals it writes, and the memory of its evaluations. */
#ifndef ENS_SCRIPT_CONTROL_LOOK_LIB_H
#define ENS_SCRIPT_CONTROL_LOOK_LIB_H

#include "run/run.h"
#include "script/state/compat.h"

/* Looks for about four times `seconds`. Pushes a table, or nil, message and kind; returns the number of values. */
int ens_look_push(lua_State *L, ens_run *run, ens_model *model, double seconds);
/* Tests on the skewed or the Gaussian target, in the model's dimensions (at most ENS_LAW_DIM), whether the run's moves
 * leave it invariant. Pushes the list of z, or nil, message and kind; returns the number of values. */
int ens_look_push_moves(lua_State *L, ens_run *run, size_t ndim, bool skewed, size_t sweeps, size_t replicates);

#endif
