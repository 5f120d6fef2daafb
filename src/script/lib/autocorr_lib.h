/* core.autocorr_function and core.autocorr_times: the estimators on arrays. In every state. */
#ifndef ENS_SCRIPT_LIB_AUTOCORR_LIB_H
#define ENS_SCRIPT_LIB_AUTOCORR_LIB_H

#include "script/state/compat.h"

/* Sets the functions in the table on top of the stack. */
void ens_autocorr_lib_open(lua_State *L);

#endif
