/* The name of a function with its module in front. */
#include "script/value/caller.h"

const char *ens_caller_push(lua_State *L, const ens_caller *caller) {
  ENS_STACK(L, -0, +1);
  return lua_pushfstring(L, caller->form, caller->name);
}
