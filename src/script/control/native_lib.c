/* From the description table to a model: data as a tree, names, priors, then the library. */
#include "script/control/native_lib.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "eval/native.h"
#include "eval/native_read.h"
#include "script/lib/array_lib.h"
#include "script/lib/dist_lib.h"
#include "script/model/fingerprint.h"
#include "script/state/fail.h"
#include "script/value/push.h"

/* ---- the data as a tree: data.lua has checked the values ---- */

static ens_tree *add_entry(lua_State *L, ens_tree *table, const char *name) {
  ENS_STACK(L, -0, +0);
  ens_tree *entry = ens_tree_add(table, name);
  if (!entry) luaL_error(L, "not enough memory");
  return entry;
}

/* A list of numbers, or of lists of numbers of equal length, becomes an array. False: the table on top is none. */
static bool fill_from_list(lua_State *L, ens_tree *entry) {
  ENS_STACK(L, -0, +0);
  if (ens_rawlen(L, -1) == 0) return false;
  lua_pushcfunction(L, ens_array_lib_from_lua);
  lua_pushvalue(L, -2);
  lua_call(L, 1, 1);
  const ens_array *array = ens_array_test(L, -1);
  if (array && !ens_tree_set_array(entry, array)) luaL_error(L, "not enough memory");
  lua_pop(L, 1);
  return array != NULL;
}

/* Whether the keys of the table on top are 1 .. n alone. */
static bool is_list(lua_State *L) {
  ENS_STACK(L, -0, +0);
  size_t n = 0;
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pop(L, 1);
    n++;
  }
  return n == ens_rawlen(L, -1);
}

static void fill(lua_State *L, ens_tree *entry);

static void fill_table(lua_State *L, ens_tree *entry) {
  ENS_STACK(L, -0, +0);
  luaL_checkstack(L, 10, "nested data");
  if (is_list(L) && fill_from_list(L, entry)) return;
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pushvalue(L, -2); /* a copy, because lua_tostring would change a number in place, which confuses lua_next */
    ens_tree *child = add_entry(L, entry, lua_tostring(L, -1));
    lua_pop(L, 1);
    fill(L, child);
    lua_pop(L, 1);
  }
}

/* Fills the entry from the value on top. */
static void fill(lua_State *L, ens_tree *entry) {
  ENS_STACK(L, -0, +0);
  size_t length;
  const char *text;
  switch (lua_type(L, -1)) {
    case LUA_TNUMBER:
      entry->kind = ENS_TREE_NUMBER;
      entry->number = lua_tonumber(L, -1);
      return;
    case LUA_TBOOLEAN:
      entry->kind = ENS_TREE_BOOLEAN;
      entry->number = lua_toboolean(L, -1);
      return;
    case LUA_TSTRING:
      text = lua_tolstring(L, -1, &length);
      if (!ens_tree_set_text(entry, text, length)) luaL_error(L, "not enough memory");
      return;
    case LUA_TTABLE:
      fill_table(L, entry);
      return;
    default:
      if (!ens_tree_set_array(entry, ens_array_test(L, -1))) luaL_error(L, "not enough memory");
  }
}

static int fill_tree(lua_State *L) {
  ENS_RESULTS(L, 0, 0);
  ens_tree *tree = lua_touserdata(L, 1);
  lua_settop(L, 2);
  fill_table(L, tree);
  return 0;
}

/* Pops the message on top. */
static ens_status explain(lua_State *L, int code, ens_error *error) {
  ENS_STACK(L, -1, +0);
  const char *message = lua_tostring(L, -1);
  if (!message) message = luaL_typename(L, -1);
  bool memory = code == LUA_ERRMEM || strcmp(message, "not enough memory") == 0;
  ens_status status = memory
                          ? ens_error_memory(error)
                          : ens_error_set(error, ENS_CONFIG, "the data cannot be passed to a model in C: %s", message);
  lua_pop(L, 1);
  return status;
}

static ens_status read_data(lua_State *L, int index, ens_tree **out, ens_error *error) {
  ENS_STACK(L, -0, +0);
  if (lua_isnoneornil(L, index)) return ENS_OK;
  *out = ens_tree_create();
  if (!*out) return ens_error_memory(error);
  lua_pushcfunction(L, fill_tree);
  lua_pushlightuserdata(L, *out);
  lua_pushvalue(L, index);
  int code = lua_pcall(L, 2, 0, 0);
  if (code != LUA_OK) return explain(L, code, error);
  ens_tree_sort(*out);
  return ENS_OK;
}

/* ---- the description ---- */

/* The names of a bare function's parameters, in a userdata that is pushed with the names. */
static char *const *push_names(lua_State *L, int list, size_t *count) {
  ENS_STACK(L, -0, +1 + (lua_istable(L, list) ? (int)ens_rawlen(L, list) : 0));
  size_t n = *count = lua_istable(L, list) ? ens_rawlen(L, list) : 0;
  luaL_checkstack(L, (int)n + 2, "too many parameters");
  const char **names = ens_newuserdata(L, (n + 1) * sizeof *names);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, list, (int)i + 1);
    names[i] = luaL_checkstring(L, -1);
  }
  return (char *const *)names;
}

ens_status ens_native_lib_create(lua_State *L, int spec, int data, ens_model **out, ens_error *error) {
  ENS_STACK(L, -0, +0);
  spec = lua_absindex(L, spec);
  data = lua_absindex(L, data);
  int top = lua_gettop(L);
  ens_parcel parcel;
  char fingerprint[64];
  ens_status status = ens_fingerprint_data(L, data, fingerprint, &parcel, error);
  ens_parcel_free(&parcel);
  if (status) return status;
  lua_getfield(L, spec, "path");
  lua_getfield(L, spec, "symbol");
  lua_getfield(L, spec, "parameters");
  lua_getfield(L, spec, "priors");
  ens_native_spec native = {.path = luaL_checkstring(L, top + 1), .symbol = luaL_optstring(L, top + 2, NULL)};
  native.parameters = push_names(L, top + 3, &native.ndim);
  status = read_data(L, data, &native.data, error);
  if (!status && lua_istable(L, top + 4) && !(native.prior = ens_dist_lib_read_prior(L, top + 4)))
    status = ens_error_memory(error);
  if (status)
    ens_tree_destroy(native.data);
  else
    status = ens_native_create(&native, out, error);
  if (!status) memcpy((*out)->data_fingerprint, fingerprint, sizeof fingerprint);
  lua_settop(L, top);
  return status;
}

int ens_native_lib_parameters(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  const char *const *names;
  size_t ndim;
  ens_error error = ENS_ERROR_NONE;
  if (ens_native_read_parameters(luaL_checkstring(L, 1), &names, &ndim, &error)) return ens_fail(L, &error);
  ens_push_names(L, (char *const *)names, ndim);
  return 1;
}
