/* The Lua modules of ensemble, embedded in the program, so that it runs from any folder. */
#ifndef ENS_SCRIPT_STATE_EMBEDDED_H
#define ENS_SCRIPT_STATE_EMBEDDED_H

#include "script/state/compat.h"

/* Lets require find "ensemble" and "ensemble.FOLDER.NAME" in the program, before any file of that name. */
void ens_embedded_open(lua_State *L);

#endif
