/* C functions of libraries as values of Lua: those of the bare type that ensemble.cfunction makes, and under LuaJIT
 * ffi's pointers of that type. Both travel to other states by their address, for libraries stay where they are. */
#ifndef ENS_SCRIPT_VALUE_CFUNCTION_H
#define ENS_SCRIPT_VALUE_CFUNCTION_H

#include "eval/bare.h"
#include "script/state/compat.h"

typedef struct ens_cfunction {
  ens_bare_function *function;
  char name[]; /* "./libm.so: f", for messages */
} ens_cfunction;

/* Makes the metatable and adds cfunction, cfunction_at and is_cfunction to the module's table on top; once a state. */
void ens_cfunction_open(lua_State *L);

/* The one at `index`; NULL: it is something else. Valid as long as the value is on the stack. */
const ens_cfunction *ens_cfunction_test(lua_State *L, int index);
/* The address of a ffi pointer of the bare type; NULL: it is something else, and under LuaJIT a reason is pushed. */
void *ens_cfunction_address(lua_State *L, int index);

/* What is wrong with a pointer of the right type that is in no library. */
extern const char ens_cfunction_no_library[];

/* Pushes the function at `address`, as ensemble.cfunction's value or as a ffi pointer. Raises an error without memory.
 */
void ens_cfunction_push(lua_State *L, void *address, const char *name);
void ens_cfunction_push_pointer(lua_State *L, void *address);

/* Fingerprint of a function: its library's file and its place in it. */
void ens_cfunction_fingerprint(const void *address, char out[64]);

#endif
