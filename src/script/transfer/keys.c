/* Sorts numbers first, then strings by their bytes, with Lua's own table.sort. */
#include "script/transfer/keys.h"

#include <stdbool.h>
#include <string.h>

static int key_rank(lua_State *L, int index) {
  ENS_STACK(L, -0, +0);
  int type = lua_type(L, index);
  return type == LUA_TNUMBER ? 0 : type == LUA_TSTRING ? 1 : 2;
}

/* The strings at 1 and 2 as bytes, past any NUL. */
static bool text_less(lua_State *L) {
  ENS_STACK(L, -0, +0);
  size_t m, n;
  const char *a = lua_tolstring(L, 1, &m), *b = lua_tolstring(L, 2, &n);
  int order = memcmp(a, b, m < n ? m : n);
  return order ? order < 0 : m < n;
}

/* For table.sort. */
static int key_less(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  int a = key_rank(L, 1), b = key_rank(L, 2);
  bool less = a < b;
  if (a == b && a == 0) less = lua_tonumber(L, 1) < lua_tonumber(L, 2);
  if (a == b && a == 1) less = text_less(L);
  lua_pushboolean(L, less);
  return 1;
}

size_t ens_keys_push(lua_State *L, int index) {
  ENS_STACK(L, -0, +1);
  size_t n = 0;
  lua_getglobal(L, "table");
  lua_getfield(L, -1, "sort");
  lua_remove(L, -2);
  lua_newtable(L);
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, (int)++n);
  }
  lua_pushvalue(L, -1);
  lua_insert(L, -3);
  lua_pushcfunction(L, key_less);
  lua_call(L, 2, 0);
  return n;
}
