/* Replaces coroutine.resume and coroutine.wrap by functions that note the running coroutine and move the hook to it.
 * */
#include "script/state/strand.h"

static const char strand_key = 0; /* in the registry */

static const int every = LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT;

ens_strand *ens_strand_of(lua_State *L) {
  ENS_STACK(L, -0, +0);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &strand_key);
  ens_strand *strand = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return strand;
}

void ens_strand_hook(ens_strand *strand, lua_Hook hook) {
  lua_State *innermost = strand->innermost;
  lua_sethook(strand->main, hook, every, 1);
  if (innermost != strand->main) lua_sethook(innermost, hook, every, 1);
}

#if LUA_VERSION_NUM >= 504

/* Moves the interrupt's hook, if there is one, from the coroutine that stops to the one that starts. The signal may
 * arrive between any two of these lines. */
static void change(ens_strand *strand, lua_State *from, lua_State *to) {
  ENS_STACK(from, -0, +0);
  strand->innermost = to;
  lua_Hook hook = lua_gethook(strand->main);
  if (!hook) return;
  if (from != strand->main) lua_sethook(from, NULL, 0, 0);
  lua_sethook(to, hook, every, 1);
}

/* On the stack: the coroutine, so that it stays alive, the engine's function, and its arguments. */
static int run(lua_State *L, lua_State *co) {
  ENS_STACK_RANGE(L, 1 - lua_gettop(L), +0, +ENS_STACK_MANY);
  ens_strand *strand = ens_strand_of(L);
  change(strand, L, co);
  int status = lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0);
  change(strand, co, L);
  return status;
}

static int resume(lua_State *L) {
  ENS_RESULTS(L, 0, ENS_STACK_MANY);
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co, 1, "thread");
  lua_pushvalue(L, 1);
  lua_insert(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 2);
  if (run(L, co)) lua_error(L);
  return lua_gettop(L) - 1;
}

/* As in the engine, the place of the call goes before the error's message. */
static int call_wrapped(lua_State *L) {
  ENS_RESULTS(L, 0, ENS_STACK_MANY);
  lua_State *co = lua_tothread(L, lua_upvalueindex(2));
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_insert(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 2);
  if (!run(L, co)) return lua_gettop(L) - 1;
  if (lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

/* The engine's wrap returns a function whose only upvalue is its coroutine. */
static int wrap(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  lua_getupvalue(L, -1, 1);
  lua_pushcclosure(L, call_wrapped, 2);
  return 1;
}

/* The table `coroutine` is on top. */
static void replace(lua_State *L, const char *name, lua_CFunction function) {
  ENS_STACK(L, -0, +0);
  lua_getfield(L, -1, name);
  lua_pushcclosure(L, function, 1);
  lua_setfield(L, -2, name);
}

static void replace_functions(lua_State *L) {
  ENS_STACK(L, -0, +0);
  lua_getglobal(L, "coroutine");
  replace(L, "resume", resume);
  replace(L, "wrap", wrap);
  lua_pop(L, 1);
}

#else

static void replace_functions(lua_State *L) {
  ENS_STACK(L, -0, +0);
}

#endif

void ens_strand_open(lua_State *L) {
  ENS_STACK(L, -0, +0);
  ens_strand *strand = ens_newuserdata(L, sizeof *strand);
  *strand = (ens_strand){L, L};
  lua_rawsetp(L, LUA_REGISTRYINDEX, &strand_key);
  replace_functions(L);
}
