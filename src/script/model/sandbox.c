/* Opens the libraries with the replacements that a run needs, and handles errors with the place in the model. */
#include "script/model/sandbox.h"

#include <stdio.h>
#include <string.h>

#include "process/job.h"
#include "process/process.h"
#include "script/lib/core_lib.h"
#include "script/state/embedded.h"
#include "script/state/random_lib.h"
#include "script/state/strand.h"
#include "script/state/traceback.h"
#include "script/transfer/known.h"

/* ---- errors ---- */

bool ens_sandbox_has_place(const char *message) {
  for (const char *p = message; *p && *p != '\n'; p++) {
    if (*p != ':') continue;
    size_t digits = strspn(p + 1, "0123456789");
    if (digits && p[1 + digits] == ':' && p[2 + digits] == ' ') return true;
  }
  return false;
}

/* Pushes "FILE:LINE: " of the innermost frame that has a line, or "". */
static void push_where(lua_State *L) {
  ENS_STACK(L, -0, +1);
  lua_Debug info;
  for (int level = 1; lua_getstack(L, level, &info); level++) {
    lua_getinfo(L, "Sl", &info);
    if (info.currentline <= 0 || strncmp(info.short_src, "ensemble/", 9) == 0) continue;
    lua_pushfstring(L, "%s:%d: ", info.short_src, info.currentline);
    return;
  }
  lua_pushliteral(L, "");
}

/* A model has no `arg`, because its fingerprint would not cover the arguments. */
static void explain_arg(lua_State *L) {
  ENS_STACK(L, -1, +1);
  if (!strstr(lua_tostring(L, 1), "global 'arg'")) return;
  lua_pushliteral(
      L,
      "\n  (only the script has arg: pass what the model needs in 'data' or, to an inline model, in a local "
      "variable of the script)");
  lua_concat(L, 2);
}

int ens_sandbox_handle(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_settop(L, 1);
  if (lua_type(L, 1) != LUA_TSTRING) {
    const char *text = NULL;
    if (luaL_callmeta(L, 1, "__tostring") || lua_type(L, 1) == LUA_TNUMBER) text = lua_tostring(L, -1);
    if (!text) text = lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
    lua_pushstring(L, text);
    lua_replace(L, 1);
    lua_settop(L, 1);
  }
  if (!ens_sandbox_has_place(lua_tostring(L, 1))) {
    push_where(L);
    lua_insert(L, 1);
    lua_concat(L, 2);
  }
  explain_arg(L);
  return ens_traceback(L); /* called from C: no frame of ours, and no Lua stack after an overflow */
}

/* ---- libraries ---- */

/* exit() would end the process while threads run and the store is open. */
static int refuse_exit(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  return luaL_error(L, "os.exit is for run scripts: a model's code cannot end the program; call error instead");
}

static void open_exit(lua_State *L) {
  ENS_STACK(L, -0, +0);
  lua_getglobal(L, "os");
  lua_pushcfunction(L, refuse_exit);
  lua_setfield(L, -2, "exit");
  lua_pop(L, 1);
}

/* pairs in an order that is the same in every state. */
static void open_ordered(lua_State *L) {
  ENS_STACK(L, -0, +0);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "ensemble.api.ordered");
  lua_call(L, 1, 1);
  lua_setglobal(L, "pairs");
}

/* Prints a line of the user's code, marked with the worker, and with the rank in a job of several. */
static void print_line(unsigned worker, const char *text, size_t size) {
  char prefix[64];
  int rank = ens_job_rank();
  if (rank < 0)
    snprintf(prefix, sizeof prefix, "[worker %u] ", worker);
  else
    snprintf(prefix, sizeof prefix, "[rank %d, worker %u] ", rank, worker);
  ens_process_print_line(prefix, text, size);
}

void ens_sandbox_open(lua_State *L, ens_stream *random, ens_output *output, const char *search_path,
                      void (*more)(lua_State *L)) {
  ENS_STACK(L, -0, +0);
  luaL_openlibs(L);
  ens_embedded_open(L);
  ens_core_lib_open(L, output->worker);
  if (more) more(L);
  ens_random_open(L, random);
  ens_strand_open(L);
  output->print = print_line;
  ens_output_open(L, output);
  open_ordered(L);
  open_exit(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "ensemble");
  lua_call(L, 1, 0);
  ens_known_mark(L);
  lua_getglobal(L, "package");
  lua_pushstring(L, search_path);
  lua_setfield(L, -2, "path");
  lua_pop(L, 1);
}
