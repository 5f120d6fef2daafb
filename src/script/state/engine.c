/* Replaces this process by the other program of the same folder, with the same words. */
#include "script/state/engine.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The folder of this program's file. False: the system does not know it. */
static int find_folder(char folder[PATH_MAX]) {
  ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
  if (length <= 0) return 0;
  folder[length] = '\0';
  char *end = strrchr(folder, '/');
  if (!end) return 0;
  *end = '\0';
  return 1;
}

/* The list of the words at `index`, ended by NULL, in a userdata. The pushed words keep its texts alive. */
static char **push_words(lua_State *L, int index) {
  ENS_STACK(L, -0, +1 + (int)ens_rawlen(L, index));
  size_t n = ens_rawlen(L, index);
  luaL_checkstack(L, (int)n + 2, "too many arguments");
  char **words = ens_newuserdata(L, (n + 1) * sizeof *words);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, index, (int)i + 1);
    words[i] = (char *)luaL_checkstring(L, -1);
  }
  words[n] = NULL;
  return words;
}

int ens_engine_enter(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const char *name = luaL_checkstring(L, 1);
  char **words = push_words(L, 2), folder[PATH_MAX], path[PATH_MAX + 64];
  if (!find_folder(folder)) {
    lua_pushliteral(L, "/proc/self/exe does not say where this program is");
    return 1;
  }
  snprintf(path, sizeof path, "%s/%s", folder, name);
  execv(path, words);
  if (errno == ENOENT)
    lua_pushfstring(L, "there is no %s in %s, beside this program", name, folder);
  else
    lua_pushfstring(L, "%s cannot be run: %s", path, strerror(errno));
  return 1;
}
