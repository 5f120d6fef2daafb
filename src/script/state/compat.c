/* The functions that do not fit into the header's macros. */
#include "script/state/compat.h"

#if LUA_VERSION_NUM < 504

/* This engine's lua_dump cannot strip; string.dump(function, strip) can. */
int ens_compat_dump(lua_State *L, lua_Writer writer, void *data, int strip) {
  ENS_STACK(L, -0, +0);
  lua_getglobal(L, "string");
  lua_getfield(L, -1, "dump");
  lua_pushvalue(L, -3);
  lua_pushboolean(L, strip);
  if (lua_pcall(L, 2, 1, 0) != 0) {
    lua_pop(L, 2);
    return 1;
  }
  size_t size;
  const char *code = lua_tolstring(L, -1, &size);
  int failed = writer(L, code, size, data);
  lua_pop(L, 2);
  return failed;
}

const char *ens_compat_tolstring(lua_State *L, int index, size_t *length) {
  ENS_STACK(L, -0, +1);
  index = lua_absindex(L, index);
  lua_getglobal(L, "tostring");
  lua_pushvalue(L, index);
  lua_call(L, 1, 1);
  return lua_tolstring(L, -1, length);
}

#endif
