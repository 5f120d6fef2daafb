/* C functions of libraries as values of Lua: those that ensemble.cfunction makes, and under LuaJIT ffi's pointers of
 * the same type (eval/bare.h). Both travel to other states by their address, because libraries stay where they are. */
#ifndef ENS_SCRIPT_VALUE_CFUNCTION_H
#define ENS_SCRIPT_VALUE_CFUNCTION_H

#include "eval/bare.h"
#include "script/state/compat.h"

typedef struct ens_cfunction {
  ens_bare_function *function;
  char name[]; /* "./libm.so: f", for messages */
} ens_cfunction;

/* Makes the metatable and adds cfunction, cfunction_at and is_cfunction to the module's table on top. Call it once in
 * each state. */
void ens_cfunction_open(lua_State *L);

/* The function at `index`, or NULL. Valid as long as the value is on the stack. */
const ens_cfunction *ens_cfunction_test(lua_State *L, int index);
/* The address that an ffi pointer of the bare type holds. NULL: the value is something else; under LuaJIT the reason is
 * pushed then. */
void *ens_cfunction_address(lua_State *L, int index);

/* The reason why a pointer of the right type that is in no library cannot be used. */
extern const char ens_cfunction_no_library[];

/* Push the function at `address`, as a value of ensemble.cfunction or an ffi pointer. Raise an error without memory. */
void ens_cfunction_push(lua_State *L, void *address, const char *name);
void ens_cfunction_push_pointer(lua_State *L, void *address);

/* The function's fingerprint: its library's file and its place in that. */
void ens_cfunction_fingerprint(const void *address, char out[64]);

#endif
