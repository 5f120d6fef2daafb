/* Two tables in the registry, from value to name and back, filled when a state is opened. */
#include "script/transfer/known.h"

#include <stdbool.h>
#include <string.h>

static const char names_key = 0, values_key = 0; /* registry: value -> name, name -> value */

/* Marks the value on top under `name`. Each of its names leads to it, because another state may have met it under
 * another name. Its own name is the first in the alphabet, because states walk their tables in different orders. */
static void mark(lua_State *L, int names, int values, const char *name) {
  ENS_STACK(L, -1, +0);
  int type = lua_type(L, -1);
  bool reference = type == LUA_TFUNCTION || type == LUA_TTABLE || type == LUA_TUSERDATA || type > LUA_TTHREAD;
  lua_pushvalue(L, -1);
  lua_rawget(L, names);
  if (reference && (lua_isnil(L, -1) || strcmp(name, lua_tostring(L, -1)) < 0)) {
    lua_pushvalue(L, -2);
    lua_pushstring(L, name);
    lua_rawset(L, names);
  }
  lua_pop(L, 1);
  lua_pushstring(L, name);
  lua_insert(L, -2);
  lua_rawset(L, values);
}

/* The fields of the table on top, one level deep, as "module.field". */
static void mark_fields(lua_State *L, int names, int values, const char *module) {
  ENS_STACK(L, -0, +0);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    if (lua_type(L, -2) == LUA_TSTRING) {
      const char *name = lua_pushfstring(L, "%s.%s", module, lua_tostring(L, -2));
      lua_insert(L, -2);
      mark(L, names, values, name);
    }
    lua_pop(L, 1);
  }
}

/* Pushes the name under which a module travels: without the folder of one of ensemble's. Fingerprints of models and
 * data in stores contain these names, so a module that moves to another folder must keep its name. Two changed their
 * names with their folders. */
static void push_name(lua_State *L, const char *module) {
  ENS_STACK(L, -0, +1);
  static const char ours[] = "ensemble.";
  if (strcmp(module, "ensemble.check.value") == 0)
    lua_pushliteral(L, "ensemble.check");
  else if (strcmp(module, "ensemble.cli.main") == 0)
    lua_pushliteral(L, "ensemble.cli");
  else if (strncmp(module, ours, sizeof ours - 1) == 0)
    lua_pushfstring(L, "%s%s", ours, strrchr(module, '.') + 1);
  else
    lua_pushstring(L, module);
}

void ens_known_mark(lua_State *L) {
  ENS_STACK(L, -0, +0);
  lua_newtable(L);
  lua_newtable(L);
  int values = lua_gettop(L), names = values - 1;
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "loaded");
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    push_name(L, lua_tostring(L, -2));
    const char *name = lua_tostring(L, -1);
    lua_pushvalue(L, -2);
    mark(L, names, values, name);
    lua_insert(L, -2);
    if (lua_istable(L, -1)) mark_fields(L, names, values, name);
    lua_pop(L, 2);
  }
  lua_pop(L, 2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &values_key);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &names_key);
}

void ens_known_push_names(lua_State *L) {
  ENS_STACK(L, -0, +1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &names_key);
}

void ens_known_push_value(lua_State *L, const char *name, size_t length) {
  ENS_STACK(L, -0, +1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &values_key);
  lua_pushlstring(L, name, length);
  lua_rawget(L, -2);
  lua_remove(L, -2);
}
