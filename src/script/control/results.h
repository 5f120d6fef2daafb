/* A run's results as Lua tables, with the keys of the program's JSON. */
#ifndef ENS_SCRIPT_CONTROL_RESULTS_H
#define ENS_SCRIPT_CONTROL_RESULTS_H

#include "run/run.h"
#include "script/state/compat.h"
#include "stats/summary/summary.h"

/* `parameters`: the names, one for each of the summary's parameters. */
void ens_results_push_summary(lua_State *L, const ens_summary *summary, char *const *parameters);
void ens_results_push_info(lua_State *L, const ens_run_info *info);

#endif
