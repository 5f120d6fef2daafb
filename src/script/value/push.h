/* Results as Lua tables, with the keys of the JSON that users meet. */
#ifndef ENS_SCRIPT_VALUE_PUSH_H
#define ENS_SCRIPT_VALUE_PUSH_H

#include "run/run.h"
#include "script/state/compat.h"
#include "stats/summary/summary.h"

void ens_push_names(lua_State *L, char *const *names, size_t n);
void ens_push_numbers(lua_State *L, const double *numbers, size_t n);
void ens_results_push_summary(lua_State *L, const ens_summary *summary, char *const *parameters);
void ens_results_push_info(lua_State *L, const ens_run_info *info);

#endif
