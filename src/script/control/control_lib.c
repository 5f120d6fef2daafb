/* Small functions of the process, one after the other, and the table that lists them. */
#include "script/control/control_lib.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/pace.h"
#include "eval/linalg.h"
#include "move/move.h"
#include "process/cpus.h"
#include "process/job.h"
#include "process/process.h"
#include "script/control/field.h"
#include "script/control/sampler_lib.h"
#include "script/lib/text_lib.h"
#include "script/model/pack.h"
#include "script/state/engine.h"
#include "script/state/fail.h"
#include "script/value/push.h"

static int cpus(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushinteger(L, (lua_Integer)ens_cpus_count());
  return 1;
}

static int set_blas_threads(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  ens_process_set_blas_threads((unsigned)luaL_checknumber(L, 1));
  return 0;
}

/* load_lapack(library): true, or nil and a message. */
static int load_lapack(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  ens_error error = ENS_ERROR_NONE;
  if (ens_linalg_load(luaL_checkstring(L, 1), &error)) return ens_fail(L, &error);
  lua_pushboolean(L, 1);
  return 1;
}

/* join(): nil if this process runs the script; a number if it was another rank, has finished its work for the first
 * one, and must exit with that status; or nil, message, kind if the ranks cannot work together. */
static int join(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
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

/* leave(status): ends the other ranks with that status. */
static int leave(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  ens_job_leave((int)luaL_checknumber(L, 1));
  return 0;
}

/* The number of processes of this job. */
static int ranks(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushnumber(L, (lua_Number)ens_job_size());
  return 1;
}

static int launched(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushnumber(L, (lua_Number)ens_job_launched());
  return 1;
}

static int draw_seed(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  char digits[24];
  ens_error error = ENS_ERROR_NONE;
  if (ens_process_draw_seed(digits, &error)) return ens_fail(L, &error);
  lua_pushstring(L, digits);
  return 1;
}

/* The working folder; nil if it no longer has a name. */
static int folder(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  char path[PATH_MAX];
  lua_pushstring(L, getcwd(path, sizeof path));
  return 1;
}

static int enter_folder(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushboolean(L, chdir(luaL_checkstring(L, 1)) == 0);
  return 1;
}

/* The absolute path of a file; nil if there is no such file. */
static int real_path(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  char path[PATH_MAX];
  lua_pushstring(L, realpath(luaL_checkstring(L, 1), path));
  return 1;
}

static int is_tty(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
  return 1;
}

/* Sets the field `words` of the table on top. */
static void push_words(lua_State *L, const char *const *word) {
  ENS_STACK(L, -0, +0);
  lua_newtable(L);
  for (int i = 0; word && word[i]; i++) {
    lua_pushstring(L, word[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "words");
}

static void push_default(lua_State *L, const ens_move_parameter *parameter) {
  ENS_STACK(L, -0, +0);
  const char *word = ens_move_word(parameter, parameter->fallback);
  if (parameter->covariance) return;
  if (word)
    ens_push_text_field(L, "default", word);
  else
    ens_push_number_field(L, "default", parameter->fallback);
}

static void push_parameter(lua_State *L, const ens_move_parameter *parameter) {
  ENS_STACK(L, -0, +1);
  lua_newtable(L);
  ens_push_text_field(L, "name", parameter->name);
  ens_push_text_field(L, "text", parameter->text);
  push_default(L, parameter);
  push_words(L, parameter->word);
  ens_push_number_field(L, "min", parameter->min);
  ens_push_number_field(L, "max", parameter->max);
  ens_push_flag_field(L, "exclusive", parameter->exclusive);
  ens_push_flag_field(L, "whole", parameter->whole);
  ens_push_flag_field(L, "only_words", parameter->only_words);
  ens_push_flag_field(L, "covariance", parameter->covariance);
}

static void push_moves(lua_State *L) {
  ENS_STACK(L, -0, +1);
  lua_newtable(L);
  for (int i = 0; ens_move_kinds[i]; i++) {
    const ens_move_kind *kind = ens_move_kinds[i];
    lua_newtable(L);
    ens_push_text_field(L, "name", kind->name);
    ens_push_text_field(L, "text", kind->text);
    lua_newtable(L);
    for (size_t p = 0; p < kind->nparameters; p++) {
      push_parameter(L, &kind->parameter[p]);
      lua_rawseti(L, -2, (int)p + 1);
    }
    lua_setfield(L, -2, "parameters");
    lua_rawseti(L, -2, i + 1);
  }
}

/* The costs of an evaluation that decide between one worker and several. */
static void push_pace(lua_State *L) {
  ENS_STACK(L, -0, +1);
  lua_newtable(L);
  ens_push_number_field(L, "cheap", ENS_PACE_CHEAP);
  ens_push_number_field(L, "likely", ENS_PACE_LIKELY);
  ens_push_number_field(L, "costly", ENS_PACE_COSTLY);
}

void ens_control_lib_open(lua_State *L) {
  ENS_STACK(L, -0, +0);
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
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "loaded");
  lua_getfield(L, -1, "ensemble.core");
  luaL_setfuncs(L, functions, 0);
  push_moves(L);
  lua_setfield(L, -2, "moves");
  push_pace(L);
  lua_setfield(L, -2, "pace");
  ens_field_push_names(L);
  lua_setfield(L, -2, "fields");
  lua_newtable(L);
  for (int i = 0; ens_process_models_dir(i); i++) {
    lua_pushstring(L, ens_process_models_dir(i));
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "models_dir");
  ens_sampler_lib_open(L);
  lua_pop(L, 3);
}
