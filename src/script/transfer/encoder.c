/* Visits a value from its root; objects that were seen before become references. An error names the path to the
 * value. */
#include "script/transfer/encoder.h"

#include <stdio.h>
#include <string.h>

#include "eval/library.h"
#include "script/state/bytecode.h"
#include "script/transfer/keys.h"
#include "script/transfer/known.h"
#include "script/value/array.h"
#include "script/value/cfunction.h"

/* ---- bytes ---- */

static ens_status put(ens_encoder *e, const void *bytes, size_t size) {
  return ens_parcel_put(e->out, bytes, size) ? ENS_OK : ens_error_memory(e->error);
}

ens_status ens_encoder_put_tag(ens_encoder *e, ens_tag tag) {
  char byte = (char)tag;
  return put(e, &byte, 1);
}

static ens_status put_number(ens_encoder *e, ens_tag tag, uint64_t number) {
  ens_status status = ens_encoder_put_tag(e, tag);
  return status ? status : put(e, &number, sizeof number);
}

ens_status ens_encoder_put_text(ens_encoder *e, ens_tag tag, const char *text, size_t length) {
  ens_status status = put_number(e, tag, length);
  return status ? status : put(e, text, length);
}

/* ---- messages ---- */

void ens_encoder_set_path(ens_encoder *e, const char *format, const char *name) {
  snprintf(e->path, sizeof e->path, format, name);
}

/* Appends to the path; the caller restores its length. */
static void enter(ens_encoder *e, const char *format, const char *name) {
  size_t length = strlen(e->path);
  snprintf(e->path + length, sizeof e->path - length, format, name);
}

static void enter_key(ens_encoder *e, int index) {
  ENS_STACK(e->L, -0, +0);
  if (lua_type(e->L, index) == LUA_TSTRING) {
    enter(e, ".%s", lua_tostring(e->L, index));
  } else if (lua_type(e->L, index) == LUA_TNUMBER) {
    lua_pushvalue(e->L, index);
    enter(e, "[%s]", lua_tostring(e->L, -1));
    lua_pop(e->L, 1);
  } else {
    enter(e, "[%s]", luaL_typename(e->L, index));
  }
}

/* The __name of an object's metatable, or the plain type. */
static const char *kind_of(lua_State *L, int index) {
  ENS_STACK(L, -0, +0);
  int type = lua_type(L, index);
  if (type == LUA_TFUNCTION) return "C function";
  if (type == LUA_TTHREAD) return "coroutine";
  if (type == LUA_TUSERDATA && luaL_testudata(L, index, LUA_FILEHANDLE)) return "file handle";
  if (!luaL_getmetafield(L, index, "__name")) return lua_typename(L, type);
  const char *name = lua_tostring(L, -1); /* the metatable keeps it */
  lua_pop(L, 1);
  return name ? name : lua_typename(L, type);
}

static ens_status refuse(ens_encoder *e, int index) {
  const char *kind = kind_of(e->L, index);
  return ens_error_set(e->error, ENS_CONFIG,
                       "%s is a %s, which cannot be copied into the workers: numbers, strings, booleans, tables, Lua "
                       "functions and ensemble's arrays can; make it inside the model or its setup",
                       e->path, kind);
}

/* ---- objects: those that came before go by their number ---- */

/* Whether the object came before; *number: its number, or the next one, which is now its own. */
static bool seen_before(ens_encoder *e, const void *identity, uint32_t *number) {
  ENS_STACK(e->L, -0, +0);
  lua_rawgetp(e->L, e->seen, identity);
  bool seen = !lua_isnil(e->L, -1);
  if (seen) *number = (uint32_t)lua_tonumber(e->L, -1);
  lua_pop(e->L, 1);
  if (seen) return true;
  *number = e->nobjects++;
  lua_pushnumber(e->L, *number);
  lua_rawsetp(e->L, e->seen, identity);
  return false;
}

void ens_encoder_forget(ens_encoder *e, uint32_t first) {
  lua_State *L = e->L;
  ENS_STACK(L, -0, +0);
  lua_pushnil(L);
  while (lua_next(L, e->seen)) {
    bool later = lua_tonumber(L, -1) >= first;
    lua_pop(L, 1);
    if (!later) continue;
    lua_pushvalue(L, -1);
    lua_pushnil(L);
    lua_rawset(L, e->seen);
  }
  e->nobjects = first;
}

/* ---- tables ---- */

static ens_status put_pair(ens_encoder *e, int table, int key) {
  ENS_STACK(e->L, -0, +0);
  size_t length = strlen(e->path);
  enter_key(e, key);
  ens_status status = ens_encoder_put(e, key);
  lua_pushvalue(e->L, key);
  lua_rawget(e->L, table);
  if (!status) status = ens_encoder_put(e, lua_gettop(e->L));
  lua_pop(e->L, 1);
  e->path[length] = '\0';
  return status;
}

