/* The message of any error value with a traceback that shows the user's frames only. */
#ifndef ENS_SCRIPT_STATE_TRACEBACK_H
#define ENS_SCRIPT_STATE_TRACEBACK_H

#include "script/state/compat.h"

/* A message handler for lua_pcall: the message as lua.c's handler makes it, then the traceback without our frames. */
int ens_traceback(lua_State *L);

#endif
