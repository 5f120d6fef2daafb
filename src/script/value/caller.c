#include "script/value/caller.h"

const char *ens_caller_push(lua_State *L, const ens_caller *caller) {
  return lua_pushfstring(L, caller->form, caller->name);
}
