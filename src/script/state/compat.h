/* One Lua API for both engines: the few functions of Lua 5.4 that LuaJIT (5.1 with extensions) lacks. Every file under
 * src/script includes this header and no other Lua header. */
#ifndef ENS_SCRIPT_STATE_COMPAT_H
#define ENS_SCRIPT_STATE_COMPAT_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "script/state/stack.h"

#if LUA_VERSION_NUM >= 504

#define ENS_ENGINE "Lua 5.4"
#define ENS_PROGRAM "ensemble-lua"
#define ENS_SEARCHERS "searchers" /* the field of package with the searchers of require */
#define ENS_OWN_ALLOCATOR 0       /* 1: the engine takes its memory from itself, not from malloc */
#define ens_rawlen lua_rawlen
#define ens_compat_dump(L, writer, data, strip) lua_dump(L, writer, data, strip)
#define ens_is_int64(L, index) lua_isinteger(L, index)
#define ENS_HAS_INTEGERS 1 /* 0: every number is a double */
static inline void *ens_newuserdata(lua_State *L, size_t size) {
  ENS_STACK(L, -0, +1);
  return lua_newuserdatauv(L, size, 0);
}
static inline void ens_push_globals(lua_State *L) {
  ENS_STACK(L, -0, +1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}

#else

#include <luajit.h>

#define ENS_ENGINE "LuaJIT 2.1"
#define ENS_PROGRAM "ensemble-luajit"
#define ENS_SEARCHERS "loaders"
#define ENS_OWN_ALLOCATOR 1
#define LUA_OK 0
#define ens_rawlen lua_objlen
int ens_compat_dump(lua_State *L, lua_Writer writer, void *data, int strip);
#define ens_is_int64(L, index) ((void)(L), (void)(index), 0)
#define ENS_HAS_INTEGERS 0
static inline void *ens_newuserdata(lua_State *L, size_t size) {
  ENS_STACK(L, -0, +1);
  return lua_newuserdata(L, size);
}
static inline void ens_push_globals(lua_State *L) {
  ENS_STACK(L, -0, +1);
  lua_pushvalue(L, LUA_GLOBALSINDEX);
}
#define luaL_tolstring ens_compat_tolstring
const char *ens_compat_tolstring(lua_State *L, int index, size_t *length);
static inline int lua_absindex(lua_State *L, int index) {
  ENS_STACK(L, -0, +0);
  return index > 0 || index <= LUA_REGISTRYINDEX ? index : lua_gettop(L) + index + 1;
}
static inline void lua_rawgetp(lua_State *L, int index, const void *key) {
  ENS_STACK(L, -0, +1);
  index = lua_absindex(L, index);
  lua_pushlightuserdata(L, (void *)key);
  lua_rawget(L, index);
}
static inline void lua_rawsetp(lua_State *L, int index, const void *key) {
  ENS_STACK(L, -1, +0);
  index = lua_absindex(L, index);
  lua_pushlightuserdata(L, (void *)key);
  lua_insert(L, -2);
  lua_rawset(L, index);
}

#endif

#endif
