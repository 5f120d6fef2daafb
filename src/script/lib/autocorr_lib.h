/* core.autocorr_function and core.autocorr_times: the estimators of stats/autocorr.h on arrays. */
#ifndef ENS_SCRIPT_LIB_AUTOCORR_LIB_H
#define ENS_SCRIPT_LIB_AUTOCORR_LIB_H

#include "script/state/compat.h"

/* Adds the functions to the module table on top. */
void ens_autocorr_lib_open(lua_State *L);

#endif
