/* .incbin puts each file into the program; a searcher in front of require's others finds them by name. */
#include "script/state/embedded.h"

#include <string.h>

#include "script/state/embedded_list.h"

/* The sources lie in the program's read-only data. `symbol` is a C identifier, `path` a string. */
#define EMBED_FILE(symbol, path)                              \
  __asm__(                                                    \
      ".pushsection .rodata\n"                                \
      ".global ens_lua_" #symbol                              \
      "\n"                                                    \
      "ens_lua_" #symbol ":\n.incbin \"" ENS_LUA_DIR "/" path \
      "\"\n"                                                  \
      ".global ens_lua_end_" #symbol                          \
      "\n"                                                    \
      "ens_lua_end_" #symbol ":\n.byte 0\n.popsection\n");    \
  extern const char ens_lua_##symbol[], ens_lua_end_##symbol[];
#define EMBED(folder, name) EMBED_FILE(folder##_##name, "ensemble/" #folder "/" #name ".lua")

EMBED_FILE(init, "ensemble/init.lua")
ENS_EMBEDDED(EMBED)

typedef struct module_source {
  const char *name, *chunk, *begin, *end;
} module_source;

#define ROW(folder, name)                                                                           \
  {"ensemble." #folder "." #name, "@ensemble/" #folder "/" #name ".lua", ens_lua_##folder##_##name, \
   ens_lua_end_##folder##_##name},
static const module_source *find(const char *name) {
  static const module_source sources[] = {{"ensemble", "@ensemble/init.lua", ens_lua_init, ens_lua_end_init},
                                          ENS_EMBEDDED(ROW){NULL, NULL, NULL, NULL}};
  for (const module_source *s = sources; s->name; s++)
    if (strcmp(s->name, name) == 0) return s;
  return NULL;
}

/* A searcher for require. Tracebacks show the chunk's name; messages to users leave it out. */
static int search(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const char *module = luaL_checkstring(L, 1);
  const module_source *source = find(module);
  if (!source) {
    lua_pushnil(L);
    return 1;
  }
  if (luaL_loadbuffer(L, source->begin, (size_t)(source->end - source->begin), source->chunk)) return lua_error(L);
  return 1;
}

void ens_embedded_open(lua_State *L) {
  ENS_STACK(L, -0, +0);
  lua_getglobal(L, "package");
  lua_getfield(L, -1, ENS_SEARCHERS);
  for (int i = (int)ens_rawlen(L, -1); i >= 1; i--) {
    lua_rawgeti(L, -1, i);
    lua_rawseti(L, -2, i + 1);
  }
  lua_pushcfunction(L, search);
  lua_rawseti(L, -2, 1);
  lua_pop(L, 2);
}
