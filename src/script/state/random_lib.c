/* The stream is in the registry; its draws replace math.random, and math.randomseed starts a stream of its own. */
#include "script/state/random_lib.h"

#include <math.h>
#include <string.h>

static const char stream_key = 0, draw_key = 0, seed_key = 0; /* in the registry */

/* Upvalue 1 of draw and reseed. After ens_random_close it is NULL. */
static ens_stream *stream_of(lua_State *L) {
  ENS_STACK(L, -0, +0);
  ens_stream *stream = lua_touserdata(L, lua_upvalueindex(1));
  if (!stream)
    luaL_error(L,
               "log_prob_batch cannot draw random numbers: chance decides which points share a batch, so the numbers "
               "would differ from run to run; a model that draws them needs log_prob");
  return stream;
}

/* As Lua's: a float in [0, 1), an integer in [1, m] or [m, n]; under Lua 5.4 random(0) gives 64 random bits. */
static int draw(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  ens_stream *stream = stream_of(L);
  int n = lua_gettop(L);
  if (n == 0) {
    lua_pushnumber(L, (lua_Number)(ens_stream_word(stream) >> 11) * 0x1p-53);
    return 1;
  }
  if (n > 2) return luaL_error(L, "math.random takes no more than two arguments");
  lua_Number low = n == 1 ? 1 : luaL_checknumber(L, 1), high = luaL_checknumber(L, n);
  if (low != floor(low) || high != floor(high)) return luaL_argerror(L, n, "not a whole number");
#if LUA_VERSION_NUM >= 504
  if (n == 1 && high == 0) {
    lua_pushinteger(L, (lua_Integer)ens_stream_word(stream));
    return 1;
  }
#endif
  if (!(low <= high && high - low < 0x1p53)) return luaL_argerror(L, n, "interval is empty or too large");
  lua_Number value = low + (lua_Number)ens_stream_below(stream, (uint64_t)(high - low) + 1);
  lua_pushinteger(L, (lua_Integer)value);
  return 1;
}

/* math.randomseed: for the rest of the evaluation the model draws from the stream of its seed. */
static int reseed(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  ens_stream *stream = stream_of(L);
  lua_Number seed = luaL_optnumber(L, 1, 0);
  uint64_t bits;
  memcpy(&bits, &seed, sizeof bits);
  *stream = ens_stream_at(stream->seed, bits, UINT64_MAX, ENS_RNG_MODEL);
  return 0;
}

ens_stream *ens_random_stream(lua_State *L) {
  ENS_STACK(L, -0, +0);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &stream_key);
  ens_stream *stream = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return stream;
}

void ens_random_open(lua_State *L, ens_stream *stream) {
  ENS_STACK(L, -0, +0);
  lua_pushlightuserdata(L, stream);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &stream_key);
  lua_getglobal(L, "math");
  lua_pushlightuserdata(L, stream);
  lua_pushcclosure(L, draw, 1);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &draw_key);
  lua_setfield(L, -2, "random");
  lua_pushlightuserdata(L, stream);
  lua_pushcclosure(L, reseed, 1);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &seed_key);
  lua_setfield(L, -2, "randomseed");
  lua_pop(L, 1);
}

static void close_function(lua_State *L, const void *key) {
  ENS_STACK(L, -0, +0);
  lua_rawgetp(L, LUA_REGISTRYINDEX, key);
  lua_pushlightuserdata(L, NULL);
  lua_setupvalue(L, -2, 1);
  lua_pop(L, 1);
}

void ens_random_close(lua_State *L) {
  ENS_STACK(L, -0, +0);
  close_function(L, &draw_key);
  close_function(L, &seed_key);
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &stream_key);
}
