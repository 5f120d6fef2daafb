#include "script/state/sandbox.h"

#include <string.h>

#include "script/lib/core_lib.h"
#include "script/state/embedded.h"
#include "script/state/random_lib.h"
#include "script/state/strand.h"
#include "script/value/transfer.h"

/* ---- errors ---- */

/* "FILE:LINE: " begins the message. */
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
  lua_Debug info;
  for (int level = 1; lua_getstack(L, level, &info); level++) {
    lua_getinfo(L, "Sl", &info);
    if (info.currentline <= 0 || strncmp(info.short_src, "ensemble/", 9) == 0) continue;
    lua_pushfstring(L, "%s:%d: ", info.short_src, info.currentline);
    return;
  }
  lua_pushliteral(L, "");
}

/* With other arguments a model that took them by itself would be another one, and no store would know. */
static void explain_arg(lua_State *L) {
  if (!strstr(lua_tostring(L, 1), "global 'arg'")) return;
  lua_pushliteral(L,
                  "\n  (arg is the script's alone: give the model what it needs of it in 'data', or, where the model "
                  "is inline, in a local of the script)");
  lua_concat(L, 2);
}

int ens_sandbox_handle(lua_State *L) {
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
  return ens_traceback(L); /* called as C, so that it shows no frame of ours and needs no stack after an overflow */
}

/* ---- libraries ---- */

/* exit() would take the threads and the store along in whatever state they are. */
static int refuse_exit(lua_State *L) {
  return luaL_error(L, "os.exit is for run scripts: a model's code cannot end the program, error can");
}

static void open_exit(lua_State *L) {
  lua_getglobal(L, "os");
  lua_pushcfunction(L, refuse_exit);
  lua_setfield(L, -2, "exit");
  lua_pop(L, 1);
}

/* pairs in an order that does not depend on the state. */
static void open_ordered(lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "ensemble.api.ordered");
  lua_call(L, 1, 1);
  lua_setglobal(L, "pairs");
}

void ens_sandbox_open(lua_State *L, ens_stream *random, ens_output *output, const char *search_path) {
  luaL_openlibs(L);
  ens_embedded_open(L);
  ens_core_lib_open(L, output->worker);
  ens_random_open(L, random);
  ens_strand_open(L);
  ens_output_open(L, output);
  open_ordered(L);
  open_exit(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "ensemble");
  lua_call(L, 1, 0);
  ens_transfer_mark(L);
  lua_getglobal(L, "package");
  lua_pushstring(L, search_path);
  lua_setfield(L, -2, "path");
  lua_pop(L, 1);
}
