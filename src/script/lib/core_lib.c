/* Opens each library of this folder into one table. */
#include "script/lib/core_lib.h"

#include "process/process.h"
#include "script/lib/array_lib.h"
#include "script/lib/autocorr_lib.h"
#include "script/lib/dist_lib.h"
#include "script/lib/linalg_lib.h"
#include "script/lib/reader_lib.h"
#include "script/lib/text_lib.h"
#include "script/lib/work_lib.h"
#include "script/value/array.h"
#include "script/value/cfunction.h"
#include "sys/clock.h"

static int now(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushnumber(L, ens_clock_now());
  return 1;
}

static int sleep_for(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  ens_clock_sleep(luaL_checknumber(L, 1));
  return 0;
}

static int is_array(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushboolean(L, ens_array_test(L, 1) != NULL);
  return 1;
}

static int is_work(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushboolean(L, ens_array_is_work(L, 1));
  return 1;
}

void ens_core_lib_open(lua_State *L, unsigned worker) {
  ENS_STACK(L, -0, +0);
  static const luaL_Reg functions[] = {{"now", now},
                                       {"sleep", sleep_for},
                                       {"array", ens_array_lib_from_lua},
                                       {"is_array", is_array},
                                       {"is_work", is_work},
                                       {"work", ens_work_make},
                                       {NULL, NULL}};
  ens_array_lib_open(L);
  ens_text_lib_open(L, worker ? "model module" : "module");
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  ens_reader_lib_open(L);
  ens_autocorr_lib_open(L);
  ens_dist_lib_open(L);
  ens_cfunction_open(L);
  ens_linalg_lib_open(L);
  lua_pushliteral(L, ENS_ENGINE);
  lua_setfield(L, -2, "engine");
  lua_pushstring(L, ens_process_version());
  lua_setfield(L, -2, "version");
  if (worker) {
    lua_pushinteger(L, (lua_Integer)worker);
    lua_setfield(L, -2, "worker");
  }
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "loaded");
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "ensemble.core");
  lua_pop(L, 3);
}