static ens_status put_metatable(ens_encoder *e, int index) {
  lua_State *L = e->L;
  ENS_STACK(L, -0, +0);
  if (!lua_getmetatable(L, index)) lua_pushnil(L);
  size_t length = strlen(e->path);
  enter(e, "%s", "'s metatable");
  ens_status status = ens_encoder_put(e, lua_gettop(L));
  e->path[length] = '\0';
  lua_pop(L, 1);
  return status;
}

static ens_status put_table(ens_encoder *e, int index) {
  lua_State *L = e->L;
  ENS_STACK(L, -0, +0);
  size_t n = ens_keys_push(L, index);
  int keys = lua_gettop(L);
  ens_status status = put_number(e, ENS_TAG_TABLE, n);
  for (size_t i = 1; !status && i <= n; i++) {
    lua_rawgeti(L, keys, (int)i);
    status = put_pair(e, index, lua_gettop(L));
    lua_pop(L, 1);
  }
  if (!status) status = put_metatable(e, index);
  lua_pop(L, 1);
  return status;
}

/* ---- functions ---- */

static int append(lua_State *L, const void *bytes, size_t size, void *context) {
  ENS_STACK(L, -0, +0);
  return put(context, bytes, size) ? 1 : 0;
}

static ens_status put_code(ens_encoder *e, int index) {
  ENS_STACK(e->L, -0, +0);
  ens_status status = put_number(e, ENS_TAG_FUNCTION, 0);
  size_t begin = e->out->size;
  lua_pushvalue(e->L, index);
  int failed = status ? 1 : ens_compat_dump(e->L, append, e, e->strip);
  lua_pop(e->L, 1);
  if (failed) return e->error && e->error->status ? e->error->status : refuse(e, index);
  uint64_t size = e->out->size - begin;
  if (e->strip) size = ens_bytecode_clear_lines(e->out->bytes + begin, size);
  e->out->size = begin + size;
  memcpy(e->out->bytes + begin - sizeof size, &size, sizeof size);
  return ENS_OK;
}

static ens_status put_function(ens_encoder *e, int index) {
  lua_State *L = e->L;
  ENS_STACK(L, -0, +0);
  if (lua_iscfunction(L, index)) return refuse(e, index);
  ens_status status = put_code(e, index);
  const char *name;
  for (int i = 1; !status && (name = lua_getupvalue(L, index, i)); i++) {
    uint32_t number;
    bool seen = seen_before(e, lua_upvalueid(L, index, i), &number);
    status = put_number(e, seen ? ENS_TAG_SHARED : ENS_TAG_VARIABLE, number);
    size_t length = strlen(e->path);
    enter(e, ": captured variable '%s'", *name ? name : "?");
    if (!seen && !status) status = ens_encoder_put(e, lua_gettop(L));
    e->path[length] = '\0';
    lua_pop(L, 1);
  }
  return status ? status : ens_encoder_put_tag(e, ENS_TAG_END);
}

/* ---- C functions of libraries ---- */

/* By its address, because libraries stay where they are while the process lives; in fingerprints by its place in the
 * library's file. */
static ens_status put_cfunction(ens_encoder *e, ens_tag tag, void *address, const char *name) {
  char fingerprint[64];
  if (e->strip) {
    ens_cfunction_fingerprint(address, fingerprint);
    return ens_encoder_put_text(e, tag, fingerprint, strlen(fingerprint));
  }
  ens_status status = ens_encoder_put_tag(e, tag);
  if (!status && !ens_parcel_put_address(e->out, address)) status = ens_error_memory(e->error);
  return status ? status : ens_encoder_put_text(e, ENS_TAG_STRING, name, strlen(name));
}

static ens_status put_pointer(ens_encoder *e, int index) {
  ENS_STACK(e->L, -0, +0);
  int top = lua_gettop(e->L);
  size_t offset;
  void *address = ens_cfunction_address(e->L, index);
  const char *reason = address ? NULL : lua_tostring(e->L, -1);
  if (address && !ens_library_of(address, &offset)) reason = ens_cfunction_no_library;
  ens_status status = reason || !address ? ens_error_set(e->error, ENS_CONFIG, "%s %s", e->path, reason)
                                         : put_cfunction(e, ENS_TAG_POINTER, address, "");
  lua_settop(e->L, top);
  return status;
}

/* A C function of a library, from ensemble.cfunction or ffi. False: it is another value. */
static bool put_native(ens_encoder *e, int index, ens_status *status) {
  ENS_STACK(e->L, -0, +0);
  const ens_cfunction *self = ens_cfunction_test(e->L, index);
  if (self) {
    void *address;
    memcpy(&address, &self->function, sizeof address);
    *status = put_cfunction(e, ENS_TAG_CFUNCTION, address, self->name);
    return true;
  }
  if (lua_type(e->L, index) <= LUA_TTHREAD) return false;
  *status = put_pointer(e, index);
  return true;
}

/* ---- other objects ---- */

