/* A function for each kind of blob in each direction; errors name the kind that was expected. */
#include "script/value/blob.h"

#include <stdio.h>
#include <string.h>

#include "script/value/array.h"

static const char *article(lua_State *L, int index) {
  ENS_STACK(L, -0, +0);
  return lua_isnil(L, index) ? "" : "a ";
}

static bool refuse_type(lua_State *L, int index, const ens_blob_def *def, char *what, size_t size) {
  ENS_STACK(L, -0, +0);
  char declared[64] = "number";
  if (def->kind == ENS_BLOB_VECTOR) snprintf(declared, sizeof declared, "list of %zu numbers", def->length);
  if (def->kind == ENS_BLOB_TEXT) snprintf(declared, sizeof declared, "string of at most %zu bytes", def->length);
  snprintf(what, size, "blob '%.80s' is %s%s: 'blobs' declares it as a %s", def->name, article(L, index),
           luaL_typename(L, index), declared);
  return false;
}

static bool refuse_length(const ens_blob_def *def, size_t length, char *what, size_t size) {
  snprintf(what, size, "blob '%.80s' has %zu element%s: 'blobs' declares %zu", def->name, length,
           length == 1 ? "" : "s", def->length);
  return false;
}

static bool take_array(const ens_array *array, const ens_blob_def *def, double *row, char *what, size_t size) {
  if (ens_array_size(array) != def->length) return refuse_length(def, ens_array_size(array), what, size);
  ens_array_gather(array, row + def->first);
  return true;
}

static bool take_list(lua_State *L, int index, const ens_blob_def *def, double *row, char *what, size_t size) {
  ENS_STACK(L, -0, +0);
  size_t length = ens_rawlen(L, index);
  if (length != def->length) return refuse_length(def, length, what, size);
  for (size_t i = 0; i < length; i++) {
    lua_rawgeti(L, index, (int)i + 1);
    bool fine = lua_type(L, -1) == LUA_TNUMBER;
    if (fine)
      row[def->first + i] = lua_tonumber(L, -1);
    else
      snprintf(what, size, "blob '%.80s': element %zu is %s%s: it must be a number", def->name, i + 1, article(L, -1),
               luaL_typename(L, -1));
    lua_pop(L, 1);
    if (!fine) return false;
  }
  return true;
}

static bool take_text(lua_State *L, int index, const ens_blob_def *def, double *row, char *what, size_t size) {
  ENS_STACK(L, -0, +0);
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  if (length > def->length) {
    snprintf(what, size, "blob '%.80s' has %zu bytes: 'blobs' declares at most %zu ({ \"%.80s\", \"string\", %zu })",
             def->name, length, def->length, def->name, length);
    return false;
  }
  if (memchr(text, '\0', length)) {
    snprintf(what, size, "blob '%.80s' contains a NUL, which would end its text in the store", def->name);
    return false;
  }
  ens_blob_put_text(def, row, text, length);
  return true;
}

bool ens_blob_take(lua_State *L, int index, const ens_blob_def *def, double *row, char *what, size_t size) {
  ENS_STACK(L, -0, +0);
  int type = lua_type(L, index);
  if (def->kind == ENS_BLOB_NUMBER && type == LUA_TNUMBER) {
    row[def->first] = lua_tonumber(L, index);
    return true;
  }
  if (def->kind == ENS_BLOB_TEXT && type == LUA_TSTRING) return take_text(L, index, def, row, what, size);
  const ens_array *array = def->kind == ENS_BLOB_VECTOR ? ens_array_test(L, index) : NULL;
  if (array) return take_array(array, def, row, what, size);
  if (def->kind == ENS_BLOB_VECTOR && type == LUA_TTABLE) return take_list(L, index, def, row, what, size);
  return refuse_type(L, index, def, what, size);
}

void ens_blob_push_text(lua_State *L, const ens_blob_def *def, const double *row) {
  ENS_STACK(L, -0, +1);
  char piece[64];
  /* Most texts are short. A long one goes through memory of Lua's, which an error frees. */
  char *text = def->length <= sizeof piece ? piece : lua_newuserdata(L, def->length);
  size_t size = ens_blob_get_text(def, row, text);
  lua_pushlstring(L, text, size);
  if (text != piece) lua_remove(L, -2);
}

static void push_texts(lua_State *L, const ens_blob_def *def, const double *rows, size_t n, size_t ncells) {
  ENS_STACK(L, -0, +1);
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    ens_blob_push_text(L, def, rows + i * ncells);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static void push_numbers(lua_State *L, const ens_blob_def *def, const double *rows, size_t n, size_t ncells) {
  ENS_STACK(L, -0, +1);
  size_t shape[2] = {n, def->length};
  ens_array *array = ens_array_create(def->kind == ENS_BLOB_VECTOR ? 2 : 1, shape);
  for (size_t i = 0; array && i < n; i++)
    memcpy(array->data + i * def->length, rows + i * ncells + def->first, def->length * sizeof *rows);
  ens_array_push_new(L, array);
}

void ens_blob_push_all(lua_State *L, const ens_blobs *blobs, const double *rows, size_t n) {
  ENS_STACK(L, -0, +1);
  if (blobs->count == 0) {
    lua_pushnil(L);
    return;
  }
  lua_createtable(L, 0, (int)blobs->count);
  for (size_t i = 0; i < blobs->count; i++) {
    const ens_blob_def *def = &blobs->def[i];
    (def->kind == ENS_BLOB_TEXT ? push_texts : push_numbers)(L, def, rows, n, blobs->ncells);
    lua_setfield(L, -2, def->name);
  }
}
