/* The Lua modules of ensemble, embedded in the program: it runs from anywhere. */
#ifndef ENS_SCRIPT_STATE_EMBEDDED_H
#define ENS_SCRIPT_STATE_EMBEDDED_H

#include "script/state/compat.h"

/* Lets require find "ensemble" and "ensemble.NAME" in the program; in front of any file of that name. */
void ens_embedded_open(lua_State *L);

#endif
