/* ensemble's arrays in Lua, 1-based: their elements, methods and messages, and how tables become arrays. */
#ifndef ENS_SCRIPT_LIB_ARRAY_LIB_H
#define ENS_SCRIPT_LIB_ARRAY_LIB_H

#include "script/value/array.h"

/* Makes the type. Call it once in each state. */
void ens_array_lib_open(lua_State *L);
/* ensemble.array(nested table or array): a read-only array, or nil and a message. */
int ens_array_lib_from_lua(lua_State *L);
/* The same, for the function that messages call `name`. A C function of Lua may return its result. */
int ens_array_lib_make(lua_State *L, const char *name);

#endif
