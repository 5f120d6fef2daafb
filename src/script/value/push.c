/* One line each, so that results read as tables of fields. */
#include "script/value/push.h"

void ens_push_names(lua_State *L, char *const *names, size_t n) {
  ENS_STACK(L, -0, +1);
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushstring(L, names[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

void ens_push_numbers(lua_State *L, const double *numbers, size_t n) {
  ENS_STACK(L, -0, +1);
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushnumber(L, numbers[i]);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

void ens_push_number_field(lua_State *L, const char *key, double number) {
  ENS_STACK(L, -0, +0);
  lua_pushnumber(L, number);
  lua_setfield(L, -2, key);
}

void ens_push_flag_field(lua_State *L, const char *key, bool flag) {
  ENS_STACK(L, -0, +0);
  lua_pushboolean(L, flag);
  lua_setfield(L, -2, key);
}

void ens_push_text_field(lua_State *L, const char *key, const char *text) {
  ENS_STACK(L, -0, +0);
  lua_pushstring(L, text);
  lua_setfield(L, -2, key);
}

void ens_push_count_field(lua_State *L, const char *key, uint64_t count) {
  ENS_STACK(L, -0, +0);
  lua_pushinteger(L, (lua_Integer)count);
  lua_setfield(L, -2, key);
}
