#include "script/lib/core_lib.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/pace.h"
#include "eval/linalg.h"
#include "move/move.h"
#include "run/run.h"
#include "script/lib/array_lib.h"
#include "script/lib/autocorr_lib.h"
#include "script/lib/dist_lib.h"
#include "script/lib/linalg_lib.h"
#include "script/lib/reader_lib.h"
#include "script/lib/work_lib.h"
#include "script/model/cfunction.h"
#include "script/model/pack.h"
#include "script/state/engine.h"
#include "script/state/text.h"
#include "sys/clock.h"

int ens_fail(lua_State *L, ens_error *error) {
  const char *kind = error->status == ENS_CONFIG   ? "config"
                     : error->status == ENS_MODEL  ? "model"
                     : error->status == ENS_MEMORY ? "memory"
                                                   : "io";
  lua_pushnil(L);
  lua_pushstring(L, ens_error_text(error));
  lua_pushstring(L, kind);
  ens_error_clear(error);
  return 3;
}

/* ---- in every state ---- */

static int now(lua_State *L) {
  lua_pushnumber(L, ens_clock_now());
  return 1;
}

static int sleep_for(lua_State *L) {
  ens_clock_sleep(luaL_checknumber(L, 1));
  return 0;
}

static int is_array(lua_State *L) {
  lua_pushboolean(L, ens_array_test(L, 1) != NULL);
  return 1;
}

static int is_work(lua_State *L) {
  lua_pushboolean(L, ens_array_is_work(L, 1));
  return 1;
}

/* ---- in the control state ---- */

static int cpus(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)ens_cpus_count());
  return 1;
}

static int set_blas_threads(lua_State *L) {
  ens_process_set_blas_threads((unsigned)luaL_checknumber(L, 1));
  return 0;
}

/* load_lapack(library): true, or nil and a message. */
static int load_lapack(lua_State *L) {
  ens_error error = ENS_ERROR_NONE;
  if (ens_linalg_load(luaL_checkstring(L, 1), &error)) return ens_fail(L, &error);
  lua_pushboolean(L, 1);
  return 1;
}

/* nil: this process does what was asked for; a number: it was a rank that another one had work for, and is to end with
 * that status; nil, a message and its kind: it was started several times for nothing. */
static int join(lua_State *L) {
  bool served;
  int exit_status = 0;
  ens_error error = ENS_ERROR_NONE;
  if (ens_job_join(ENS_ENGINE, ens_model_pack_take, &served, &exit_status, &error)) return ens_fail(L, &error);
  if (served)
    lua_pushnumber(L, exit_status);
  else
    lua_pushnil(L);
  return 1;
}

/* leave(status): the other ranks end, with that status. */
static int leave(lua_State *L) {
  ens_job_leave((int)luaL_checknumber(L, 1));
  return 0;
}

/* How many processes do this run together. */
static int ranks(lua_State *L) {
  lua_pushnumber(L, (lua_Number)ens_job_size());
  return 1;
}

static int launched(lua_State *L) {
  lua_pushnumber(L, (lua_Number)ens_job_launched());
  return 1;
}

static int draw_seed(lua_State *L) {
  char digits[24];
  ens_error error = ENS_ERROR_NONE;
  if (ens_process_draw_seed(digits, &error)) return ens_fail(L, &error);
  lua_pushstring(L, digits);
  return 1;
}

/* The working folder; nil where it has no name any more. */
static int folder(lua_State *L) {
  char path[PATH_MAX];
  lua_pushstring(L, getcwd(path, sizeof path));
  return 1;
}

static int enter_folder(lua_State *L) {
  lua_pushboolean(L, chdir(luaL_checkstring(L, 1)) == 0);
  return 1;
}

/* The absolute path of a file that is there; nil where it is not. */
static int real_path(lua_State *L) {
  char path[PATH_MAX];
  lua_pushstring(L, realpath(luaL_checkstring(L, 1), path));
  return 1;
}

static int is_tty(lua_State *L) {
  lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
  return 1;
}

