#include "script/state/compat.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Frames that tell a user nothing: our own C, which engines print as "?" or as an address, and our own Lua. */
static int is_noise(const char *line, size_t length) {
  char text[128];
  snprintf(text, sizeof text, "%.*s", (int)length, line);
  if (text[0] != '\t') return 0;
  return strcmp(text, "\t[C]: in ?") == 0 || strstr(text, "]: at 0x") || strncmp(text, "\tensemble/", 10) == 0;
}

/* Replaces the text on top by its lines that are not noise; the heading goes too when no frame is left. */
static int drop_noise(lua_State *L) {
  static const char heading[] = "\nstack traceback:";
  const char *text = lua_tostring(L, -1), *head = strstr(text, heading);
  if (!head) return 1;
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  luaL_addlstring(&b, text, (size_t)(head - text));
  bool any = false;
  for (const char *line = head + sizeof heading - 1; *line == '\n';) {
    size_t length = strcspn(++line, "\n");
    if (!is_noise(line, length)) {
      if (!any) luaL_addstring(&b, heading);
      any = true;
      luaL_addchar(&b, '\n');
      luaL_addlstring(&b, line, length);
    }
    line += length;
  }
  luaL_pushresult(&b);
  return 1;
}

/* As lua.c: strings as they are, objects with __tostring by it, others by their type. */
int ens_traceback(lua_State *L) {
  const char *message = lua_tostring(L, 1);
  if (!message) {
    if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING)
      message = lua_tostring(L, -1);
    else
      message = lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
  }
  luaL_traceback(L, L, message, 1);
  return drop_noise(L);
}

#if LUA_VERSION_NUM < 504

/* string.dump(function, strip) does what this engine's lua_dump has no argument for. */
int ens_compat_dump(lua_State *L, lua_Writer writer, void *data, int strip) {
  lua_getglobal(L, "string");
  lua_getfield(L, -1, "dump");
  lua_pushvalue(L, -3);
  lua_pushboolean(L, strip);
  if (lua_pcall(L, 2, 1, 0) != 0) {
    lua_pop(L, 2);
    return 1;
  }
  size_t size;
  const char *code = lua_tolstring(L, -1, &size);
  int failed = writer(L, code, size, data);
  lua_pop(L, 2);
  return failed;
}

const char *luaL_tolstring(lua_State *L, int index, size_t *length) {
  index = lua_absindex(L, index);
  lua_getglobal(L, "tostring");
  lua_pushvalue(L, index);
  lua_call(L, 1, 1);
  return lua_tolstring(L, -1, length);
}

#endif
