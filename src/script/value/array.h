/* An array as a value of Lua: a userdata under Lua 5.4, a cdata under LuaJIT, whose compiler then reads elements
 * without a call. Other C code asks here for the array behind a value. */
#ifndef ENS_SCRIPT_VALUE_ARRAY_H
#define ENS_SCRIPT_VALUE_ARRAY_H

#include <stdbool.h>

#include "data/array.h"
#include "script/state/compat.h"

/* Makes the type; call it once in each state. Pops the table of methods and the table of metamethods above it: __index
 * (for keys that the engine does not serve itself), __newindex, __len and __tostring. */
void ens_array_register(lua_State *L);

/* Pushes another handle to the array's memory. Raises a Lua error without memory. */
void ens_array_push(lua_State *L, const ens_array *array);
/* As ens_array_push, but takes the handle, even if it raises an error. NULL is a memory error. */
void ens_array_push_new(lua_State *L, ens_array *array);
/* As ens_array_push_new, for memory that only this state uses: a work array, whose elements may change. */
void ens_array_push_work(lua_State *L, ens_array *array);

/* The array at `index`, read-only or work array, or NULL. Valid as long as the value is on the stack. */
ens_array *ens_array_test(lua_State *L, int index);
/* As ens_array_test, but raises an error that names the type of any other value. */
ens_array *ens_array_check(lua_State *L, int index);
/* The array at 1 of __index. Under Lua 5.4 it skips the test of the type, because the engine calls __index with arrays
 * only, and reading an element costs little more than this call. */
ens_array *ens_array_indexed(lua_State *L);
/* Whether the value at `index` is a work array. */
bool ens_array_is_work(lua_State *L, int index);

#endif