static void push_flag(lua_State *L, const char *field, bool flag) {
  lua_pushboolean(L, flag);
  lua_setfield(L, -2, field);
}

/* Into the field `words` of the table on top. */
static void push_words(lua_State *L, const char *const *word) {
  lua_newtable(L);
  for (int i = 0; word && word[i]; i++) {
    lua_pushstring(L, word[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "words");
}

static void push_default(lua_State *L, const ens_move_parameter *parameter) {
  const char *word = ens_move_word(parameter, parameter->fallback);
  if (parameter->covariance) return;
  if (word)
    lua_pushstring(L, word);
  else
    lua_pushnumber(L, parameter->fallback);
  lua_setfield(L, -2, "default");
}

static void push_parameter(lua_State *L, const ens_move_parameter *parameter) {
  lua_newtable(L);
  lua_pushstring(L, parameter->name);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, parameter->text);
  lua_setfield(L, -2, "text");
  push_default(L, parameter);
  push_words(L, parameter->word);
  lua_pushnumber(L, parameter->min);
  lua_setfield(L, -2, "min");
  lua_pushnumber(L, parameter->max);
  lua_setfield(L, -2, "max");
  push_flag(L, "exclusive", parameter->exclusive);
  push_flag(L, "whole", parameter->whole);
  push_flag(L, "only_words", parameter->only_words);
  push_flag(L, "covariance", parameter->covariance);
}

static void push_moves(lua_State *L) {
  lua_newtable(L);
  for (int i = 0; ens_move_kinds[i]; i++) {
    const ens_move_kind *kind = ens_move_kinds[i];
    lua_newtable(L);
    lua_pushstring(L, kind->name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, kind->text);
    lua_setfield(L, -2, "text");
    lua_newtable(L);
    for (size_t p = 0; p < kind->nparameters; p++) {
      push_parameter(L, &kind->parameter[p]);
      lua_rawseti(L, -2, (int)p + 1);
    }
    lua_setfield(L, -2, "parameters");
    lua_rawseti(L, -2, i + 1);
  }
}

/* Into the field `pace`: the costs of an evaluation that decide between one worker and several. */
static void set_pace(lua_State *L) {
  lua_newtable(L);
  lua_pushnumber(L, ENS_PACE_CHEAP);
  lua_setfield(L, -2, "cheap");
  lua_pushnumber(L, ENS_PACE_LIKELY);
  lua_setfield(L, -2, "likely");
  lua_pushnumber(L, ENS_PACE_COSTLY);
  lua_setfield(L, -2, "costly");
  lua_setfield(L, -2, "pace");
}

static void open_control(lua_State *L) {
  static const luaL_Reg functions[] = {{"cpus", cpus},
                                       {"set_blas_threads", set_blas_threads},
                                       {"enter_program", ens_engine_enter},
                                       {"load_lapack", load_lapack},
                                       {"join", join},
                                       {"leave", leave},
                                       {"launched", launched},
                                       {"ranks", ranks},
                                       {"draw_seed", draw_seed},
                                       {"folder", folder},
                                       {"enter_folder", enter_folder},
                                       {"real_path", real_path},
                                       {"read_text", ens_text_lib_read},
                                       {"isatty", is_tty},
                                       {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
  push_moves(L);
  lua_setfield(L, -2, "moves");
  set_pace(L);
  lua_newtable(L);
  for (int i = 0; ens_process_models_dir(i); i++) {
    lua_pushstring(L, ens_process_models_dir(i));
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "models_dir");
  ens_sampler_lib_open(L);
}

void ens_core_lib_open(lua_State *L, unsigned worker) {
  static const luaL_Reg functions[] = {{"now", now},
                                       {"sleep", sleep_for},
                                       {"array", ens_array_lib_from_lua},
                                       {"is_array", is_array},
                                       {"is_work", is_work},
                                       {"work", ens_work_make},
                                       {NULL, NULL}};
  ens_array_register(L);
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
  } else {
    open_control(L);
  }
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "loaded");
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "ensemble.core");
  lua_pop(L, 3);
}
