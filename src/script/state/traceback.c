/* Removes the lines about C and about ensemble's own modules from Lua's traceback. */
#include "script/state/traceback.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Frames of no use to a user: our own C, which engines print as "?" or as an address, and our own Lua. */
static int is_noise(const char *line, size_t length) {
  char text[128];
  snprintf(text, sizeof text, "%.*s", (int)length, line);
  if (text[0] != '\t') return 0;
  return strcmp(text, "\t[C]: in ?") == 0 || strstr(text, "]: at 0x") || strncmp(text, "\tensemble/", 10) == 0;
}

/* Removes the lines that are noise from the text on top, and the heading too if no frame is left. */
static void drop_noise(lua_State *L) {
  ENS_STACK(L, -1, +1);
  static const char heading[] = "\nstack traceback:";
  const char *text = lua_tostring(L, -1), *head = strstr(text, heading);
  if (!head) return;
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
  lua_remove(L, -2);
}

/* As lua.c: a string as it is, an object by its __tostring, any other value by its type. */
int ens_traceback(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const char *message = lua_tostring(L, 1);
  if (!message) {
    if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING)
      message = lua_tostring(L, -1);
    else
      message = lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
  }
  luaL_traceback(L, L, message, 1);
  drop_noise(L);
  return 1;
}