/* A value that every state has goes by its name. False: it is another value. */
static bool put_known(ens_encoder *e, int index, ens_status *status) {
  lua_State *L = e->L;
  ENS_STACK(L, -0, +0);
  ens_push_globals(L);
  bool globals = lua_rawequal(L, -1, index);
  lua_pop(L, 1);
  if (globals) {
    *status = ens_encoder_put_tag(e, ENS_TAG_GLOBALS);
    return true;
  }
  lua_pushvalue(L, index);
  lua_rawget(L, e->names);
  size_t length;
  const char *name = lua_tolstring(L, -1, &length);
  if (name) *status = ens_encoder_put_text(e, ENS_TAG_KNOWN, name, length);
  lua_pop(L, 1);
  return name != NULL;
}

/* A module's table goes by its name, which the worker requires. False: it is another table. */
static bool put_module(ens_encoder *e, int index, ens_status *status) {
  lua_State *L = e->L;
  ENS_STACK(L, -0, +0);
  const char *name = NULL; /* of several the first in the alphabet; package.loaded holds it */
  lua_pushnil(L);
  while (lua_next(L, e->loaded)) {
    if (lua_rawequal(L, -1, index) && lua_type(L, -2) == LUA_TSTRING &&
        (!name || strcmp(lua_tostring(L, -2), name) < 0))
      name = lua_tostring(L, -2);
    lua_pop(L, 1);
  }
  if (name) *status = ens_encoder_put_text(e, ENS_TAG_MODULE, name, strlen(name));
  return name != NULL;
}

/* A work array belongs to one state: the parcel holds a copy, and each state makes its own of it. */
static ens_status put_array(ens_encoder *e, const ens_array *array, bool is_work) {
  size_t index = e->out->narrays;
  if (!ens_parcel_put_array(e->out, is_work ? ens_array_copy(array) : ens_array_retain(array)))
    return ens_error_memory(e->error);
  return put_number(e, is_work ? ENS_TAG_WORK : ENS_TAG_ARRAY, index);
}

static ens_status put_object(ens_encoder *e, int index) {
  ENS_STACK(e->L, -0, +0);
  ens_status status = ENS_OK;
  int type = lua_type(e->L, index);
  if (put_known(e, index, &status)) return status;
  if (type == LUA_TTABLE && put_module(e, index, &status)) return status;
  const ens_array *array = ens_array_test(e->L, index);
  if (!array && put_native(e, index, &status)) return status;
  if (!array && type != LUA_TTABLE && type != LUA_TFUNCTION) return refuse(e, index);
  if (type == LUA_TTABLE && strcmp(kind_of(e->L, index), "sampler") == 0) return refuse(e, index);
  uint32_t number;
  if (seen_before(e, lua_topointer(e->L, index), &number)) return put_number(e, ENS_TAG_OBJECT, number);
  if (array) return put_array(e, array, ens_array_is_work(e->L, index));
  return type == LUA_TTABLE ? put_table(e, index) : put_function(e, index);
}

/* ---- any value ---- */

static ens_status put_lua_number(ens_encoder *e, int index) {
  if (ens_is_int64(e->L, index)) return put_number(e, ENS_TAG_INTEGER, (uint64_t)lua_tointeger(e->L, index));
  uint64_t bits;
  lua_Number number = lua_tonumber(e->L, index);
  memcpy(&bits, &number, sizeof bits);
  return put_number(e, ENS_TAG_FLOAT, bits);
}

static ens_status put_lua_string(ens_encoder *e, int index) {
  size_t length;
  const char *text = lua_tolstring(e->L, index, &length);
  return ens_encoder_put_text(e, ENS_TAG_STRING, text, length);
}

ens_status ens_encoder_put(ens_encoder *e, int index) {
  ENS_STACK(e->L, -0, +0);
  switch (lua_type(e->L, index)) {
    case LUA_TNIL:
      return ens_encoder_put_tag(e, ENS_TAG_NIL);
    case LUA_TBOOLEAN:
      return ens_encoder_put_tag(e, lua_toboolean(e->L, index) ? ENS_TAG_TRUE : ENS_TAG_FALSE);
    case LUA_TNUMBER:
      return put_lua_number(e, index);
    case LUA_TSTRING:
      return put_lua_string(e, index);
    default:
      break;
  }
  if (e->depth == ENS_TAG_MOST_DEPTH || !lua_checkstack(e->L, 20))
    return ens_error_set(e->error, ENS_CONFIG, "%s is nested more than %d levels deep", e->path, ENS_TAG_MOST_DEPTH);
  e->depth++;
  ens_status status = put_object(e, index);
  e->depth--;
  return status;
}

void ens_encoder_start(ens_encoder *e, lua_State *L, const char *what) {
  ENS_STACK(L, -0, +3);
  luaL_checkstack(L, 20, "encoding a value");
  e->L = L;
  ens_encoder_set_path(e, "%s", what);
  ens_known_push_names(L);
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "loaded");
  lua_remove(L, -2);
  lua_newtable(L);
  e->seen = lua_gettop(L);
  e->loaded = e->seen - 1;
  e->names = e->seen - 2;
}
