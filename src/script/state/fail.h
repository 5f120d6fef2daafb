/* How an error of the C side reaches Lua: as the three values nil, message and kind. The Lua modules turn them into an
 * error with the place in the user's script. */
#ifndef ENS_SCRIPT_STATE_FAIL_H
#define ENS_SCRIPT_STATE_FAIL_H

#include "base/error.h"
#include "script/state/compat.h"

/* Pushes nil, the error's text and its kind ("config", "model", "io", "memory"), and clears the error. Returns 3, so
 * that a C function of Lua can write `return ens_fail(L, &error)`. */
int ens_fail(lua_State *L, ens_error *error);

#endif
