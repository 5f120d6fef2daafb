#include "script/embedded.h"

#include <string.h>

#include "script/embedded_list.h"

/* The sources lie in the program's read-only data. `name` is a C identifier. */
#define EMBED(name)                                                   \
  __asm__(                                                            \
      ".pushsection .rodata\n"                                        \
      ".global ens_lua_" #name                                        \
      "\n"                                                            \
      "ens_lua_" #name ":\n.incbin \"" ENS_LUA_DIR "/ensemble/" #name \
      ".lua\"\n"                                                      \
      ".global ens_lua_end_" #name                                    \
      "\n"                                                            \
      "ens_lua_end_" #name ":\n.byte 0\n.popsection\n");              \
  extern const char ens_lua_##name[], ens_lua_end_##name[];

ENS_EMBEDDED(EMBED)

typedef struct module_source {
  const char *name, *begin, *end;
} module_source;

#define ROW(name) {#name, ens_lua_##name, ens_lua_end_##name},
static const module_source *find(const char *name) {
  static const module_source sources[] = {ENS_EMBEDDED(ROW){NULL, NULL, NULL}};
  for (const module_source *s = sources; s->name; s++)
    if (strcmp(s->name, name) == 0) return s;
  return NULL;
}

/* A searcher for require: "ensemble" is init.lua. Chunks are named ensemble/NAME.lua, which tracebacks show and
 * messages to users leave out. */
static int search(lua_State *L) {
  const char *module = luaL_checkstring(L, 1);
  const module_source *source = NULL;
  if (strcmp(module, "ensemble") == 0) source = find("init");
  if (strncmp(module, "ensemble.", 9) == 0) source = find(module + 9);
  if (!source) {
    lua_pushnil(L);
    return 1;
  }
  const char *chunk = lua_pushfstring(L, "@ensemble/%s.lua", source->name);
  if (luaL_loadbuffer(L, source->begin, (size_t)(source->end - source->begin), chunk)) return lua_error(L);
  return 1;
}

void ens_embedded_open(lua_State *L) {
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "searchers");
  if (lua_isnil(L, -1)) { /* LuaJIT's name of it */
    lua_pop(L, 1);
    lua_getfield(L, -1, "loaders");
  }
  for (int i = (int)ens_rawlen(L, -1); i >= 1; i--) {
    lua_rawgeti(L, -1, i);
    lua_rawseti(L, -2, i + 1);
  }
  lua_pushcfunction(L, search);
  lua_rawseti(L, -2, 1);
  lua_pop(L, 2);
}
