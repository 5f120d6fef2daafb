/* ensemble's arrays as Lua sees them: read-only userdata over shared memory, 1-based. */
#ifndef ENS_SCRIPT_ARRAY_LIB_H
#define ENS_SCRIPT_ARRAY_LIB_H

#include "data/array.h"
#include "script/compat.h"

/* Makes the metatable; once a state. */
void ens_array_register(lua_State *L);
/* Pushes a handle of its own to the array's memory. Raises a Lua error when memory is out. */
void ens_array_push(lua_State *L, const ens_array *array);
/* As ens_array_push, but takes the handle (NULL: a memory error), also when it raises. */
void ens_array_push_new(lua_State *L, ens_array *array);
/* The array at `index`, or NULL. Valid as long as the value is on the stack. */
ens_array *ens_array_test(lua_State *L, int index);
/* ensemble.array(nested table or array): pushes the array, or nil and a message. */
int ens_array_from_lua(lua_State *L);

#endif
