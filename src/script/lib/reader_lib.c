/* Each reader of src/data in a protected call, so that an error of memory cannot leak its result; then nodes as
 * tables. */
#include "script/lib/reader_lib.h"

#include "data/fits.h"
#include "data/hdf5.h"
#include "data/numpy/npy.h"
#include "data/numpy/npz.h"
#include "data/text/csv.h"
#include "script/state/fail.h"
#include "script/value/array.h"

/* ---- CSV ---- */

static char option_character(lua_State *L, const char *field) {
  ENS_STACK(L, -0, +0);
  lua_getfield(L, 2, field);
  const char *text = lua_tostring(L, -1);
  char c = text ? text[0] : '\0';
  lua_pop(L, 1);
  return c;
}

static ens_csv_options read_options(lua_State *L) {
  ENS_STACK(L, -0, +0);
  ens_csv_options options = {.header = -1};
  if (!lua_istable(L, 2)) return options;
  options.delimiter = option_character(L, "delimiter");
  options.comment = option_character(L, "comment");
  lua_getfield(L, 2, "header");
  if (!lua_isnil(L, -1)) options.header = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return options;
}

/* Pushes { names =, values =, left_out = }, then those three tables. */
static void push_table(lua_State *L) {
  ENS_STACK(L, -0, +4);
  static const char *const fields[] = {"names", "values", "left_out"};
  lua_createtable(L, 0, 3);
  for (int i = 0; i < 3; i++) {
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3 - i, fields[i]);
  }
}

/* The frame's columns as a table. The caller frees the frame, even after an error. */
static int push_frame(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  const ens_frame *frame = lua_touserdata(L, 1);
  push_table(L);
  for (size_t i = 0; i < frame->ncolumns; i++) {
    lua_pushstring(L, frame->name[i]);
    lua_rawseti(L, -4, (int)i + 1);
    ens_array_push(L, frame->column[i]);
    lua_setfield(L, -3, frame->name[i]);
  }
  lua_pop(L, 3);
  return 1;
}

static int read_csv(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  const char *path = luaL_checkstring(L, 1);
  ens_csv_options options = read_options(L);
  ens_frame frame;
  ens_error error = ENS_ERROR_NONE;
  if (ens_csv_read(path, &options, &frame, &error)) return ens_fail(L, &error);
  lua_pushcfunction(L, push_frame);
  lua_pushlightuserdata(L, &frame);
  int failed = lua_pcall(L, 1, 1, 0);
  ens_frame_free(&frame);
  return failed ? lua_error(L) : 1;
}

/* ---- nodes ---- */

static void push_node(lua_State *L, const ens_node *node);

static void push_children(lua_State *L, const ens_node *table) {
  ENS_STACK(L, -0, +1);
  int count = 0;
  luaL_checkstack(L, 10, "a nested table");
  push_table(L);
  lua_pushstring(L, table->entries);
  lua_setfield(L, -5, "what");
  for (size_t i = 0; i < table->nchildren; i++) {
    const ens_node *child = &table->child[i];
    if (child->kind == ENS_NODE_LEFT_OUT) {
      lua_pushstring(L, child->reason);
      lua_setfield(L, -2, child->name);
      continue;
    }
    lua_pushstring(L, child->name);
    lua_rawseti(L, -4, ++count);
    push_node(L, child);
    lua_setfield(L, -3, child->name);
  }
  lua_pop(L, 3);
}

static void push_node(lua_State *L, const ens_node *node) {
  ENS_STACK(L, -0, +1);
  if (node->kind == ENS_NODE_ARRAY)
    ens_array_push(L, node->array);
  else if (node->kind == ENS_NODE_NUMBER)
    lua_pushnumber(L, node->number);
  else
    push_children(L, node);
}

static int push_root(lua_State *L) {
  ENS_RESULTS(L, 1, 1);
  push_node(L, lua_touserdata(L, 1));
  return 1;
}

/* Pushes the node that a reader made, and frees it; or pushes the error. */
static int give(lua_State *L, ens_status status, ens_node *node, ens_error *error) {
  ENS_STACK_RANGE(L, -0, +1, +3);
  if (status) return ens_fail(L, error);
  lua_pushcfunction(L, push_root);
  lua_pushlightuserdata(L, node);
  int failed = lua_pcall(L, 1, 1, 0);
  ens_node_clear(node);
  return failed ? lua_error(L) : 1;
}

static int read_npy(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  ens_node node;
  ens_error error = ENS_ERROR_NONE;
  return give(L, ens_npy_read(luaL_checkstring(L, 1), &node, &error), &node, &error);
}

static int read_npz(lua_State *L) {
  ENS_RESULTS(L, 1, 3);
  ens_node node;
  ens_error error = ENS_ERROR_NONE;
  return give(L, ens_npz_read(luaL_checkstring(L, 1), &node, &error), &node, &error);
}

/* Pushes the node, then whether the reader found the name that was asked for. */
static int give_found(lua_State *L, ens_status status, bool found, ens_node *node, ens_error *error) {
  ENS_STACK_RANGE(L, -0, +2, +3);
  int pushed = give(L, status, node, error);
  if (status) return pushed;
  lua_pushboolean(L, found);
  return 2;
}

static int read_hdf5(lua_State *L) {
  ENS_RESULTS(L, 2, 3);
  ens_node node;
  ens_error error = ENS_ERROR_NONE;
  bool found;
  ens_status status = ens_hdf5_read(luaL_checkstring(L, 1), lua_tostring(L, 2), &found, &node, &error);
  return give_found(L, status, found, &node, &error);
}

static int read_fits(lua_State *L) {
  ENS_RESULTS(L, 2, 3);
  ens_node node;
  ens_error error = ENS_ERROR_NONE;
  bool found, by_number = lua_type(L, 2) == LUA_TNUMBER;
  size_t number = by_number ? (size_t)lua_tonumber(L, 2) : 0;
  const char *name = by_number ? NULL : lua_tostring(L, 2);
  ens_status status = ens_fits_read(luaL_checkstring(L, 1), number, name, &found, &node, &error);
  return give_found(L, status, found, &node, &error);
}

void ens_reader_lib_open(lua_State *L) {
  ENS_STACK(L, -0, +0);
  static const luaL_Reg functions[] = {{"read_csv", read_csv},   {"read_npy", read_npy},   {"read_npz", read_npz},
                                       {"read_hdf5", read_hdf5}, {"read_fits", read_fits}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
