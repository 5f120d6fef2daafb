/* require's search, dofile and loadfile, all through one function that reads a text and registers it. */
#include "script/lib/text_lib.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "process/sources.h"

/* The functions below have the role as their upvalue. */
static const char *role_of(lua_State *L) {
  ENS_STACK(L, -0, +0);
  return lua_tostring(L, lua_upvalueindex(1));
}

/* ---- reading and compiling ---- */

/* The argument of compile, which runs protected, so that its caller can free the text after an error. */
typedef struct chunk {
  const char *path, *text;
  size_t size;
} chunk;

static size_t shebang_length(const chunk *c) {
  size_t bom = c->size >= 3 && memcmp(c->text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  return c->size > bom && c->text[bom] == '#' ? bom + strcspn(c->text + bom, "\n") : bom;
}

static int compile(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const chunk *c = lua_touserdata(L, 1);
  size_t skip = shebang_length(c);
  if (c->size > skip && c->text[skip] == LUA_SIGNATURE[0])
    return luaL_error(L, "%s is a compiled chunk: only source text is run", c->path);
  const char *name = lua_pushfstring(L, "@%s", c->path);
  if (luaL_loadbuffer(L, c->text + skip, c->size - skip, name)) return lua_error(L);
  return 1;
}

/* Pushes the file's function; or false, and pushes the reason. */
static bool load_file(lua_State *L, const char *role, const char *path) {
  ENS_STACK(L, -0, +1);
  chunk c = {.path = path};
  char *text = NULL;
  int number = 0;
  ens_error error = ENS_ERROR_NONE;
  ens_status status = ens_sources_read(role, path, &text, &c.size, &number, &error);
  ens_error_clear(&error);
  if (status || !text) {
    lua_pushfstring(L, "cannot open %s: %s", path, status ? "not enough memory" : strerror(number));
    return false;
  }
  c.text = text;
  lua_pushcfunction(L, compile);
  lua_pushlightuserdata(L, &c);
  int failed = lua_pcall(L, 1, 1, 0);
  free(text);
  return !failed;
}

int ens_text_lib_read(lua_State *L) {
  ENS_RESULTS(L, 1, 2);
  const char *path = luaL_checkstring(L, 1), *role = luaL_optstring(L, 2, "model");
  char *text = NULL;
  size_t size;
  int number = 0;
  ens_error error = ENS_ERROR_NONE;
  ens_status status = ens_sources_read(role, path, &text, &size, &number, &error);
  if (text) {
    lua_pushlstring(L, text, size);
    free(text);
    return 1;
  }
  lua_pushnil(L);
  if (status)
    lua_pushliteral(L, "not enough memory");
  else if (number == ENOENT || number == ENOTDIR)
    lua_pushnil(L);
  else
    lua_pushfstring(L, "%s: %s", path, strerror(number));
  ens_error_clear(&error);
  return 2;
}

/* ---- require ---- */

/* Returns the first path of package.path where `module` is, which is on top; or NULL. */
static const char *find_place(lua_State *L, const char *module) {
  ENS_STACK_RANGE(L, -0, +4, +5);
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "path");
  const char *template = luaL_checkstring(L, -1);
  const char *file = luaL_gsub(L, module, ".", "/");
  while (*template) {
    size_t length = strcspn(template, ";");
    lua_pushlstring(L, template, length);
    const char *place = luaL_gsub(L, lua_tostring(L, -1), "?", file);
    if (ens_sources_has(place)) return place;
    lua_pop(L, 2);
    template += length + (template[length] == ';');
  }
  lua_pushnil(L);
  return NULL;
}

/* Pushes the engine's message that lists the places where it looked. */
static int push_places(lua_State *L, const char *module) {
  ENS_STACK(L, -0, +3);
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "searchpath");
  lua_pushstring(L, module);
  lua_getfield(L, -3, "path");
  lua_call(L, 2, 2);
  return 1; /* the second result: the message */
}

static int search(lua_State *L) {
  ENS_RESULTS(L, 1, 2);
  const char *module = luaL_checkstring(L, 1), *place = find_place(L, module);
  if (!place) return push_places(L, module);
  if (load_file(L, role_of(L), place)) {
    lua_pushstring(L, place);
    return 2;
  }
  return luaL_error(L, "error loading module '%s' from file '%s':\n\t%s", module, place, lua_tostring(L, -1));
}

/* ---- dofile and loadfile ---- */

static int load_or_explain(lua_State *L) {
  ENS_STACK_RANGE(L, -0, +1, +2);
  if (load_file(L, role_of(L), luaL_checkstring(L, 1))) return 1;
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

/* Without a name: standard input. */
static int load_stdin(lua_State *L) {
  ENS_STACK_RANGE(L, -0, +3, +4);
  lua_getglobal(L, "io");
  lua_getfield(L, -1, "read");
  lua_pushliteral(L, "*a");
  lua_call(L, 1, 1);
  size_t size;
  const char *text = lua_tolstring(L, -1, &size);
  if (size && text[0] == LUA_SIGNATURE[0]) return luaL_error(L, "stdin is a compiled chunk: only source text is run");
  if (luaL_loadbuffer(L, text, size, "=stdin") == 0) return 1;
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

/* loadfile([path [, mode [, env]]]): loads text only and ignores `mode`. */
static int loadfile(lua_State *L) {
  ENS_RESULTS(L, 1, 2);
  int n = lua_isnoneornil(L, 1) ? load_stdin(L) : load_or_explain(L);
  if (n != 1 || lua_isnone(L, 3)) return n;
  lua_pushvalue(L, 3);
#if LUA_VERSION_NUM >= 502
  if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
#else
  lua_setfenv(L, -2);
#endif
  return 1;
}

static int dofile(lua_State *L) {
  ENS_RESULTS(L, 0, ENS_STACK_MANY);
  lua_settop(L, 1);
  if (lua_isnoneornil(L, 1) ? load_stdin(L) != 1 : !load_file(L, role_of(L), luaL_checkstring(L, 1)))
    return lua_error(L);
  lua_call(L, 0, LUA_MULTRET);
  return lua_gettop(L) - 1;
}

static void push_ours(lua_State *L, const char *role, lua_CFunction f) {
  ENS_STACK(L, -0, +1);
  lua_pushstring(L, role);
  lua_pushcclosure(L, f, 1);
}

void ens_text_lib_open(lua_State *L, const char *role) {
  ENS_STACK(L, -0, +0);
  push_ours(L, role, loadfile);
  lua_setglobal(L, "loadfile");
  push_ours(L, role, dofile);
  lua_setglobal(L, "dofile");
  lua_getglobal(L, "package");
  lua_getfield(L, -1, ENS_SEARCHERS);
  push_ours(L, role, search);
  lua_rawseti(L, -2, 3); /* after preloaded modules and our own */
  lua_pop(L, 2);
}
