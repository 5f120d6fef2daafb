/* ensemble's arrays as Lua sees them: their elements, methods and messages, and how one is made of tables. 1-based. */
#ifndef ENS_SCRIPT_LIB_ARRAY_LIB_H
#define ENS_SCRIPT_LIB_ARRAY_LIB_H

#include "script/value/array_box.h"

/* Makes the type; once a state. */
void ens_array_register(lua_State *L);
/* ensemble.array(nested table or array): pushes a read-only array, or nil and a message; how many values these are. */
int ens_array_lib_from_lua(lua_State *L);
/* The same for a function that messages call `name`. */
int ens_array_lib_make(lua_State *L, const char *name);

#endif
