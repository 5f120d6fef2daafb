/* Text is held until its line ends. The functions replace those of the state's io library. */
#include "script/state/output.h"

#include <stdlib.h>
#include <string.h>

static void hold(lua_State *L, ens_output *output, const char *text, size_t size) {
  ENS_STACK(L, -0, +0);
  if (size > output->capacity - output->size) {
    size_t capacity = output->capacity * 2 + size + 128;
    char *grown = realloc(output->line, capacity);
    if (!grown) luaL_error(L, "not enough memory");
    output->line = grown;
    output->capacity = capacity;
  }
  if (size) memcpy(output->line + output->size, text, size);
  output->size += size;
}

/* Prints the complete lines and keeps the rest. */
static void add(lua_State *L, ens_output *output, const char *text, size_t size) {
  ENS_STACK(L, -0, +0);
  const char *end;
  while (size && (end = memchr(text, '\n', size))) {
    size_t length = (size_t)(end - text);
    hold(L, output, text, length);
    output->print(output->worker, output->line, output->size);
    output->size = 0;
    text += length + 1;
    size -= length + 1;
  }
  hold(L, output, text, size);
}

static int print(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  ens_output *output = lua_touserdata(L, lua_upvalueindex(1));
  int n = lua_gettop(L);
  for (int i = 1; i <= n; i++) {
    size_t size;
    const char *text = luaL_tolstring(L, i, &size);
    if (i > 1) add(L, output, "\t", 1);
    add(L, output, text, size);
    lua_pop(L, 1);
  }
  add(L, output, "\n", 1);
  return 0;
}

static void write_from(lua_State *L, int first) {
  ENS_STACK(L, -0, +0);
  ens_output *output = lua_touserdata(L, lua_upvalueindex(1));
  int n = lua_gettop(L);
  for (int i = first; i <= n; i++) {
    size_t size;
    const char *text = luaL_checklstring(L, i, &size);
    add(L, output, text, size);
  }
}

/* io.write(...): returns io.stdout, as Lua's does, so that calls can be chained. */
static int write(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  write_from(L, 1);
  lua_pushvalue(L, lua_upvalueindex(2));
  return 1;
}

/* io.stdout:write(...) */
static int write_method(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  write_from(L, 2);
  lua_settop(L, 1);
  return 1;
}

/* flush, setvbuf and close do nothing, because each line goes out when it is complete. */
static int no_effect(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  lua_pushboolean(L, 1);
  return 1;
}

/* Pushes the table that replaces io.stdout; it has a file's methods for writing. */
static void push_stdout(lua_State *L, ens_output *output) {
  ENS_STACK(L, -0, +1);
  static const char *const without_effect[] = {"flush", "setvbuf", "close"};
  lua_newtable(L);
  lua_pushlightuserdata(L, output);
  lua_pushcclosure(L, write_method, 1);
  lua_setfield(L, -2, "write");
  for (size_t i = 0; i < sizeof without_effect / sizeof *without_effect; i++) {
    lua_pushcfunction(L, no_effect);
    lua_setfield(L, -2, without_effect[i]);
  }
}

void ens_output_open(lua_State *L, ens_output *output) {
  ENS_STACK(L, -0, +0);
  lua_pushlightuserdata(L, output);
  lua_pushcclosure(L, print, 1);
  lua_setglobal(L, "print");
  lua_getglobal(L, "io");
  push_stdout(L, output);
  lua_pushlightuserdata(L, output);
  lua_pushvalue(L, -2);
  lua_pushcclosure(L, write, 2);
  lua_setfield(L, -3, "write");
  lua_setfield(L, -2, "stdout");
  lua_pop(L, 1);
}

void ens_output_close(ens_output *output) {
  if (output->size) output->print(output->worker, output->line, output->size);
  free(output->line);
  *output = (ens_output){.worker = output->worker, .print = output->print};
}
