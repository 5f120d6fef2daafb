/* Opens the libraries, hands the arguments to lua/ensemble/cli/main.lua in a protected call, and closes the state. */
#include "script/control/control.h"

#include <stdio.h>

#include "script/control/control_lib.h"
#include "script/lib/core_lib.h"
#include "script/state/compat.h"
#include "script/state/embedded.h"
#include "script/state/traceback.h"
#include "script/transfer/known.h"

typedef struct command_line {
  int argc;
  char **argv;
} command_line;

static void push_arguments(lua_State *L, const command_line *line) {
  ENS_STACK(L, -0, +1);
  lua_createtable(L, line->argc, 1);
  for (int i = 0; i < line->argc; i++) {
    lua_pushstring(L, i ? line->argv[i] : ENS_PROGRAM);
    lua_rawseti(L, -2, i);
  }
}

static int run(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const command_line *line = lua_touserdata(L, 1);
  luaL_openlibs(L);
  ens_embedded_open(L);
  ens_core_lib_open(L, 0);
  ens_control_lib_open(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "ensemble");
  lua_call(L, 1, 0);
  ens_known_mark(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "ensemble.cli.main");
  lua_call(L, 1, 1);
  push_arguments(L, line);
  lua_call(L, 1, 1);
  return 1;
}

int ens_control_main(int argc, char **argv) {
  command_line line = {argc, argv};
  lua_State *L = luaL_newstate();
  if (!L) {
    fputs("ensemble-lua: not enough memory to start\n", stderr);
    return 1;
  }
  lua_pushcfunction(L, ens_traceback);
  lua_pushcfunction(L, run);
  lua_pushlightuserdata(L, &line);
  int status = 1;
  if (lua_pcall(L, 1, 1, 1) == LUA_OK)
    status = (int)lua_tonumber(L, -1);
  else
    fprintf(stderr, "ensemble-lua: %s\n", lua_tostring(L, -1));
  lua_close(L);
  return status;
}
