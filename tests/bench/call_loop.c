/* The lower limit of the cost of a model in Lua: a C loop that fills one table of five numbers and makes a protected
 * call of the model's log_prob, and nothing else. The rest of an update's time is the sampler's own. Linked with
 * Lua 5.4 or LuaJIT. Usage: call_loop MODEL.lua CALLS. Prints JSON. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { NDIM = 5, THETA = 1, LOG_PROB = 2 }; /* places on the stack */

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A number in [-1, 1). The numbers only need to differ, so this is cheap. */
static double next(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(int64_t)*state * 0x1p-63;
}

/* Pushes theta and log_prob onto the empty stack. */
static int load(lua_State *L, const char *path) {
  lua_createtable(L, NDIM, 0);
  if (luaL_loadfile(L, path) || lua_pcall(L, 0, 1, 0)) return 1;
  lua_getfield(L, -1, "log_prob");
  lua_remove(L, -2);
  return 0;
}

static int call(lua_State *L, uint64_t *state, double *sum) {
  for (int i = 1; i <= NDIM; i++) {
    lua_pushnumber(L, next(state));
    lua_rawseti(L, THETA, i);
  }
  lua_pushvalue(L, LOG_PROB);
  lua_pushvalue(L, THETA);
  if (lua_pcall(L, 1, 1, 0)) return 1;
  *sum += lua_tonumber(L, -1);
  lua_pop(L, 1);
  return 0;
}

static int measure(lua_State *L, const char *path, long calls) {
  uint64_t state = 1;
  double sum = 0;
  if (load(L, path)) return 1;
  double begun = now();
  for (long i = 0; i < calls; i++)
    if (call(L, &state, &sum)) return 1;
  double seconds = now() - begun;
  printf("{\"calls\": %ld, \"ns_per_call\": %.2f, \"mean\": %.4f}\n", calls, 1e9 * seconds / (double)calls,
         sum / (double)calls);
  return 0;
}

int main(int argc, char **argv) {
  long calls = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
  if (calls < 1) {
    fprintf(stderr, "usage: call_loop MODEL.lua CALLS\n");
    return 2;
  }
  lua_State *L = luaL_newstate();
  if (!L) return 1;
  luaL_openlibs(L);
  int failed = measure(L, argv[1], calls);
  if (failed) fprintf(stderr, "call_loop: %s\n", lua_tostring(L, -1));
  lua_close(L);
  return failed;
}
