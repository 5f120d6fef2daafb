/* One Lua API for both engines: what Lua 5.4 has and LuaJIT (5.1 with extensions) has not, in a few functions.
 * Every file under src/script includes this and no other Lua header. */
#ifndef ENS_SCRIPT_STATE_COMPAT_H
#define ENS_SCRIPT_STATE_COMPAT_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#if LUA_VERSION_NUM >= 504

#define ENS_ENGINE "Lua 5.4"
#define ENS_PROGRAM "ensemble-lua"
#define ENS_OWN_ALLOCATOR 0 /* whether the engine's memory is not malloc's */
#define ens_rawlen lua_rawlen
#define ens_compat_dump(L, writer, data, strip) lua_dump(L, writer, data, strip)
#define ens_is_int64(L, index) lua_isinteger(L, index)
static inline void *ens_newuserdata(lua_State *L, size_t size) {
  return lua_newuserdatauv(L, size, 0);
}
static inline void ens_push_globals(lua_State *L) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}

#else

#include <luajit.h>

#define ENS_ENGINE "LuaJIT 2.1"
#define ENS_PROGRAM "ensemble-luajit"
#define ENS_OWN_ALLOCATOR 1
#define LUA_OK 0
#define ens_rawlen lua_objlen
int ens_compat_dump(lua_State *L, lua_Writer writer, void *data, int strip); /* strip by string.dump: lua_dump cannot */
#define ens_is_int64(L, index) ((void)(L), (void)(index), 0)
static inline void *ens_newuserdata(lua_State *L, size_t size) {
  return lua_newuserdata(L, size);
}
static inline void ens_push_globals(lua_State *L) {
  lua_pushvalue(L, LUA_GLOBALSINDEX);
}
const char *luaL_tolstring(lua_State *L, int index, size_t *length);
static inline int lua_absindex(lua_State *L, int index) {
  return index > 0 || index <= LUA_REGISTRYINDEX ? index : lua_gettop(L) + index + 1;
}
static inline void lua_rawgetp(lua_State *L, int index, const void *key) {
  index = lua_absindex(L, index);
  lua_pushlightuserdata(L, (void *)key);
  lua_rawget(L, index);
}
static inline void lua_rawsetp(lua_State *L, int index, const void *key) {
  index = lua_absindex(L, index);
  lua_pushlightuserdata(L, (void *)key);
  lua_insert(L, -2);
  lua_rawset(L, index);
}

#endif

/* The message of any error value, as lua.c's handler makes it; then the traceback without frames of ours. A message
 * handler for lua_pcall. */
int ens_traceback(lua_State *L);

#endif
