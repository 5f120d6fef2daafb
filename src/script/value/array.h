/* How a state holds an array: a userdata under Lua 5.4, a cdata under LuaJIT, whose compiler then reads elements by
 * itself. Everything else in C asks here for the array behind a value. */
#ifndef ENS_SCRIPT_VALUE_ARRAY_H
#define ENS_SCRIPT_VALUE_ARRAY_H

#include <stdbool.h>

#include "data/array.h"
#include "script/state/compat.h"

/* Makes the type; once a state. On the stack: the methods' table, then the metamethods'; pops both. Metamethods are
 * __index (for keys that the engine does not serve by itself), __newindex, __len and __tostring. */
void ens_array_register(lua_State *L);

/* Pushes a handle of its own to the array's memory. Raises a Lua error when memory is out. */
void ens_array_push(lua_State *L, const ens_array *array);
/* As ens_array_push, but takes the handle (NULL: a memory error), also when it raises. */
void ens_array_push_new(lua_State *L, ens_array *array);
/* As ens_array_push_new, for memory of this state alone: a work array, whose elements may change. */
void ens_array_push_work(lua_State *L, ens_array *array);

/* The array at `index`, work arrays too, or NULL. Valid as long as the value is on the stack. */
ens_array *ens_array_test(lua_State *L, int index);
/* As ens_array_test, but raises an error that says what is there instead. */
ens_array *ens_array_check(lua_State *L, int index);
/* The array at 1 of __index, which the engine calls with nothing else: for elements, whose cost is this call. */
ens_array *ens_array_indexed(lua_State *L);
/* Whether it may be written to. False for what is no array. */
bool ens_array_is_work(lua_State *L, int index);

#endif
